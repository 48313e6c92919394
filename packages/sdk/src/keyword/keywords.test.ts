import { describe, expect, test } from 'vitest'
import type { Keyword } from '../form/keyword.js'
import { jobKeywords } from './job-keywords.js'
import { need } from './needs.js'
import { pipelineKeywords } from './pipeline-keywords.js'
import { rule } from './rules.js'
import { isRaw, known, raw, under } from './testing/known-keywords.js'

const below = (keyword: Keyword) => [...new Set(keyword.below?.() ?? [])]

/** What is typed, though this schema does not know it. */
const beyond: Readonly<Record<string, string>> = {
  'job.rules.on': 'ours: kinds',
  'job.rules.manual': 'ours: when: manual, and what it blocks',
  'include.cache': 'the parser takes it with remote',
  'spec.inputs.*.rules.if': 'the schema takes any object as a rule of an input',
  'spec.inputs.*.rules.options': 'the same',
  'spec.inputs.*.rules.default': 'the same',
}

const typed = new Set([
  ...under('job', [...below(jobKeywords), 'start_in', 'when', ...under('rules', below(rule)), ...under('needs', below(need))]).slice(1),
  ...below(pipelineKeywords).map((path) => path.replace(/^inputs/, 'spec.inputs')),
  'spec',
  'stages',
])

describe('every keyword of GitLab’s schema', () => {
  test('is found by the walk, at any depth', () => {
    expect(known.length).toBeGreaterThan(400)
    expect(known).toEqual(
      expect.arrayContaining(['job.artifacts.reports.coverage_report.path', 'job.secrets.*.vault.engine.name', 'spec.inputs.*.regex']),
    )
  })

  test('is typed, or left raw for a reason', () => {
    expect(known.filter((path) => !typed.has(path) && !isRaw(path))).toEqual([])
  })
})

test('no reason outlives what it was for', () => {
  expect(Object.keys(raw).filter((path) => !known.includes(path) || typed.has(path))).toEqual([])
  expect(Object.keys(beyond).filter((path) => known.includes(path) || !typed.has(path))).toEqual([])
})

test('every typed keyword is in the schema, or listed as an exception', () => {
  expect([...typed].filter((path) => !known.includes(path) && !(path in beyond))).toEqual([])
})
