import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { strayOutput } from './stray-output.js'

test.each<[name: string, folder: string, output: string, main: string | undefined, stray: string | undefined]>([
  ['at the top', '.', '.gitlab-ci.yml', undefined, undefined],
  ['in a folder of its own, from the top', '.', 'ci/release.yml', undefined, undefined],
  ['below', 'rel', '.gitlab-ci.yml', undefined, 'rel/.gitlab-ci.yml'],
  ['below, beside another pipeline', 'rel', '.gitlab-ci.yml', 'job: {script: [x]}', 'rel/.gitlab-ci.yml'],
  ['below, and included', 'rel', 'release.yml', 'include: [{local: rel/release.yml}]', undefined],
  ['below, written to the top', 'rel', '../.gitlab-ci.yml', undefined, undefined],
])('a pipeline %s', (_, folder, output, main, stray) => {
  const top = mkdtempSync(join(tmpdir(), 'stray-'))
  mkdirSync(join(top, '.git'))
  mkdirSync(join(top, 'rel'))
  if (main !== undefined) writeFileSync(join(top, '.gitlab-ci.yml'), main)
  expect(strayOutput(join(top, folder), output)).toBe(stray)
})

test('no checkout, no word', () => {
  const top = mkdtempSync(join(tmpdir(), 'stray-'))
  expect(strayOutput(join(top, 'rel'), '.gitlab-ci.yml')).toBeUndefined()
})
