import fc from 'fast-check'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { UsageError } from './error.js'
import { bytes, instant, isLabel, isSha256, isVariableName, later, seconds, sha256 } from './make-atom.js'
import { Instant } from './validator/atoms.js'

describe('Instant', () => {
  test.each(['2026-01-31T12:00:00.000Z', '2024-02-29T23:59:59.999Z', '1970-01-01T00:00:00.000Z'])('takes %s', (text) => {
    expect(v.is(Instant, text)).toBe(true)
  })

  test.each([
    '2026-02-30T00:00:00.000Z',
    '2025-02-29T00:00:00.000Z',
    '2026-13-01T00:00:00.000Z',
    '2026-01-01T24:00:00.000Z',
    '2026-01-01T00:00:60.000Z',
    '2026-01-01T00:00:00Z',
    '2026-01-01T00:00:00.000+00:00',
    '2026-01-01',
    '',
  ])('refuses %s', (text) => {
    expect(v.is(Instant, text)).toBe(false)
  })

  test('every date with a year of four digits can be written, and moved', () => {
    const dates = fc.date({ min: new Date(0), max: new Date('9000-01-01T00:00:00.000Z'), noInvalidDate: true })
    fc.assert(
      fc.property(dates, fc.nat(1_000_000), (date, by) => {
        expect(instant(date)).toBe(date.toISOString())
        expect(Date.parse(later(instant(date), by)) - date.getTime()).toBe(by * 1000)
      }),
    )
  })

  test('is in order as text too', () => {
    expect(instant(0) < later(instant(0), 1)).toBe(true)
  })
})

test('a digest is lower-case hexadecimal, without a prefix', () => {
  expect(isSha256('a'.repeat(64))).toBe(true)
  for (const text of ['A'.repeat(64), 'a'.repeat(63), 'a'.repeat(65), `sha256:${'a'.repeat(64)}`, `${'a'.repeat(64)}\n`])
    expect(isSha256(text)).toBe(false)
  expect(() => sha256('a')).toThrow('a sha256 of 64 lower-case hexadecimal digits')
})

test('bytes and seconds are whole and not negative', () => {
  expect([bytes(0), bytes(2 ** 40), seconds(60)]).toEqual([0, 2 ** 40, 60])
  for (const count of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) {
    expect(() => bytes(count)).toThrow(UsageError)
    expect(() => seconds(count)).toThrow(UsageError)
  }
})

test('a label is one printable line of at most 255 characters', () => {
  for (const text of ['a', 'ubuntu/jammy', 'build: [el/9]', 'Größe', '日本', "it's", 'x'.repeat(255)]) expect(isLabel(text)).toBe(true)
  for (const text of ['', 'a\nb', 'a\u0000', '\u001b[31m', '\u202e', '\u2028', '\u200b', '\ufeff', '\ud800', 'x'.repeat(256)])
    expect(isLabel(text)).toBe(false)
})

test('a variable is named with letters, digits and underscores', () => {
  for (const text of ['A', '_x', 'CI_JOB_TOKEN', 'a1']) expect(isVariableName(text)).toBe(true)
  for (const text of ['', '1A', 'A-B', '$A', 'A\n', 'A B']) expect(isVariableName(text)).toBe(false)
})

describe('a wrong value ends with an error that names it', () => {
  const wrong = (make: () => unknown) => {
    try {
      return make()
    } catch (error) {
      return error
    }
  }

  test.each([
    [() => sha256('sha256:ab'), 'sha256(): expected a sha256 of 64 lower-case hexadecimal digits, got "sha256:ab"'],
    [() => sha256(undefined as never), 'sha256(): expected string, got undefined'],
    [() => sha256('A'.repeat(64)), `sha256(): expected a sha256 of 64 lower-case hexadecimal digits, got "${'A'.repeat(64)}"`],
    [() => sha256('x'.repeat(1000)), /got "x{99}… \(1002 characters\)\n/],
    [() => sha256('a\nb'), /got "a\\nb"\n/],
    [() => bytes(1.5), 'bytes(): expected a whole number of bytes, got 1.5'],
    [() => bytes(-1), 'bytes(): expected a number of bytes, 0 or more, got -1'],
    [() => bytes('530' as never), 'bytes(): expected number, got "530"'],
    [() => bytes(Number.NaN), 'bytes(): expected number, got NaN'],
    [() => seconds(0.5), 'seconds(): expected a whole number of seconds, got 0.5'],
    [() => instant('soon' as never), 'instant(): expected a time that exists, as a date or in milliseconds, got "soon"'],
    [() => instant(Number.NaN), 'instant(): expected a time that exists, as a date or in milliseconds, got NaN'],
    [
      () => instant(Date.UTC(20_000, 0)),
      'instant(): expected a time in UTC such as 2026-01-31T12:00:00.000Z, got "+020000-01-01T00:00:00.000Z"',
    ],
    [() => instant({} as never), /^instant\(\): expected a time .*, got an object\n/],
    [() => instant(Symbol('now') as never), /^instant\(\): expected a time that exists, as a date or in milliseconds, got Symbol\(now\)/],
    [() => bytes(Object.create(null)), /^bytes\(\): expected number, got an object\n/],
  ])('%s', (make, message) => {
    const error = wrong(make)
    expect(error).toBeInstanceOf(UsageError)
    expect(error).toMatchObject({
      code: 'usage/value',
      message: typeof message === 'string' ? expect.stringContaining(message) : expect.stringMatching(message),
    })
  })
})
