import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { lintText } from './index.js'

interface Verdict {
  readonly id: string
  readonly yaml: string
  readonly valid: boolean
}

// Recorded from GitLab's parser without its sentences, one verdict per line: docs/lint.md.
const verdicts = readFileSync(new URL('verdicts.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Verdict)

/** Probes that GitLab accepts and the linter does not, each with the reason. */
const unlike: Readonly<Record<string, string>> = {
  'expr-096': '`!` after a value: nobody writes it, and GitLab reads it by accident',
  'expression-dangling-not': 'the same',
}

test.each(verdicts.map((verdict) => [verdict.id, verdict] as const))('the verdict of GitLab on %s is also ours', (id, { yaml, valid }) => {
  const result = lintText(yaml)
  const wanted = id in unlike ? !valid : valid
  expect({ valid: result.valid, findings: result.valid === wanted ? [] : result.findings }).toEqual({ valid: wanted, findings: [] })
})
