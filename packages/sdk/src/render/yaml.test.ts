import type { JsonObject } from '@stagegate/schema'
import fc from 'fast-check'
import { load, YAML11_SCHEMA } from 'js-yaml'
import { describe, expect, test } from 'vitest'
import type { PipelineDocument } from '../gitlab/document.js'
import { renderYaml } from './yaml.js'

const options = { header: ['a header'], comment: () => 'pipeline.ts:1' }
const document = (job: JsonObject): PipelineDocument => ({ stages: ['build'], workflow: { rules: [] }, variables: {}, jobs: { job } })
const text = (job: JsonObject) => renderYaml(document(job), options)
/** The line of `value: …`, without the key. */
const written = (value: string) =>
  text({ a: { b: { c: 1 } }, value })
    .split('\n  value: ')[1]
    ?.trimEnd()

// Of all characters, of those that YAML gives a meaning, and of words that YAML 1.1 or GitLab's parser takes for something else.
const words = [
  'y',
  'No',
  'ON',
  'null',
  '~',
  '',
  '0777',
  '0o7',
  '0x1f',
  '1_000',
  '1,000',
  '1:30',
  '2020-01-01',
  '1e3',
  '.5',
  '.inf',
  '=',
  '<<',
]
const meaning = [...' \n\t\r:#-"\'{}[],&*!|>%@`a1._e~?\\=<', '\u0085', '\u2028', '\u001b', '\ufeff']
const texts = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom(...meaning) }),
  fc.constantFrom(
    ...words,
    '---',
    '...',
    ':x',
    '? a',
    '- a',
    'a: b',
    'a #b',
    '%YAML 1.2',
    '!!binary x',
    '${A:?msg}',
    'a:?b',
    '\tx\ny',
    ' \n',
    'x\n\n',
  ),
)

test('a YAML 1.1 parser reads back every value and key as it was rendered', () => {
  const jobs = fc.record({
    script: fc.array(texts),
    variables: fc.dictionary(texts, texts),
    deep: fc.array(fc.record({ if: texts, variables: fc.dictionary(texts, texts), list: fc.array(texts) })),
  })
  fc.assert(
    fc.property(jobs, (job) => {
      // Compared as JSON, for the parser's objects have no prototype.
      const read = JSON.parse(JSON.stringify(load(text(job), { schema: YAML11_SCHEMA })))
      expect(read.job).toEqual(JSON.parse(JSON.stringify(job)))
    }),
    { numRuns: 400 },
  )
})

test('names of jobs are read back too', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(
        texts.filter((name) => !['stages', 'workflow', 'variables', '__proto__'].includes(name)),
        { maxLength: 5 },
      ),
      (names) => {
        const jobs = Object.fromEntries(names.map((name) => [name, { script: ['x'] }]))
        const read = load(renderYaml({ ...document({}), jobs }, options), { schema: YAML11_SCHEMA })
        expect(Object.keys(read as object).toSorted()).toEqual(['stages', 'workflow', ...names].toSorted())
      },
    ),
  )
})

describe('strings that GitLab’s parser would take for something else are quoted', () => {
  test.each(['1,000', '-1,2', '0b1', '12:30', ':x', ':', '1.', '2026-01-31', 'yes', '=', '<<', '?x', '0777', '1e3', '+.5', ''])(
    '%j',
    (value) => {
      expect(written(value)).toBe(JSON.stringify(value))
    },
  )
})

describe('strings that are plain stay plain', () => {
  test.each(['v1.2.3', 'node:24-slim', '3 days', '$CI_COMMIT_TAG =~ /^v\\d+$/', 'dist/*', 'make package', '.stagegate/x', '1h50m', 'a:b'])(
    '%s',
    (value) => {
      expect(written(value)).toBe(value)
    },
  )
})

test('a number stays one, in Ruby too, which takes 1e+21 for a text', () => {
  expect(text({ list: [1e21, -5e-7, 1.5e300, 2, -0.25] })).toContain('- 1.0e+21\n    - -5.0e-7\n    - 1.5e+300\n    - 2\n    - -0.25\n')
})

test('several lines are a block; control characters are escaped', () => {
  expect(written('one\n  two\n')).toBe('|\n    one\n      two')
  expect(written('  one\ntwo')).toBe('|2-\n      one\n    two')
  expect(written('\u001b[1mbold\u001b[0m')).toBe('"\\u001b[1mbold\\u001b[0m"')
  expect(written('a\u2028b\u0085c')).toBe('"a\\u2028b\\u0085c"')
  expect(written('a\r\nb')).toBe('"a\\r\\nb"')
})

test('nothing is an anchor or an alias, even if one object occurs twice', () => {
  const shared = { a: 'x', b: ['y'] }
  expect(text({ one: shared, two: shared })).not.toMatch(/[&*]/)
})

test('the header and the comments are where a person looks for them', () => {
  const [first, , stages] = text({ script: ['x'] }).split('\n')
  expect([first, stages]).toEqual(['# a header', 'stages: [build]'])
  expect(text({ script: ['make it'], rules: [{ if: '$A' }] })).toContain(
    '\n\n# pipeline.ts:1\njob:\n  script:\n    - make it\n  rules:\n    - if: $A\n',
  )
})
