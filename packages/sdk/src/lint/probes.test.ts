import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { lintText } from './index.js'

interface Probe {
  readonly id: string
  readonly yaml: string
  readonly valid: boolean
  readonly errors: readonly string[]
  readonly jobs?: readonly string[]
}

const lines = readFileSync(new URL('probes.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
// Written by hand from what GitLab's parser printed; the form is that of every line.
const probes = lines.map((line) => JSON.parse(line) as Probe)

/** Texts of GitLab that no finding has, each with the reason. */
const unlike: Readonly<Record<string, string>> = {
  'jobs:a config should contain either a trigger or a needs:pipeline':
    'an echo: the job has a trigger, which GitLab does not read once another key is wrong',
  'jobs:a:rules:rule:changes paths should be an array of strings': 'an echo: there are no paths, which is said already',
  'jobs:a:rules:rule:changes paths has too many entries (maximum 50)': 'an echo: there are no paths, which is said already',
}

describe('GitLab’s own verdict', () => {
  test.each(probes.map((probe) => [probe.id, probe] as const))('on %s is ours too', (_, { yaml, valid, errors, jobs }) => {
    const result = lintText(yaml)
    expect({ valid: result.valid, findings: result.valid === valid ? [] : result.findings }).toEqual({ valid, findings: [] })
    if (jobs !== undefined) expect(result.jobs).toEqual(jobs)
    const said = result.findings.map(({ gitlab }) => gitlab)
    expect(valid || errors.some((error) => said.includes(error))).toBe(true)
    expect(errors.filter((error) => !said.includes(error) && unlike[error] === undefined)).toEqual([])
  })
})
