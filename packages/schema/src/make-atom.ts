import * as v from 'valibot'
import type { Bytes, Instant, Seconds, Sha256 } from './atoms.js'
import { UsageError } from './error.js'
import * as atoms from './validator/atoms.js'

/** Whether a text can be a label, such as the name of a target or a repository: printable, on one line, 1 to 255 characters. */
export function isLabel(text: string): boolean {
  return v.is(atoms.Label, text)
}

/** Whether a text can name an environment variable: letters, digits and `_`, at most 255, with no digit in front. */
export function isVariableName(text: string): boolean {
  return v.is(atoms.VariableName, text)
}

/**
 * The digest that a text is.
 * @throws {UsageError} `usage/value`: it is not 64 lower-case hexadecimal digits
 * @example
 * const content = { sha256: sha256('9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'), size: bytes(4) }
 */
export function sha256(hex: string): Sha256 {
  return checked(atoms.Sha256, hex, 'sha256')
}

/** Whether a text is 64 lower-case hexadecimal digits. */
export function isSha256(text: string): text is Sha256 {
  return v.is(atoms.Sha256, text)
}

/**
 * A number of bytes.
 * @throws {UsageError} `usage/value`: the count is not whole, or negative
 * @example
 * const mebibyte = bytes(2 ** 20)
 */
export function bytes(count: number): Bytes {
  return checked(atoms.Bytes, count, 'bytes')
}

/**
 * A length of time.
 * @throws {UsageError} `usage/value`: the count is not whole, or negative
 */
export function seconds(count: number): Seconds {
  return checked(atoms.Seconds, count, 'seconds')
}

/**
 * The moment of a date, or of milliseconds since 1970.
 * @throws {UsageError} `usage/value`: there is no such moment, or its year has not four digits
 * @example
 * const deadline = later(instant(Date.now()), 3600)
 */
export function instant(at: Date | number): Instant {
  const date = typeof at === 'number' || at instanceof Date ? new Date(at) : undefined
  if (date === undefined || Number.isNaN(date.getTime())) throw wrong('instant', 'a time that exists, as a date or in milliseconds', at)
  const text = date.toISOString()
  // The cast: what it makes of a year of four digits is one. Those of other lengths are refused; to check all, thousands of times, takes long.
  return text.length === 24 ? (text as Instant) : checked(atoms.Instant, text, 'instant')
}

/** `at`, moved by a number of seconds. */
export function later(at: Instant, by: number): Instant {
  return instant(Date.parse(at) + by * 1000)
}

function checked<T>(schema: v.GenericSchema<T>, value: unknown, name: string): T {
  const result = v.safeParse(schema, value, { abortEarly: true })
  if (result.success) return result.output
  const [{ kind, message, expected }] = result.issues
  throw wrong(name, kind === 'validation' ? message : (expected ?? message), value)
}

function wrong(name: string, expected: string, value: unknown): UsageError {
  return new UsageError({
    code: 'usage/value',
    where: `${name}()`,
    what: `expected ${expected}, got ${shown(value)}`,
    next: 'Pass such a value.',
  })
}

/** The value on one line, and not all of a long one. */
function shown(value: unknown): string {
  const text = typeof value === 'string' ? JSON.stringify(value) : typeof value === 'object' && value !== null ? 'an object' : String(value)
  return text.length <= 100 ? text : `${text.slice(0, 100)}… (${text.length} characters)`
}
