import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { type Finding, lintText } from './index.js'

interface Probe {
  readonly id: string
  readonly yaml: string
  readonly valid: boolean
  readonly errors: readonly string[]
  readonly jobs?: readonly string[]
}

const fileBeside = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8')

// Recorded from GitLab's parser, one probe per line: docs/lint.md.
const probes = fileBeside('probes.jsonl')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Probe)

/** For each code, GitLab's sentences in the probes, and ours for the same mistake. */
// The cast: a table of this form, which the last test holds to the probes.
const sentences = JSON.parse(fileBeside('sentences.json')) as Readonly<Record<string, Readonly<Record<string, string>>>>

/** Sentences of GitLab that no finding has, each with the reason. */
const unlike: Readonly<Record<string, string>> = {
  'jobs:a config should contain either a trigger or a needs:pipeline':
    'an echo: the job has a trigger, which GitLab does not read once another key is wrong',
  'jobs:a:rules:rule:changes paths should be an array of strings': 'an echo: the missing paths are reported already',
  'jobs:a:rules:rule:changes paths has too many entries (maximum 50)': 'an echo: the missing paths are reported already',
}

function isSaid(error: string, findings: readonly Finding[]): boolean {
  return findings.some(({ code, message }) => sentences[code]?.[error] === message)
}

describe('the verdict of GitLab', () => {
  test.each(probes.map((probe) => [probe.id, probe] as const))(
    'on %s is also ours, and each of its sentences has one of ours',
    (_, { yaml, valid, errors, jobs }) => {
      const result = lintText(yaml)
      expect({ valid: result.valid, findings: result.valid === valid ? [] : result.findings }).toEqual({ valid, findings: [] })
      if (jobs !== undefined) expect(result.jobs).toEqual(jobs)
      expect(valid || errors.some((error) => isSaid(error, result.findings))).toBe(true)
      expect(errors.filter((error) => !isSaid(error, result.findings) && unlike[error] === undefined)).toEqual([])
    },
  )

  test('is on record for every sentence in the table', () => {
    const recorded = new Set(probes.flatMap(({ errors }) => errors))
    expect(
      Object.values(sentences)
        .flatMap(Object.keys)
        .filter((sentence) => !recorded.has(sentence)),
    ).toEqual([])
  })
})
