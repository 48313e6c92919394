import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { jsonSchemas } from './json-schema.js'
import {
  parseDeploymentRecord,
  parseProgramReceipt,
  parseReceipt,
  parseReleaseManifest,
  parseReleasePlan,
  parseStaging,
  parseStagingRecord,
  parseVerification,
} from './read.js'
import { attempt, deployment, manifest, plan, programReceipt, receipt, record, verification } from './testing/documents.js'

type Parse = (text: string, file: string) => unknown
const documents: readonly { name: keyof typeof jsonSchemas; valid: object; parse: Parse }[] = [
  { name: 'release-plan', valid: plan, parse: parseReleasePlan },
  { name: 'staging-record', valid: record, parse: parseStagingRecord },
  { name: 'staging-attempt', valid: attempt, parse: parseStaging },
  { name: 'release-manifest', valid: manifest, parse: parseReleaseManifest },
  { name: 'deployment-record', valid: deployment, parse: parseDeploymentRecord },
  { name: 'receipt', valid: receipt, parse: parseReceipt },
  { name: 'program-receipt', valid: programReceipt, parse: parseProgramReceipt },
  { name: 'verification', valid: verification, parse: parseVerification },
]

const ajv = new Ajv2020({ strict: true, allErrors: true })

describe.each(documents)('the schema of $name', ({ name, valid, parse }) => {
  const schema = jsonSchemas[name]
  // As it stands in its file.
  const validate = ajv.compile(JSON.parse(JSON.stringify(schema)))
  const takes = (value: unknown) => {
    const text = JSON.stringify(value)
    let parsed = true
    try {
      parse(text, 'here.json')
    } catch {
      parsed = false
    }
    return { parser: parsed, schema: validate(JSON.parse(text)) }
  }

  test('has an id, a title, and says which JSON Schema it is', () => {
    expect(schema).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      $id: `urn:stagegate:v1:${name}`,
      title: 'kind' in valid ? valid.kind : undefined,
    })
  })

  test('takes what the parser takes', () => {
    expect(takes(valid)).toEqual({ parser: true, schema: true })
  })

  test.each([
    { what: 'an unknown field', change: { surprise: 1 } },
    { what: 'another version', change: { apiVersion: 'stagegate/v2' } },
    { what: 'another kind', change: { kind: 'Surprise' } },
  ])('refuses $what, as the parser does', ({ change }) => {
    expect(takes({ ...valid, ...change })).toEqual({ parser: false, schema: false })
  })

  test('refuses any one value replaced by another type, just where the parser does', () => {
    for (const changed of variants(valid)) {
      const { parser, schema: taken } = takes(changed.document)
      expect([changed.at, taken]).toEqual([changed.at, parser])
    }
  })
})

test('patterns and limits are in the schemas', () => {
  const { $defs = {} } = jsonSchemas['release-manifest']
  expect($defs['Sha256']).toEqual({ type: 'string', pattern: '^[0-9a-f]{64}$' })
  expect($defs['Label']).toMatchObject({ minLength: 1, maxLength: 255, pattern: expect.stringContaining('\\p{Cc}') })
  expect($defs['Content']).toMatchObject({ properties: { size: { type: 'integer', minimum: 0 } }, additionalProperties: false })
})

test('only a time that does not exist passes the schema and not the parser', () => {
  const wrong = { ...manifest, sealedAt: '2026-02-30T00:00:00.000Z' }
  expect(ajv.getSchema('urn:stagegate:v1:release-manifest')?.(wrong)).toBe(true)
  expect(() => parseReleaseManifest(JSON.stringify(wrong), 'here.json')).toThrow('expected a time that exists')
})

/** The document with each of its values in turn replaced by values of other kinds. */
function* variants(document: unknown, at = ''): Generator<{ at: string; document: unknown }> {
  for (const other of [null, 7, -1, 0.5, true, '', 'x\ny', 'text', [], {}])
    yield { at: `${at} = ${JSON.stringify(other)}`, document: other }
  if (typeof document !== 'object' || document === null) return
  for (const [key, member] of Object.entries(document)) {
    for (const variant of variants(member, `${at}/${key}`)) {
      const changed = Array.isArray(document)
        ? document.map((item, index) => (String(index) === key ? variant.document : item))
        : { ...document, [key]: variant.document }
      yield { at: variant.at, document: changed }
    }
  }
}
