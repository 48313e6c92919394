import { type Coordinates, fileOf, isSha256, StagegateError, UsageError } from '@stagegate/schema'
import type { Observable, PublicRepository, StagingRepository } from './capabilities.js'
import { quote } from './quote.js'
import type { Operation } from './repository-error.js'

/** An answer as the contract promises it. A repository is somebody else's program, and may have no types. */
interface Promised {
  readonly is: (answer: unknown) => boolean
  readonly expected: string
}

const written = "{ outcome: 'accepted' }, { outcome: 'exists' } or { outcome: 'refused', because: { code, message } }"
const aStream = 'a Readable of node:stream'
const promised: Readonly<Record<Operation, Promised>> = {
  observe: { is: isObservation, expected: "{ saw: 'absent' } or { saw: 'present', sha256, size, location }" },
  read: { is: isStream, expected: aStream },
  create: { is: isWritten, expected: written },
  served: { is: (answer) => answer === undefined || isStream(answer), expected: `${aStream}, or undefined` },
  complete: { is: () => true, expected: 'nothing' },
  list: {
    is: (answer) => fieldOf(answer, 'outcome') === 'changed' || isListOf(isWritten)(fieldOf(answer, 'written')),
    expected: "{ outcome: 'done', written } or { outcome: 'changed' }",
  },
  sourceOf: {
    is: (answer) => ['apt', 'dnf'].includes(String(fieldOf(answer, 'manager'))) && typeof fieldOf(answer, 'url') === 'string',
    expected: "{ manager: 'apt', url, suite, component, certificates, reach } or { manager: 'dnf', url, reach }",
  },
  copy: {
    is: (answer) => isWritten(answer) || fieldOf(answer, 'outcome') === 'unsupported',
    expected: `${written}, or { outcome: 'unsupported' }`,
  },
  resolve: { is: isOptionalDigest, expected: 'a sha256 of 64 lower-case hexadecimal digits, or undefined' },
  point: { is: isWritten, expected: written },
  tags: { is: isListOf((tag) => typeof tag === 'string'), expected: 'a list of tags' },
  referrers: {
    is: isListOf((one) => isDigest(fieldOf(one, 'digest')) && isObject(fieldOf(one, 'json'))),
    expected: 'a list of { digest, json }',
  },
  attach: { is: () => true, expected: 'nothing' },
}

// The cast: the keys of the table are the operations.
const operations = Object.keys(promised) as readonly Operation[]

/**
 * The repository with answers that are what they should be: another one is an error that names the repository, the method and the answer.
 * @throws {UsageError} one that is no object, lacks one of the methods that are needed, or has something else in the place of a method
 */
export function checkedRepository<R extends StagingRepository | PublicRepository>(
  name: string,
  repository: R,
  needed: readonly Operation[] = ['observe'],
): R {
  expectMethods(name, repository, needed)
  const { host, formats } = repository
  const others = 'nameOnHost' in repository ? { nameOnHost: (image: string) => repository.nameOnHost?.(image) } : {}
  const methods = operations.flatMap((operation) => {
    const method: unknown = Reflect.get(repository, operation)
    if (typeof method !== 'function') return []
    const asked = async (...given: readonly unknown[]): Promise<unknown> => {
      const answer: unknown = await Reflect.apply(method, repository, given)
      if (promised[operation].is(answer)) return answer
      throw nonsense(name, operation, answer, promised[operation].expected)
    }
    return [[operation, asked]]
  })
  // The cast: it has each method that the repository has, with the same arguments, and answers of its type.
  return { ...(host !== undefined && { host }), ...(formats !== undefined && { formats }), ...others, ...Object.fromEntries(methods) } as R
}

/** @throws {UsageError} an artifact of a format that the repository does not take */
export function expectFormat(name: string, { formats }: Pick<Observable, 'formats'>, at: Coordinates): void {
  const format: string = at.format
  if (!Array.isArray(formats) || formats.includes(format)) return
  throw new UsageError({
    code: 'usage/repository',
    where: `the repository ${name}`,
    what: `it accepts ${formats.join(' and ')}, but ${fileOf(at)} has the format ${format}`,
    next: 'Send it to a repository that accepts this format, or leave it out. Nothing was done.',
  })
}

function expectMethods(name: string, repository: unknown, needed: readonly Operation[]): void {
  const wrong = (what: string) =>
    new UsageError({
      code: 'usage/repository',
      where: `the repository ${name}`,
      what,
      next: `It must be an object with ${needed.map((method) => `${method}()`).join(' and ')}. Nothing was done.`,
    })
  if (!isObject(repository)) throw wrong(`it is ${shownAnswer(repository)}`)
  for (const method of operations) {
    const own: unknown = Reflect.get(repository, method)
    if (own === undefined ? needed.includes(method) : typeof own !== 'function')
      throw wrong(own === undefined ? `it has no ${method}()` : `its ${method} is not a method`)
  }
}

/** The error for an answer that the contract does not know. */
export function nonsense(name: string, operation: string, answer: unknown, expected: string): StagegateError {
  return new StagegateError({
    code: 'repository/unexpected-answer',
    where: name,
    what: `${operation}() returned ${shownAnswer(answer)}`,
    next: `It must return ${expected}.`,
  })
}

/** A value for a message: short, on one line. */
export function shownAnswer(answer: unknown): string {
  if (typeof answer === 'function') return 'a function'
  if (typeof answer !== 'object' || answer === null)
    return typeof answer === 'string' ? quote(JSON.stringify(answer), String, 100) : String(answer)
  const maker: unknown = Object.getPrototypeOf(answer)?.constructor
  if (typeof maker === 'function' && maker !== Object && maker !== Array) return `a ${maker.name}`
  try {
    return quote(JSON.stringify(answer), String, 100)
  } catch {
    return 'an object'
  }
}

export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

export function fieldOf(value: unknown, name: string): unknown {
  return isObject(value) ? Reflect.get(value, name) : undefined
}

function isDigest(value: unknown): boolean {
  return typeof value === 'string' && isSha256(value)
}

export function isOptionalDigest(value: unknown): boolean {
  return value === undefined || isDigest(value)
}

function isObservation(answer: unknown): boolean {
  const saw = fieldOf(answer, 'saw')
  if (saw === 'absent') return true
  const size = fieldOf(answer, 'size')
  return (
    saw === 'present' &&
    isOptionalDigest(fieldOf(answer, 'sha256')) &&
    isOptionalSize(size) &&
    typeof fieldOf(answer, 'location') === 'string'
  )
}

export function isOptionalSize(size: unknown): boolean {
  return size === undefined || (typeof size === 'number' && Number.isSafeInteger(size) && size >= 0)
}

export function isWritten(answer: unknown): boolean {
  const outcome = fieldOf(answer, 'outcome')
  const because = fieldOf(answer, 'because')
  return (
    outcome === 'accepted' ||
    outcome === 'exists' ||
    (outcome === 'refused' && typeof fieldOf(because, 'code') === 'string' && typeof fieldOf(because, 'message') === 'string')
  )
}

export function isStream(answer: unknown): boolean {
  return (
    isObject(answer) &&
    Symbol.asyncIterator in answer &&
    ['on', 'once', 'destroy', 'pipe'].every((name) => typeof Reflect.get(answer, name) === 'function')
  )
}

function isListOf(is: (member: unknown) => boolean): (answer: unknown) => boolean {
  return (answer) => Array.isArray(answer) && Array.from(answer).every(is)
}
