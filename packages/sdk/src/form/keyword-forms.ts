import type { JsonObject, JsonValue } from '@stagegate/schema'
import { nearest } from '@stagegate/schema'
import { plain } from '../gitlab/document.js'
import { gitlabName, isRecord, type Keyword, type ReportProblem, shown, text } from './keyword.js'

/** A list; with `most`, of at most that many. */
export function list<T>(item: Keyword<T>, most = Number.POSITIVE_INFINITY): Keyword<readonly T[]> {
  return {
    below: () => below(item),
    render(value, at, report) {
      if (Array.isArray(value) && value.length <= most)
        return value.map((one, index) => item.render(one, `${at}[${index}]`, report) ?? null)
      const expected = Array.isArray(value) ? `a list of at most ${most}` : 'a list'
      report({ is: 'value', keyword: at, expected, found: shown(value) })
      return undefined
    },
  }
}

/** The items of which the keyword reports nothing. A program without types can pass others, which are reported once, here. */
export function soundItems<T>(items: readonly T[], at: string, item: Keyword<T>, report: ReportProblem): readonly T[] {
  return items.filter((one, index) => {
    let isSound = true
    item.render(one, `${at}[${index}]`, (problem) => {
      isSound = false
      report(problem)
    })
    return isSound
  })
}

/** Keys that belong to the author, such as the names of variables: written as they are. */
export function authorKeys<T>(member: Keyword<T>): Keyword<Readonly<Record<string, T>>> {
  return {
    below: () => ['*', ...below(member).map((path) => `*.${path}`)],
    render(value, at, report) {
      // Each member checks its own value before it trusts its type.
      if (isRecord(value))
        return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, member.render(one as T, `${at}.${key}`, report) ?? null]))
      report({ is: 'value', keyword: at, expected: 'an object', found: shown(value) })
      return undefined
    },
  }
}

type Members<T extends object> = { readonly [K in keyof Required<T>]: Keyword<NonNullable<T[K]>> }
type RequiredKey<T extends object> = { [K in keyof T]-?: object extends Pick<T, K> ? never : K }[keyof T] & string

/** Keywords of GitLab below another: camelCase here, GitLab's own names there, in the order given here. An unknown one is an error. */
export function fields<T extends object>(members: Members<T>, ...required: readonly RequiredKey<T>[]): Keyword<T> {
  // Each member checks its own value before it trusts its type.
  const known = members as Readonly<Record<string, Keyword>>
  const isRequired = (key: string) => required.some((one) => one === key)
  return {
    below: () =>
      Object.entries(known).flatMap(([key, member]) => {
        const name = member.name ?? gitlabName(key)
        return [name, ...below(member).map((path) => `${name}.${path}`)]
      }),
    render(value, at, report) {
      if (!isRecord(value)) {
        report({ is: 'value', keyword: at, expected: 'an object', found: shown(value) })
        return undefined
      }
      reportUnknown(value, Object.keys(known), at, report)
      const written: JsonObject = {}
      for (const [key, member] of Object.entries(known)) {
        const isWanted = isRequired(key) || (member.refusesUndefined === true && Object.hasOwn(value, key))
        if (value[key] === undefined && !isWanted) continue
        const rendered = member.render(value[key] as never, joined(at, key), report)
        if (rendered !== undefined) written[member.name ?? gitlabName(key)] = rendered
      }
      return written
    },
  }
}

function reportUnknown(value: Record<string, unknown>, known: readonly string[], at: string, report: ReportProblem): void {
  for (const key of Object.keys(value)) {
    if (known.includes(key)) continue
    const meant = nearest(key, known)
    report({ is: 'unknown', keyword: joined(at, key), meant: meant === undefined ? undefined : joined(at, meant) })
  }
}

/** Either of two forms, told apart by what the value is. */
export function either<A, B>(isFirst: (value: A | B) => value is A & (A | B), first: Keyword<A>, second: Keyword<B>): Keyword<A | B> {
  return {
    below: () => [...below(first), ...below(second)],
    // Anything else is validated as the second form.
    render: (value, at, report) => (isFirst(value) ? first.render(value, at, report) : second.render(value as B, at, report)),
  }
}

/** A text, or an object that says more. Whatever is neither should have been a text. */
export function textOr<T extends object>(more: Keyword<T>): Keyword<string | T> {
  return either<T, string>((value): value is T => isRecord(value), more, text)
}

export function oneOrMany<T>(item: Keyword<T>): Keyword<T | readonly T[]> {
  return either<readonly T[], T>((value): value is readonly T[] => Array.isArray(value), list(item), item)
}

/** One of several forms, each known by a key that only it has, tried in their order. */
export function byKey<T extends object>(forms: Readonly<Record<string, Keyword>>): Keyword<T> {
  return {
    below: () => Object.values(forms).flatMap(below),
    render(value, at, report) {
      const key = isRecord(value) ? Object.keys(forms).find((one) => value[one] !== undefined) : undefined
      // The form checks the value before it trusts its type.
      if (key !== undefined) return forms[key]?.render(value as never, at, report)
      report({ is: 'value', keyword: at, expected: `an object with ${Object.keys(forms).join(' or ')}`, found: shown(value) })
      return undefined
    },
  }
}

/** Whatever JSON can hold, as it is. */
export const json: Keyword<JsonValue> = {
  render(value, at, report) {
    try {
      return plain(value)
    } catch {
      report({ is: 'value', keyword: at, expected: 'text, numbers, true, false, null, lists or objects', found: shown(value) })
      return undefined
    }
  },
}

/** Lines of shell. */
export const script = list(text)
export const files = oneOrMany(text)

function below(keyword: Keyword): readonly string[] {
  return keyword.below?.() ?? []
}

export function joined(at: string, key: string): string {
  return at === '' ? key : `${at}.${key}`
}
