import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalText, faultOfText, readClearsigned, writeClearsigned } from './clearsigned.js'

const signature = '-----BEGIN PGP SIGNATURE-----\n\nAAAA\n-----END PGP SIGNATURE-----\n'

test.each([
  ['', '\n'],
  ['a', 'a\n'],
  ['a\n', 'a\n'],
  ['a\n\n', 'a\n\n'],
  ['a \t\r\n b\r\n', 'a\n b\n'],
  ['a\rb\r\r\n', 'a\rb\n'],
  ['\ufeffa\u00a0\n', '\ufeffa\u00a0\n'],
])('the canonical form of %j is %j', (text, canonical) => {
  expect(canonicalText(text)).toBe(canonical)
  expect(canonicalText(canonical)).toBe(canonical)
})

test('any text that is written is read again in its canonical form', () => {
  const line = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('', '-', '- -', '-----BEGIN PGP SIGNATURE-----', 'Hash: MD5', ' \r'))
  fc.assert(
    fc.property(fc.array(line), (lines) => {
      const canonical = canonicalText(Buffer.from(lines.join('\n').replaceAll('\0', '')).toString())
      const read = readClearsigned(Buffer.from(writeClearsigned(canonical, ['SHA512'], signature)))
      if ('because' in read) throw new Error(read.because)
      expect(Buffer.from(read.text).toString()).toBe(canonical)
      expect(Buffer.from(read.signed).toString()).toBe(canonical.slice(0, -1).replaceAll('\n', '\r\n'))
      expect(`${read.signature}\n`).toBe(signature)
    }),
  )
})

test.each([
  ['a\0b\n', 'contains a NUL character'],
  [`a\n${'ü'.repeat(9_501)}\n`, 'has more than 19000 bytes in line 2'],
  [`${'-'.repeat(19_000)}\n`, undefined],
])('GnuPG would not read back a text that %# %s', (text, fault) => {
  expect(faultOfText(text)).toBe(fault)
})

describe('a document of 5 MB is read in time:', () => {
  test.each([
    ['blanks', ' '],
    ['blanks between letters', ' a'],
    ['line breaks', '\n'],
    ['CRs', '\r'],
    ['dashes', '- -'],
    ['frames', '-----BEGIN PGP SIGNATURE-----\n'],
  ])('%s', { timeout: 120_000 }, (_what, part) => {
    const body = part.repeat(5_000_000 / part.length)
    const read = readClearsigned(Buffer.from(`-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n${body}\n${signature}`))
    expect('because' in read || read.text.length > 0).toBe(true)
    expect(canonicalText(body)).toMatch(/\n$/)
  })
})
