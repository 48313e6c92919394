import { type Origin, sha256 } from '@stagegate/schema'
import { expect, test } from 'vitest'
import { originOf, planOf } from '../testing/fixtures.js'
import { originDifference } from './origin-difference.js'

const origin = originOf(planOf())

test('two jobs of one pipeline have none', () => {
  expect(originDifference(origin, origin)).toBeUndefined()
  expect(originDifference(origin, { ...origin, job: { id: 102, name: 'publish: [el/9]' } })).toBeUndefined()
})

test.each<[Partial<Origin>, string]>([
  [{ rehearsal: true }, 'a pipeline of GitLab, but this is a rehearsal'],
  [{ instance: 'https://git.example' }, 'the instance https://gitlab.example, but this is the instance https://git.example'],
  [{ project: { id: 8, path: 'acme/acme' } }, 'the project acme/acme (7), but this is the project acme/acme (8)'],
  [{ project: { id: 7, path: 'acme/other' } }, 'the project acme/acme (7), but this is the project acme/other (7)'],
  [{ pipeline: 99 }, 'pipeline 100, but this is pipeline 99'],
  [{ commit: 'e'.repeat(40) }, `commit ${origin.commit}, but this is commit ${'e'.repeat(40)}`],
  [{ ref: { tag: 'v1.2.4' } }, 'the tag v1.2.3, but this is the tag v1.2.4'],
  [{ ref: { branch: 'v1.2.3' } }, 'the tag v1.2.3, but this is the branch v1.2.3'],
  [{ pipelineKind: 'nightly' }, 'the kind release, but this is the kind nightly'],
  [{ plan: sha256('f'.repeat(64)) }, `the plan ${origin.plan}, but this is the plan ${'f'.repeat(64)}`],
])('%o differs', (change, said) => {
  expect(originDifference(origin, { ...origin, ...change })).toBe(said)
})
