import type { JsonValue } from '@stagegate/schema'
import { Duration } from '../duration.js'

/** What is wrong with a value, and at which keyword: `artifacts.expireIn`. */
export type KeywordProblem =
  | { readonly is: 'unknown'; readonly keyword: string; readonly meant: string | undefined }
  | { readonly is: 'value'; readonly keyword: string; readonly expected: string; readonly found: string }
export type ReportProblem = (problem: KeywordProblem) => void

/** How one keyword's value is checked and written as GitLab reads it. `undefined` leaves the keyword out. */
export interface Keyword<in T = never> {
  /** GitLab's name, where it is another than ours in snake_case. */
  readonly name?: string
  readonly render: (value: T, at: string, report: ReportProblem) => JsonValue | undefined
  /** GitLab's names of what can stand below it: `reports`, `reports.junit`; `*` is a key of the author's. */
  readonly below?: () => readonly string[]
}

export function checked<T>(expected: string, fits: (value: unknown) => boolean, write: (value: T) => JsonValue | undefined): Keyword<T> {
  return {
    render(value, at, report) {
      if (fits(value)) return write(value)
      report({ is: 'value', keyword: at, expected, found: shown(value) })
      return undefined
    },
  }
}

export const text: Keyword<string> = checked('a text', isText, String)
export const flag: Keyword<boolean> = checked('true or false', isFlag, Boolean)
export const number: Keyword<number> = checked('a number', (value) => typeof value === 'number' && Number.isFinite(value), Number)
export const duration: Keyword<Duration> = checked('a Duration, such as Duration.hours(2)', (value) => value instanceof Duration, String)
export const durationOrNever: Keyword<Duration | 'never'> = checked(
  'a Duration, or never',
  (value) => value instanceof Duration || value === 'never',
  String,
)

/** A text of a certain form, said in words. */
export function textLike(form: RegExp, expected: string): Keyword<string> {
  return checked(expected, (value) => typeof value === 'string' && form.test(value), String)
}

export function integer(least: number, most: number): Keyword<number> {
  return checked(
    `a whole number from ${least} to ${most}`,
    (value) => Number.isInteger(value) && Number(value) >= least && Number(value) <= most,
    Number,
  )
}

export function oneOf<const T extends string | boolean>(...choices: readonly T[]): Keyword<T> {
  return checked(
    `one of ${choices.join(', ')}`,
    (value) => choices.some((choice) => choice === value),
    (value) => value,
  )
}

/** The same keyword under a name of GitLab's that is not ours in snake_case. */
export function named<T>(name: string, keyword: Keyword<T>): Keyword<T> {
  return { ...keyword, name }
}

export function gitlabName(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

export function isText(value: unknown): value is string {
  return typeof value === 'string'
}

export function isFlag(value: unknown): value is boolean {
  return typeof value === 'boolean'
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Duration)
}

export function shown(value: unknown): string {
  if (value === null || typeof value === 'function') return String(value === null ? value : 'a function')
  if (value instanceof Duration || value instanceof RegExp) return String(value)
  if (typeof value === 'object') return Array.isArray(value) ? `a list of ${value.length}` : 'an object'
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 60)) : String(value)
}
