import { expect, test } from 'vitest'
import { besideTemplates } from './beside.js'

test.each(['package-deb', `it's "x"`, 'back\\slash', '$HOME ${x}'])('the job %s is named in pipeline.ts as it is', (buildJob) => {
  const templates = besideTemplates({ name: 'acme', distributions: ['el/9'], account: undefined, buildJob })
  const program = templates.find(({ path }) => path === 'release/pipeline.ts')?.text ?? ''
  const written = /build: \{ job: ("(?:[^"\\]|\\.)*") \}/.exec(program)?.[1] ?? ''
  expect(JSON.parse(written)).toBe(buildJob)
})
