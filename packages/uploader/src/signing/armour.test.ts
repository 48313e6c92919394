import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readArmour, writeArmour } from './armour.js'

test('any bytes that are written are read again', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), (packets) => {
      const text = writeArmour('PGP SIGNATURE', packets)
      expect(text.split('\n').every((line) => line.length <= 64)).toBe(true)
      for (const same of [text, text.replaceAll('\n', '\r\n'), text.replace(/\n=.{4}\n/, '\n'), ` \n${text}\n\n`])
        expect(readArmour(same)).toEqual({ kind: 'PGP SIGNATURE', packets: Buffer.from(packets) })
    }),
  )
})

test('the checksum is that of GnuPG', () => {
  // The output of gpg --enarmor for these bytes ends so.
  const packets = Buffer.from('xjMEU/NfCxYJKwYBBAHaRw8BAQdAPwmJlL3ZFu1AUxl5NOSofIBzOhKA1i+AEJkuQ+47JAY=', 'base64')
  expect(writeArmour('PGP PUBLIC KEY BLOCK', packets)).toContain('\nQ+47JAY=\n=zD4a\n-----END PGP PUBLIC KEY BLOCK-----\n')
})

describe('a text of 5 MB is read in time:', () => {
  test.each(['A', ' ', '\n', 'AAAA\n', '=\n', '-', 'A: b\n'])('%j', { timeout: 120_000 }, (part) => {
    const body = part.repeat(5_000_000 / part.length)
    for (const text of [body, `-----BEGIN PGP SIGNATURE-----\n\n${body}\n-----END PGP SIGNATURE-----`, `-----BEGIN PGP ${body}`])
      expect(readArmour(text)).toBeDefined()
  })
})
