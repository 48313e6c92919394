import { type Origin, sha256 } from '@stagegate/schema'
import { expect, test } from 'vitest'
import { originDifference } from './origin-difference.js'

const origin: Origin = {
  rehearsal: false,
  instance: 'https://gitlab.example',
  project: { id: 7, path: 'acme/acme' },
  pipeline: 100,
  job: { id: 101, name: 'seal' },
  commit: 'c'.repeat(40),
  ref: { tag: 'v1.2.3' },
  pipelineKind: 'release',
  plan: sha256('d'.repeat(64)),
}

test('two jobs of one pipeline have none', () => {
  expect(originDifference(origin, origin)).toBeUndefined()
  expect(originDifference(origin, { ...origin, job: { id: 102, name: 'publish: [el/9]' } })).toBeUndefined()
})

test.each<[Partial<Origin>, string]>([
  [{ rehearsal: true }, 'a pipeline of GitLab, and this is a rehearsal'],
  [{ instance: 'https://git.example' }, 'the instance https://gitlab.example, and this is the instance https://git.example'],
  [{ project: { id: 8, path: 'acme/acme' } }, 'the project acme/acme (7), and this is the project acme/acme (8)'],
  [{ project: { id: 7, path: 'acme/other' } }, 'the project acme/acme (7), and this is the project acme/other (7)'],
  [{ pipeline: 99 }, 'pipeline 100, and this is pipeline 99'],
  [{ commit: 'e'.repeat(40) }, `commit ${'c'.repeat(40)}, and this is commit ${'e'.repeat(40)}`],
  [{ ref: { tag: 'v1.2.4' } }, 'the tag v1.2.3, and this is the tag v1.2.4'],
  [{ ref: { branch: 'v1.2.3' } }, 'the tag v1.2.3, and this is the branch v1.2.3'],
  [{ pipelineKind: 'nightly' }, 'the kind release, and this is the kind nightly'],
  [{ plan: sha256('f'.repeat(64)) }, `the plan ${'d'.repeat(64)}, and this is the plan ${'f'.repeat(64)}`],
])('%o differs', (change, said) => {
  expect(originDifference(origin, { ...origin, ...change })).toBe(said)
})
