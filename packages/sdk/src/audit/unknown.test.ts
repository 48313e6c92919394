import { expect, test } from 'vitest'
import { audit } from '../index.js'

const held = `include: {project: acme/ci, file: jobs.yml}
stages: [test, publish]
workflow:
  rules: [{if: $CI_COMMIT_TAG && $CI_COMMIT_REF_PROTECTED == "true"}]
check:
  stage: test
  script: x
release:
  stage: publish
  script: x
  needs: [check]
  rules: [{when: manual, allow_failure: false}]
`
const [ownNeeds, ownRules, ownScript] = ['needs: [check]', 'rules: [{when: manual, allow_failure: false}]', 'script: x\nrelease']
const verdict = (from: string, to: string): readonly [valid: boolean, gate: string] => {
  const { valid, gate } = audit(held.replace(from, to), { publishes: ['release'], gates: ['check'], trust: ['acme/ci: jobs.yml'] })
  return [valid, gate]
}

test.each([
  [ownNeeds, 'needs: !reference [.x, needs]'],
  [ownNeeds, 'needs: [!reference [.x, needs]]'],
  [ownNeeds, 'needs: [[!reference [.x, needs]]]'],
  [ownRules, 'rules: !reference [.x, rules]'],
  [ownRules, 'rules: [!reference [.x, rules]]'],
  [ownRules, 'rules: [!reference [.x, rules], {when: manual, allow_failure: false}]'],
  [ownRules, 'rules: [{when: manual, allow_failure: false, needs: [!reference [.x, needs]]}]'],
  [ownRules, 'rules: [{when: !reference [.x, when], allow_failure: false}]'],
  [ownRules, 'rules: [{when: manual, allow_failure: !reference [.x, allowed]}]'],
  [ownScript, 'script: x\n  allow_failure: !reference [.x, allowed]\nrelease'],
  [ownScript, 'script: x\n  rules: [{if: $A, allow_failure: !reference [.x, allowed]}, {when: on_success}]\nrelease'],
])('a value of a file that is only trusted is no proof: not for %j as %j', (from, to) => {
  expect(verdict(from, to)).toEqual([true, 'open'])
})

test('a job that is wholly such a value can be anything', () => {
  const [before] = held.split('release:')
  const { valid, gate } = audit(`${before}release: !reference [.x, job]\n`, {
    publishes: ['release'],
    gates: ['check'],
    trust: ['acme/ci: jobs.yml'],
  })
  expect([valid, gate]).toEqual([true, 'open'])
})

test.each([
  ['needs: [[check]]', 'holds'],
  ['needs: [[check], ~]', 'holds'],
  ['needs: [[], ~]', 'open'],
])('needs in lists of lists are needs: %s', (needs, gate) => {
  expect(verdict(ownNeeds, needs)).toEqual([true, gate])
})
