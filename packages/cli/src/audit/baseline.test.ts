import { audit } from '@stagegate/sdk'
import { expect, test } from 'vitest'
import { acceptedOf, compareWith } from './baseline.js'

const open = 'a: {script: [x]}\nb: {script: [x]}\n'
const findingsOf = (yaml: string, publishes = ['a', 'b']) => audit(yaml, { publishes, file: 'ci.yml' }).findings
const keys = (findings: readonly { readonly code: string; readonly job?: string | undefined }[]) =>
  findings.map(({ code, job }) => `${code} ${job ?? ''}`)

test('findings of today are known tomorrow, wherever their lines have moved', () => {
  const accepted = acceptedOf(findingsOf(open))
  const moved = compareWith(accepted, findingsOf(`# a comment\n\n${open}`))
  expect([moved.fresh, moved.stale]).toEqual([[], []])
  expect(moved.known.length).toBeGreaterThan(4)
  expect(JSON.stringify(accepted)).not.toMatch(/"line"|ci\.yml:/)
})

test('a baseline says the same, in whichever order findings come', () => {
  const findings = findingsOf(open)
  expect(acceptedOf(findings.toReversed())).toEqual(acceptedOf(findings))
})

test('the same mistake of another job, of another file or with other facts is new', () => {
  const accepted = acceptedOf(findingsOf(open))
  const fresh = (yaml: string, publishes?: string[]) => keys(compareWith(accepted, findingsOf(yaml, publishes)).fresh)
  expect(fresh(`${open}c: {script: [x]}\n`, ['a', 'b', 'c'])).toContain('gate/open c')
  expect(fresh(open.replace('a: {', 'a: {rules: [{if: $CI_COMMIT_TAG}], '))).toContain('gate/open a')
  const elsewhere = findingsOf(open).map((finding) => ({ ...finding, file: 'other.yml' }))
  expect(compareWith(accepted, elsewhere).known).toEqual([])
})

test('an accepted finding that no longer occurs is stale', () => {
  const accepted = acceptedOf(findingsOf(open))
  expect(keys(compareWith(accepted, findingsOf(open, ['a'])).stale)).toContain('gate/open b')
})

test('each acceptance counts for as many findings as were there', () => {
  const [finding] = findingsOf(open)
  if (finding === undefined) throw new Error('no finding')
  const accepted = acceptedOf([finding, finding])
  expect(accepted.map(({ count }) => count)).toEqual([2])
  expect(compareWith(accepted, [finding, finding, finding]).fresh).toHaveLength(1)
  expect(compareWith(accepted, [finding]).stale).toEqual([expect.objectContaining({ count: 1 })])
})

test('a warning that was accepted as a guess does not accept the error of the job that is named', () => {
  const yaml = 'a: {script: [npm publish]}\n'
  const accepted = acceptedOf(findingsOf(yaml, []))
  expect(keys(accepted)).toContain('gate/open a')
  expect(keys(compareWith(accepted, findingsOf(yaml, ['a'])).fresh)).toContain('gate/open a')
})

test('a refusal of GitLab and a wrong name in the call cannot be accepted', () => {
  const wrong = [...findingsOf(open, ['nobody']), ...audit('a: {script: [x], needs: [nobody]}\n').findings]
  const errors = wrong.filter(({ severity }) => severity === 'error')
  expect(keys(errors)).toEqual(['audit/no-such-job nobody', 'gitlab/needs-undefined a'])
  expect(acceptedOf(errors)).toEqual([])
  const forged = errors.map(({ code, severity, file, job, facts }) => ({ code, severity, file, ...(job && { job }), facts, count: 1 }))
  expect(compareWith(forged, errors).fresh).toEqual(errors)
})
