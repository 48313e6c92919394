import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonical, digestOf } from './canonical.js'
import { manifest } from './testing/documents.js'

// Vectors from the rules of RFC 8785: 3.2.2.2 (strings), 3.2.2.3 (numbers), 3.2.3 (order of keys).
test.each([
  { value: null, text: 'null' },
  { value: true, text: 'true' },
  { value: -0, text: '0' },
  { value: 1.0, text: '1' },
  { value: 1e21, text: '1e+21' },
  { value: 1e20, text: '100000000000000000000' },
  { value: 0.000001, text: '0.000001' },
  { value: 1e-7, text: '1e-7' },
  { value: 1 / 3, text: '0.3333333333333333' },
  { value: 5e-324, text: '5e-324' },
  { value: 9007199254740992, text: '9007199254740992' },
  { value: '\u20ac$\u000f\nA\'B"\\\\"/', text: '"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"' },
  { value: '\b\t\f\r\u0000\u007f', text: '"\\b\\t\\f\\r\\u0000\u007f"' },
  { value: [], text: '[]' },
  { value: {}, text: '{}' },
  { value: [3, [2], { b: 1, a: [] }], text: '[3,[2],{"a":[],"b":1}]' },
  { value: { a: undefined, b: 1 }, text: '{"b":1}' },
])('$value is written as $text', ({ value, text }) => {
  expect(canonical(value)).toBe(text)
})

test('keys are in the order of their UTF-16 code units, not of their characters', () => {
  const keys = ['\u20ac', '\r', '\ufb33', '1', '\u{1f600}', '\u0080', '\u00f6']
  const written = canonical(Object.fromEntries(keys.map((key) => [key, 0])))
  expect(Object.keys(JSON.parse(written))).toEqual(['1', '\r', '\u0080', '\u00f6', '\u20ac', '\u{1f600}', '\ufb33'])
})

test('is what JSON.parse reads back', () => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
      // JSON itself knows no -0.
      expect(JSON.parse(canonical(value))).toEqual(JSON.parse(JSON.stringify(value)))
    }),
  )
})

test('does not depend on the order in which keys were made', () => {
  const shuffled = fc
    .dictionary(fc.string(), fc.jsonValue())
    .chain((object) => fc.tuple(fc.constant(object), fc.shuffledSubarray(Object.keys(object), { minLength: Object.keys(object).length })))
  fc.assert(
    fc.property(shuffled, ([object, keys]) => {
      const other = Object.fromEntries(keys.map((key) => [key, object[key]]))
      expect(canonical(other)).toBe(canonical(object))
      expect(digestOf(other)).toBe(digestOf(object))
    }),
  )
})

test('two values are written alike only if they are the same', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (one, other) => {
      const alike = canonical(one) === canonical(other)
      expect(alike).toBe(canonical(JSON.parse(JSON.stringify(one))) === canonical(JSON.parse(JSON.stringify(other))))
      if (alike) expect(JSON.parse(JSON.stringify(one))).toEqual(JSON.parse(JSON.stringify(other)))
    }),
  )
})

test.each([
  Number.NaN,
  Number.POSITIVE_INFINITY,
  undefined,
  () => 1,
  Symbol('s'),
  [undefined],
  new Array(1),
  new Date(0),
  new Map([[1, 2]]),
  { a: new Set([1]) },
])('refuses %s, which JSON cannot hold', (value) => {
  expect(() => canonical(value)).toThrow(TypeError)
})

test('the digest of a document does not change from one version of Stagegate to the next', () => {
  expect(digestOf({})).toBe('44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a')
  expect(digestOf({ b: [1, 'ö'], a: null })).toBe('9d5c47518a06445535131f6b8f0d1aa2e7be65b35b529de0c930c792d6c08deb')
  expect(digestOf(manifest)).toBe(digestOf(structuredClone(manifest)))
})
