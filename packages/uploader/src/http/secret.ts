import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { isAbsolute } from 'node:path'
import { StagegateError, UsageError } from '@stagegate/schema'
import type { Secret, SecretFunction, SecretName, SecretValue } from './client.js'

/** Gives a variable's value; `undefined` where it is not set. A program can have another secret stand under the name. */
export type Secrets = (name: string) => string | SecretValue | SecretFunction | undefined

export const noColon = /^[^\p{Cc}:]+$/u
export const noControls = /^[^\p{Cc}]+$/u
/** A file ends with a line break. */
export const fileText = /^[\s\S]+$/
export const printableAscii = /^[\x21-\x7e]+$/

/** A secret is to be fetched first. */
export class SecretNotFetched extends Error {
  readonly by: SecretFunction

  constructor(by: SecretFunction) {
    super('a secret must be fetched first')
    this.by = by
  }
}

/** The secrets that can be read now. */
export interface KnownSecrets {
  /** Finds a secret by its name. */
  readonly secrets: Secrets
  /** The answers of functions that were called already. */
  readonly fetched: ReadonlyMap<SecretFunction, string>
}

/** @throws {SecretNotFetched} it has to be fetched first */
export function secretOf(of: Secret, known: KnownSecrets, grammar: RegExp): string {
  if (typeof of === 'function') {
    const secret = known.fetched.get(of)
    if (secret === undefined) throw new SecretNotFetched(of)
    return sendable(secret, whose(of), grammar)
  }
  expectSecret(of)
  const { variable = '', value }: Partial<SecretName & SecretValue> = of
  if (typeof value === 'string') return sendable(value, whose(of), grammar)
  const secret = known.secrets(variable)
  if (typeof secret === 'object' || typeof secret === 'function') return secretOf(secret, known, grammar)
  return secretIn(variable, secret, known.secrets, grammar)
}

export async function fetchSecret(by: SecretFunction): Promise<string> {
  let secret: unknown
  try {
    secret = await by()
  } catch (cause) {
    throw new StagegateError({
      code: 'http/credential',
      what: 'the function that fetches a secret of the credential failed; nothing was sent',
      next: 'See the cause.',
      cause,
    })
  }
  if (typeof secret === 'string') return secret
  throw noCredential(`the function that fetches one of its secrets returned ${secret === null ? 'null' : typeof secret}, not a string`)
}

/** @throws {UsageError} the variable of a secret is not set, or empty */
export function expectSecretSet(variable: string, secrets: Secrets): void {
  const secret = secrets(variable)
  if (typeof secret === 'object' || typeof secret === 'function' || (secret !== undefined && secret !== '')) return
  throw missing(variable, secret, secrets)
}

/**
 * The text of a secret that no request carries, such as a key that signs: all its lines, also where the variable is of the type File.
 * @throws {UsageError} it is missing or empty, or its file cannot be read
 */
export async function readSecretText(of: Secret, secrets: Secrets): Promise<string> {
  if (typeof of === 'function') return sendable(await fetchSecret(of), whose(of), fileText)
  if ('value' in of) return sendable(of.value, whose(of), fileText)
  const secret = secrets(of.variable)
  if (typeof secret === 'object' || typeof secret === 'function') return readSecretText(secret, secrets)
  if (secret === undefined || !(isFileOf(of.variable, secret) || (isAbsolute(secret) && existsSync(secret))))
    return secretIn(of.variable, secret, secrets, fileText)
  try {
    return sendable(await readFile(secret, 'utf8'), `the file of ${whose(of)}`, fileText)
  } catch (cause) {
    if (cause instanceof UsageError) throw cause
    throw new UsageError({
      code: 'usage/secret-missing',
      what: `the file of ${whose(of)} cannot be read`,
      next: 'Check that the job still has the file. Nothing was sent.',
      cause,
    })
  }
}

/**
 * Programs without types pass anything, and most likely the secret itself.
 * @throws {UsageError} what is none
 */
export function expectSecret(given: Secret, option?: string): void {
  if (typeof given === 'function') return
  if (typeof given !== 'object' || given === null) {
    const what = given === undefined ? 'nothing' : `a ${typeof given}`
    throw option === undefined ? noCredential(`one of its secrets is ${what}`) : noSecret(`${option} is ${what}, not a secret`)
  }
  const { variable, value }: Partial<SecretName & SecretValue> = given
  if (typeof value === 'string' || typeof variable === 'string') return
  throw option === undefined
    ? noCredential('one of its secrets has neither a variable nor a value')
    : noSecret(`${option} has neither a variable nor a value`)
}

function noSecret(what: string): UsageError {
  const next = "Write { variable: 'NAME' }, { value }, or a function that fetches it. Nothing was sent."
  return new UsageError({ code: 'usage/credential', what, next })
}

function missing(variable: string, secret: string | undefined, secrets: Secrets): UsageError {
  return new UsageError({
    code: 'usage/secret-missing',
    what: `${whose({ variable })} is ${secret === undefined ? 'not set' : 'empty'}`,
    next: isVariable.test(variable)
      ? `Set it.${isInGitlab(secrets) ? ' In GitLab, a protected variable exists only for protected branches and tags, and a variable with an environment scope only in jobs with that environment.' : ''}`
      : 'If that is the secret itself (not shown here), name the variable that holds it, or pass it as { value }.',
  })
}

/** The value of a variable. */
function secretIn(variable: string, secret: string | undefined, secrets: Secrets, grammar: RegExp): string {
  const named = whose({ variable })
  if (secret === undefined || secret === '') throw missing(variable, secret, secrets)
  if (isFileOf(variable, secret)) {
    throw new UsageError({
      code: 'usage/secret-file',
      what: `${named} has the type File, so it holds the path of a file and not the value itself`,
      next: 'Change its type to Variable in GitLab’s CI/CD settings. Nothing was sent.',
    })
  }
  return sendable(secret, named, grammar)
}

function sendable(given: string, whose: string, grammar: RegExp): string {
  const secret = grammar === fileText ? given.trim() : given
  if (secret === secret.trim() && grammar.test(secret)) return secret
  throw new UsageError({
    code: 'usage/secret-malformed',
    what: `${whose} ${secret === '' ? 'is empty' : 'has characters that cannot be sent'}`,
    next: 'Look for a space or a line break at its beginning or end. It must hold the value itself, not the path of a file.',
  })
}

/** As names of variables are written everywhere. Another one may be the secret itself, and is not repeated. */
const isVariable = /^[A-Z][A-Z0-9_]*$/

/** The secret’s name in messages. */
export function whose(of: Secret): string {
  if (typeof of === 'function' || 'value' in of) return 'the value of a secret'
  return isVariable.test(of.variable)
    ? `the variable ${of.variable}`
    : `the variable of a secret (its name has ${of.variable.length} characters)`
}

export function noCredential(what: string): UsageError {
  return new UsageError({
    code: 'usage/credential',
    what: `a credential is not valid: ${what}`,
    next: "Write for example { scheme: 'bearer', token: { variable: 'NAME' } }, or { value } instead of { variable }. Nothing was sent.",
  })
}

/** A runner writes such a variable to a file of its name, and gives the job the path. */
function isFileOf(variable: string, value: string): boolean {
  return /^(?:\/|[A-Za-z]:[\\/])/.test(value) && /[^\\/]*$/.exec(value)?.[0] === variable
}

/** Advice about GitLab's variables is for its jobs. */
function isInGitlab(secrets: Secrets): boolean {
  return secrets('GITLAB_CI') !== undefined
}
