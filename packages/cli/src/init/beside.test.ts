import { expect, test } from 'vitest'
import { besideTemplates, starterLines } from './beside.js'

test.each(['package-deb', `it's "x"`, 'back\\slash', '$HOME ${x}'])('the job %s is named in pipeline.ts as it is', (buildJob) => {
  const templates = besideTemplates({
    name: 'acme',
    distributions: ['el/9'],
    account: undefined,
    project: undefined,
    buildJob,
    startedBy: undefined,
  })
  const program = templates.find(({ path }) => path === 'release/pipeline.ts')?.text ?? ''
  const written = /build: \{ job: ("(?:[^"\\]|\\.)*") \}/.exec(program)?.[1] ?? ''
  expect(JSON.parse(written)).toBe(buildJob)
})

test('a child pipeline is started for its tags alone, after the build', () => {
  const answers = {
    name: 'acme',
    distributions: ['el/9'],
    account: undefined,
    project: undefined,
    buildJob: 'make "it"',
    startedBy: 'release',
  }
  expect(starterLines(answers, 'deploy')).toContain('needs: ["make \\"it\\""]')
  expect(starterLines(answers, 'deploy')).toContain("if: '$CI_COMMIT_TAG =~ /^v\\d+\\.\\d+\\.\\d+$/'")
  expect(besideTemplates(answers).find(({ path }) => path === 'release/pipeline.ts')?.text).toContain("startedBy: { job: 'release' }")
})
