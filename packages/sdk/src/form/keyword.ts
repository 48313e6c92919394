import type { JsonValue } from '@stagegate/schema'
import { Duration } from '../duration.js'
import { aString, choiceOf, type Form, integerFrom, trueOrFalse } from './form.js'

/** A problem of a keyword's value, with the path of the keyword: `artifacts.expireIn`. */
export type KeywordProblem =
  | { readonly is: 'unknown'; readonly keyword: string; readonly meant: string | undefined }
  | { readonly is: 'value'; readonly keyword: string; readonly expected: string; readonly found: string }
export type ReportProblem = (problem: KeywordProblem) => void

/** Checks the value of one keyword, and renders it for GitLab. `undefined` omits the keyword. */
export interface Keyword<in T = never> {
  /** GitLab's name, if it is not ours in snake_case. */
  readonly name?: string
  readonly render: (value: T, at: string, report: ReportProblem) => JsonValue | undefined
  /** GitLab's names of the keywords below it: `reports`, `reports.junit`. `*` stands for a key that the author chooses. */
  readonly below?: () => readonly string[]
  /** Whether `undefined` is a mistake, where the key is there: a variable that was never set would change what is released. */
  readonly refusesUndefined?: boolean
}

/** Writes a value that has the form, and reports any other. */
export function checked<T>({ expected, fits }: Form, write: (value: T) => JsonValue | undefined, show = shown): Keyword<T> {
  return {
    render(value, at, report) {
      if (fits(value)) return write(value)
      report({ is: 'value', keyword: at, expected, found: show(value) })
      return undefined
    },
  }
}

export const text: Keyword<string> = checked(aString, String)
export const flag: Keyword<boolean> = checked(trueOrFalse, Boolean)
export const number: Keyword<number> = checked(
  { expected: 'a number', fits: (value) => typeof value === 'number' && Number.isFinite(value) },
  Number,
)
export const duration: Keyword<Duration> = checked(
  { expected: 'a Duration, such as Duration.hours(2)', fits: (value) => value instanceof Duration },
  String,
)
export const durationOrNever: Keyword<Duration | 'never'> = checked(
  { expected: 'a Duration, or never', fits: (value) => value instanceof Duration || value === 'never' },
  String,
)

/** A string that matches a pattern, described in words. */
export function textLike(form: RegExp, expected: string): Keyword<string> {
  return checked({ expected, fits: (value) => typeof value === 'string' && form.test(value) }, String)
}

export function integer(least: number, most: number): Keyword<number> {
  return checked(integerFrom(least, most), Number)
}

export function oneOf<const T extends string | boolean>(...choices: readonly T[]): Keyword<T> {
  return checked<T>(choiceOf(choices), (value) => value)
}

/** The keyword with another name in GitLab than ours in snake_case. */
export function named<T>(name: string, keyword: Keyword<T>): Keyword<T> {
  return { ...keyword, name }
}

export function gitlabName(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Duration)
}

export function shown(value: unknown): string {
  if (value === null || typeof value === 'function') return String(value === null ? value : 'a function')
  if (value instanceof Duration || value instanceof RegExp) return String(value)
  if (typeof value === 'object') return Array.isArray(value) ? `a list of ${value.length}` : anInstance(value)
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 60)) : String(value)
}

function anInstance(value: object): string {
  const name: unknown = value.constructor?.name
  if (typeof name !== 'string' || name === 'Object' || name === '') return 'an object'
  return `${/^[AEIOU]/.test(name) ? 'an' : 'a'} ${name}`
}
