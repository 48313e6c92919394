import { array, assert, constantFrom, dictionary, jsonValue, letrec, oneof, property, string } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { lintDocument, lintText } from './index.js'

const keywords = constantFrom(
  'script',
  'trigger',
  'needs',
  'rules',
  'parallel',
  'matrix',
  'image',
  'services',
  'cache',
  'key',
  'artifacts',
  'reports',
  'environment',
  'release',
  'variables',
  'stages',
  'stage',
  'default',
  'workflow',
  'inherit',
  'include',
  'extends',
  'retry',
  'when',
  'only',
  'except',
  'if',
  'changes',
  'exists',
  'job',
  'pipeline',
  'project',
  'paths',
  'name',
  'on_stop',
  'dependencies',
  'a',
  '.a',
  'spec',
  'inputs',
  '__proto__',
  'constructor',
  'toString',
)
// Documents made of GitLab's own words, so that they come far.
const { document } = letrec((tie) => ({
  document: dictionary(keywords, tie('value'), { maxKeys: 6 }),
  value: oneof(
    { depthSize: 'small' },
    constantFrom('a', '.a', 'x', '1 day', 'delayed', '', 0, 3, 201, true, null),
    // YAML 1.1 takes `1e-7` for a text: such a number cannot be written as the library would.
    jsonValue().filter((value) => !/\de[-+]?\d/.test(JSON.stringify(value))),
    array(tie('value'), { maxLength: 4 }),
    tie('document'),
  ),
}))

/** `letrec` does not know what it makes. */
const objectOf = (given: unknown): Record<string, unknown> => Object.fromEntries(Object.entries(given ?? {}))

describe('no document whatever', () => {
  test('makes the check throw, and what is found has a code, a rule and a sentence', () => {
    assert(
      property(document, (given) => {
        for (const finding of lintDocument(objectOf(given))) {
          expect(finding.code).toMatch(/^gitlab\/[a-z\d-]+$/)
          expect(finding.rule).toMatch(/^[A-Z]\d+$/)
          expect(finding.message).not.toBe('')
        }
      }),
      { numRuns: 1_000 },
    )
  })

  test('is judged otherwise as text than as data', () => {
    assert(
      property(document, (given) => {
        // Text has no two keys of the same name in another order, and no empty document.
        const text = stringify(given, { version: '1.1', aliasDuplicateObjects: false, merge: false })
        const codes = (findings: readonly { readonly code: string }[]): readonly string[] => findings.map(({ code }) => code)
        if (Object.keys(objectOf(given)).length > 0) expect(codes(lintText(text).findings)).toEqual(codes(lintDocument(objectOf(given))))
      }),
      { numRuns: 300 },
    )
  })

  test('makes the check throw as text', () => {
    const text = string({
      unit: constantFrom('a', ':', ' ', '\n', '-', '[', ']', '{', '}', '&', '*', '!', '<', '>', '|', "'", '"', '#', ','),
    })
    assert(
      property(oneof(string(), text), (given) => {
        const { valid, findings } = lintText(given)
        expect(findings.some(({ severity }) => severity === 'error')).toBe(!valid)
      }),
      { numRuns: 1_000 },
    )
  })

  test('nests so deep that the stack ends', () => {
    expect(lintText('['.repeat(3_000)).findings).toMatchObject([{ rule: 'Y3' }])
  })
})
