import type { JsonObject, JsonValue } from '@stagegate/schema'
import { Duration } from '../duration.js'
import { nearest } from '../nearest.js'

/** What is wrong with a value, and at which keyword: `artifacts.expireIn`. */
export type KeywordProblem =
  | { readonly is: 'unknown'; readonly keyword: string; readonly meant: string | undefined }
  | { readonly is: 'value'; readonly keyword: string; readonly expected: string; readonly found: string }

/** How one keyword's value is checked and written as GitLab reads it. `undefined` leaves the keyword out. */
export interface Keyword<in T = never> {
  readonly render: (value: T, at: string, report: (problem: KeywordProblem) => void) => JsonValue | undefined
}
type Report = (problem: KeywordProblem) => void

function checked<T>(expected: string, fits: (value: unknown) => boolean, write: (value: T) => JsonValue): Keyword<T> {
  return {
    render(value, at, report) {
      if (fits(value)) return write(value)
      report({ is: 'value', keyword: at, expected, found: shown(value) })
      return undefined
    },
  }
}

export const text: Keyword<string> = checked('a text', (value) => typeof value === 'string', String)
export const flag: Keyword<boolean> = checked('true or false', (value) => typeof value === 'boolean', Boolean)
export const duration: Keyword<Duration> = checked('a Duration, such as Duration.hours(2)', (value) => value instanceof Duration, String)
export const durationOrNever: Keyword<Duration | 'never'> = checked(
  'a Duration, or never',
  (value) => value instanceof Duration || value === 'never',
  String,
)

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

/** A list; with `most`, of at most that many. */
export function list<T>(item: Keyword<T>, most = Number.POSITIVE_INFINITY): Keyword<readonly T[]> {
  return {
    render(value, at, report) {
      if (Array.isArray(value) && value.length <= most)
        return value.map((one, index) => item.render(one, `${at}[${index}]`, report) ?? null)
      report({
        is: 'value',
        keyword: at,
        expected: most === Number.POSITIVE_INFINITY ? 'a list' : `a list of at most ${most}`,
        found: shown(value),
      })
      return undefined
    },
  }
}

/** Keys that belong to the author, such as the names of variables: written as they are. */
export function authorKeys<T>(member: Keyword<T>): Keyword<Readonly<Record<string, T>>> {
  return {
    render(value, at, report) {
      if (!isRecord(value)) {
        report({ is: 'value', keyword: at, expected: 'an object', found: shown(value) })
        return undefined
      }
      return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, member.render(one, `${at}.${key}`, report) ?? null]))
    },
  }
}

/** Keywords of GitLab below another: camelCase here, GitLab's own names there, in the order given here. An unknown one is an error. */
export function fields<T extends object>(members: { readonly [K in keyof Required<T>]: Keyword<NonNullable<T[K]>> }): Keyword<T> {
  return {
    render(value, at, report) {
      if (isRecord(value)) return renderFields(members as Readonly<Record<string, Keyword>>, value, at, report)
      report({ is: 'value', keyword: at, expected: 'an object', found: shown(value) })
      return undefined
    },
  }
}

/** Either of two forms, told apart by what the value is. */
export function either<A, B>(isFirst: (value: A | B) => value is A & (A | B), first: Keyword<A>, second: Keyword<B>): Keyword<A | B> {
  return {
    render: (value, at, report) => (isFirst(value) ? first.render(value, at, report) : second.render(value as B, at, report)),
  }
}

function renderFields(members: Readonly<Record<string, Keyword>>, value: Record<string, unknown>, at: string, report: Report): JsonObject {
  for (const key of Object.keys(value)) {
    if (Object.hasOwn(members, key)) continue
    const meant = nearest(key, Object.keys(members))
    report({ is: 'unknown', keyword: joined(at, key), meant: meant === undefined ? undefined : joined(at, meant) })
  }
  const written: JsonObject = {}
  for (const [key, member] of Object.entries(members)) {
    if (value[key] === undefined) continue
    // Each member checks its own value before it trusts its type.
    const json = member.render(value[key] as never, joined(at, key), report)
    if (json !== undefined) written[gitlabName(key)] = json
  }
  return written
}

function gitlabName(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

function joined(at: string, key: string): string {
  return at === '' ? key : `${at}.${key}`
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Duration)
}

export function shown(value: unknown): string {
  if (value === null || typeof value === 'function') return String(value === null ? value : 'a function')
  if (typeof value === 'object') return Array.isArray(value) ? `a list of ${value.length}` : 'an object'
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 60)) : String(value)
}
