import { isOrigin, nearest, UsageError } from '@stagegate/schema'

/** Limits with their defaults: one that is `undefined` is the default. @throws {UsageError} an unknown one, or one that is no number above 0 */
export function limitsWith<T extends Readonly<Record<keyof T, number>>>(defaults: T, given: Partial<T> | undefined): T {
  const entries: [string, unknown][] = Object.entries(given ?? {}).filter(([, value]) => value !== undefined)
  for (const [name, value] of entries) {
    if (!Object.hasOwn(defaults, name)) throw unknown('limits', name, Object.keys(defaults))
    if (typeof value !== 'number' || !(value >= 0))
      throw wrongOption(`limits.${name} is not a number of 0 or more`, 'Times are in milliseconds.')
  }
  return { ...defaults, ...Object.fromEntries(entries) }
}

/** Whether an option is what the verb will use; programs without types can pass anything. */
interface Expectation {
  readonly is: (value: unknown) => boolean
  readonly expected: string
  readonly next: string
}

const hasMethods =
  (...names: readonly string[]) =>
  (value: unknown) =>
    typeof value === 'object' && value !== null && names.every((name) => typeof Reflect.get(value, name) === 'function')
const isObject = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value)
const isFunction = (value: unknown) => typeof value === 'function'

const listener = { is: isFunction, expected: 'a function', next: 'Pass one, or leave it out.' }
const isTexts = (value: unknown) => Array.isArray(value) && value.every((one) => typeof one === 'string')
const expectations: Readonly<Record<string, Expectation>> = {
  targets: { is: isTexts, expected: 'a list of targets', next: 'Pass their names, or leave it out for all targets.' },
  repositories: {
    is: isObject,
    expected: 'a Map or an object of repositories by name',
    next: 'Use the names in the document: { staging, stable }.',
  },
  origin: {
    is: isOrigin,
    expected: 'the origin of a document: rehearsal, instance, project, pipeline, job, commit, ref, pipelineKind and plan',
    next: 'It names the job and the commit that do this; rehearsalOrigin() makes one for a rehearsal.',
  },
  clock: { is: hasMethods('now', 'sleep'), expected: 'a clock, with now() and sleep()', next: 'Leave it out to use the system clock.' },
  random: { is: isFunction, expected: 'a function that returns numbers from 0 to below 1', next: 'Leave it out to use Math.random.' },
  signal: { is: hasMethods('addEventListener', 'throwIfAborted'), expected: 'an AbortSignal', next: 'Pass controller.signal.' },
  hosts: { is: hasMethods('of'), expected: 'new Hosts()', next: 'Leave it out unless several verbs share one.' },
  variables: { is: isObject, expected: 'an object of variables', next: 'Leave it out to use process.env.' },
  secrets: { is: isObject, expected: 'an object of secrets by name', next: 'Write for example { TOKEN: { value } }.' },
  tls: { is: isObject, expected: 'an object', next: "Write for example { 'https://packages.example': { ca } }." },
  base: { is: (value) => typeof value === 'string', expected: 'a path', next: 'Leave it out to use the working directory.' },
  limits: {
    is: isObject,
    expected: 'an object of limits',
    next: 'Leave it out to use the defaults.',
  },
  repository: { is: hasMethods('observe'), expected: 'a repository, with observe()', next: 'Pass one that you opened, or your own.' },
  at: {
    is: isFunction,
    expected: 'a function from a file’s name to its coordinates',
    next: 'Leave it out for plain files with these names.',
  },
  packageManagers: {
    is: isObject,
    expected: 'an object of package managers by target',
    next: "Write for example { 'debian/bookworm': aptGet() }.",
  },
  deadline: {
    is: (value) => typeof value === 'number' && value >= 0,
    expected: 'a number of milliseconds',
    next: 'Leave it out for 10 minutes.',
  },
  onEvent: listener,
  onWait: listener,
  onBegin: listener,
}

/** The options of a function: by name, whether a call needs it. A `satisfies` beside each list says that none is forgotten. */
export type KnownOptions = Readonly<Record<string, 'needed' | 'optional'>>

/** @throws {UsageError} options that are none, one that the function does not have, is of another kind than its use, or is needed and missing */
export function expectCall(what: string, options: object, known: KnownOptions): void {
  expectKnown(what, options, Object.keys(known))
  const needed = Object.keys(known).filter((name) => known[name] === 'needed')
  expectOptions(options, ...needed)
  const missing = needed.find((name) => Reflect.get(options, name) === undefined)
  if (missing !== undefined) throw wrongOption(`${missing} is missing`, `${what} needs ${needed.join(', ')}.`)
}

/** @throws {UsageError} what is not a list of strings */
export function expectTexts(option: string, value: unknown): void {
  if (!isTexts(value)) throw wrongOption(`${option} is not a list of strings`, `Write for example { ${option}: ['…'] }.`)
}

/** @throws {UsageError} what is no text */
export function expectText(option: string, value: unknown, example: string): void {
  if (typeof value !== 'string' || value === '')
    throw wrongOption(`${option} is not a string`, `Write for example ${JSON.stringify(example)}.`)
}

/** @throws {UsageError} options that are none, or one that the function does not have */
export function expectKnown(what: string, options: object, known: readonly string[]): void {
  const given: unknown = options
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw wrongOption(`the options of ${what} are not an object`, `Its options are ${known.join(', ')}.`)
  for (const name of Object.keys(given)) {
    if (known.includes(name)) continue
    throw unknown(what, name, known)
  }
}

function unknown(what: string, name: string, known: readonly string[]): UsageError {
  const meant = nearest(name, known)
  return wrongOption(
    `${what} has no option ${JSON.stringify(name.slice(0, 60))}`,
    meant === undefined ? `Its options are ${known.join(', ')}.` : `Did you mean ${meant}?`,
  )
}

/** @throws {UsageError} options that are none, one that is of another kind than its use, or one that is needed and missing */
export function expectOptions(options: object, ...needed: readonly string[]): void {
  const given: unknown = options
  if (typeof given !== 'object' || given === null)
    throw wrongOption('the options are missing', `Pass an object with at least ${needed.join(' and ')}.`)
  for (const [name, { is, expected, next }] of Object.entries(expectations)) {
    const value: unknown = Reflect.get(given, name)
    if (value === undefined ? needed.includes(name) : !is(value)) throw wrongOption(`${name} is not ${expected}`, next)
  }
}

function wrongOption(what: string, next: string): UsageError {
  return new UsageError({ code: 'usage/options', what, next: `${next} Nothing was done.` })
}
