import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isStagegateError } from './error.js'
import {
  DocumentError,
  documentLimit,
  documentText,
  parseReceipt,
  parseReleaseManifest,
  parseReleasePlan,
  parseStaging,
  parseStagingRecord,
  parseVerification,
} from './read.js'
import { attempt, manifest, plan, receipt, record, verification } from './testing/documents.js'

type Parse = (text: string, file: string) => unknown
const documents: readonly { kind: string; valid: object; parse: Parse }[] = [
  { kind: 'ReleasePlan', valid: plan, parse: parseReleasePlan },
  { kind: 'StagingRecord', valid: record, parse: parseStagingRecord },
  { kind: 'ReleaseManifest', valid: manifest, parse: parseReleaseManifest },
  { kind: 'Receipt', valid: receipt, parse: parseReceipt },
  { kind: 'Verification', valid: verification, parse: parseVerification },
]

function refusal(parse: Parse, text: string): DocumentError {
  try {
    parse(text, 'here.json')
  } catch (error) {
    if (error instanceof DocumentError) return error
    throw error
  }
  throw new Error('Expected a DocumentError, nothing was thrown')
}
const json = (value: unknown) => JSON.stringify(value)

test('in the place of a staging record stands the record, or the attempt of a job that has not ended', () => {
  for (const one of [record, attempt]) expect(parseStaging(documentText(one), 'here.json')).toEqual(one)
  expect(refusal(parseStaging, json({ ...attempt, kind: 'Surprise' })).what).toBe(
    'expected ("StagingRecord" | "StagingAttempt"), found "Surprise"',
  )
  expect(refusal(parseStaging, json({ ...attempt, surprise: 1 })).path).toBe('surprise')
})

describe.each(documents)('$kind', ({ valid, parse, kind }) => {
  test('is read as it was written', () => {
    expect(parse(documentText(valid), 'here.json')).toEqual(valid)
  })

  test('refuses a field that it does not have', () => {
    const error = refusal(parse, json({ ...valid, surprise: 1 }))
    expect(error.path).toBe('surprise')
    expect(error.message).toBe(
      'here.json at surprise: expected no such field, found "surprise"\n' +
        'Only Stagegate writes its documents. Run the job that wrote this one again.',
    )
  })

  test('refuses another version, and says which side to update', () => {
    const error = refusal(parse, json({ ...valid, apiVersion: 'stagegate/v2' }))
    expect(error.message).toBe(
      'here.json at apiVersion: expected "stagegate/v1", found "stagegate/v2"\n' +
        'It was written by another version of Stagegate. Use the same version in all jobs of a pipeline.',
    )
  })

  test('refuses another kind', () => {
    const error = refusal(parse, json({ ...valid, kind: 'Surprise' }))
    expect(error).toMatchObject({ code: 'document/invalid', file: 'here.json', path: 'kind' })
    expect(error.what).toBe(`expected "${kind}", found "Surprise"`)
  })

  test('refuses to be without any one of its fields', () => {
    for (const field of Object.keys(valid)) {
      const error = refusal(parse, json({ ...valid, [field]: undefined }))
      expect([error.path, error.what]).toEqual([field, 'expected this field, found nothing'])
    }
  })

  test('refuses anything but an object', () => {
    for (const value of [null, 'text', 7, true]) expect(refusal(parse, json(value)).path).toBe('')
    expect(refusal(parse, '[]').path).toBe('apiVersion')
  })

  test('throws nothing but a DocumentError, whatever the text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
        expect(isStagegateError(refusal(parse, text))).toBe(true)
      }),
    )
  })
})

test('names the field at fault by its path', () => {
  const [first, ...rest] = record.artifacts
  const wrong = { ...record, artifacts: [...rest, { ...first, content: { sha256: 'A'.repeat(64), size: 1 } }] }
  const error = refusal(parseStagingRecord, json(wrong))
  expect(error.path).toBe('artifacts.1.content.sha256')
  expect(error.what).toBe(`expected a sha256 of 64 lower-case hexadecimal digits, found "${'A'.repeat(64)}"`)
})

test('refuses an unknown field deep inside', () => {
  const wrong = { ...receipt, origin: { ...receipt.origin, project: { ...receipt.origin.project, visibility: 'public' } } }
  expect(refusal(parseReceipt, json(wrong)).path).toBe('origin.project.visibility')
})

test('refuses a list where an object with keys of its own should be', () => {
  expect(refusal(parseReleasePlan, json({ ...plan, kinds: [] })).what).toBe('expected an object, found Array')
})

test('refuses more than the limit before it reads any of it', () => {
  const error = refusal(parseReceipt, ' '.repeat(documentLimit + 1))
  expect(error.message).toContain(`here.json: expected at most ${documentLimit} characters, found ${documentLimit + 1}\n`)
})

test('refuses what is not JSON, and keeps the cause', () => {
  const error = refusal(parseReceipt, '{"kind": ')
  expect(error.what).toMatch(/^expected JSON: /)
  expect(error.cause).toBeInstanceOf(SyntaxError)
})

test.each([
  ['a receipt', parseReceipt, 'Run the job that wrote this one again.'],
  ['a manifest', parseReleaseManifest, 'Download the artifacts of the seal job again, or run the seal job again.'],
])('%s that is broken is named, with the next step and without characters that cannot be printed', (_what, parse, next) => {
  const error = refusal(parse, 'PK\u0003\u0004\ufffd\ud800')
  expect(error.where).toBe('here.json')
  expect(error.next).toContain(next)
  expect(error.message).toMatch(/^[\n\x20-\x7e]+$/)
})

test('refuses nesting that its own checks would not survive', () => {
  const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`
  expect(refusal(parseReceipt, deep).what).toBe('expected at most 64 levels of nesting, found more')
})

test('refuses keys that an object would swallow, instead of leaving them out', () => {
  for (const key of ['__proto__', 'constructor', 'prototype']) {
    const text = json(plan).replace('"branch":{"when"', `"${key}":{"when"`)
    expect(refusal(parseReleasePlan, text).path).toBe(`kinds.${key}`)
  }
})

test('an error stays short and on one line, whatever was found', () => {
  const error = refusal(parseReceipt, json({ ...receipt, release: `\u001b[31m\nforged line${'x'.repeat(10_000)}` }))
  expect(error.what).not.toMatch(/[\n\u001b]/)
  expect(error.what.length).toBeLessThan(200)
})

test('a document in a file ends in a newline and is indented for people', () => {
  expect(documentText({ a: [1] })).toBe('{\n  "a": [\n    1\n  ]\n}\n')
})
