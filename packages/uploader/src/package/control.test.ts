import { describe, expect, test } from 'vitest'
import { parseControl } from './control.js'
import { PackageError } from './error.js'

describe('parseControl', () => {
  test('reads fields in any case, with continuation lines', () => {
    const fields = parseControl('Package: acme\nVERSION:1.2\nDescription: short\n long\n .\n\tmore\n', 'x')
    expect([...fields]).toEqual([
      ['package', 'acme'],
      ['version', '1.2'],
      ['description', 'short\n long\n .\n\tmore'],
    ])
  })

  test('takes spaces and tabs off the ends of a value, and nothing else', () => {
    const fields = parseControl('A:\t b \t\nC:\nD:\xa0d\xa0\n', 'x')
    expect([...fields.values()]).toEqual(['b', '', '\xa0d\xa0'])
  })

  test.each([
    ['spaces within a line', `Package: a${' '.repeat(1_000_000)}b\n`],
    ['empty lines', `Package: a\n${'\n'.repeat(1_000_000)}b: c\n`],
    ['continuation lines', `Package: a\n${' b\n'.repeat(300_000)}`],
    ['fields', Array.from({ length: 100_000 }, (_, at) => `A${at}: b\n`).join('')],
  ])('takes a megabyte of %s without going over it again and again', { timeout: 20_000 }, (_what, text) => {
    // Reading it in quadratic time would take hours, and the test would run out of time.
    const error = caught(() => parseControl(text, 'x'))
    expect(error === undefined || error instanceof PackageError).toBe(true)
  })

  test('tolerates empty lines at the end, and bytes above ASCII', () => {
    expect(parseControl('Package: acme\nMaintainer: J\xf6rg\n\n\n', 'x').get('maintainer')).toBe('J\xf6rg')
  })

  test.each([
    ['the same field twice', 'Package: a\nPackage: b\n'],
    ['the same field twice in another case', 'Package: a\npackage: b\n'],
    ['a second stanza', 'Package: a\n\nPackage: b\n'],
    ['a second stanza after a line of spaces', 'Package: a\n \t\nSection: b\n'],
    ['an empty line at the beginning', '\nPackage: a\n'],
    ['no end of the last line', 'Package: a\nVersion: 1'],
    ['nothing at all', ''],
    ['a field without a name', ': a\n'],
    ['a space before the colon', 'Package : a\n'],
    ['a byte order mark', '\xef\xbb\xbfPackage: a\n'],
    ['a name that is no ASCII', 'P\xe4ckage: a\n'],
    ['a continuation before any field', ' Package: a\n'],
    ['a line that is no field', 'Package: a\nnonsense\n'],
    ['a comment', '#Package: a\n'],
    ['a name that begins with a dash', '-Package: a\n'],
    ['a carriage return', 'Package: a\rVersion: 1\n'],
    ['Windows line ends', 'Package: a\r\n'],
    ['a NUL', 'Package: a\0\n'],
    ['an escape sequence', 'Package: a\x1b[2J\n'],
    ['a delete', 'Package: a\x7f\n'],
  ])('refuses %s', (_what, text) => {
    expect(() => parseControl(text, 'x')).toThrow(PackageError)
  })
})

function caught(run: () => unknown): unknown {
  try {
    run()
    return undefined
  } catch (error) {
    return error
  }
}
