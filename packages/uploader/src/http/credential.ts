import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { isAbsolute } from 'node:path'
import { StagegateError, UsageError } from '@stagegate/schema'
import * as v from 'valibot'
import type { Call } from '../contract/capabilities.js'
import { awsSign, type Sign } from './aws-signature.js'
import type { AwsAccount, Credential, IssuedKeys, Secret, SecretFunction, SecretName, SecretValue } from './client.js'
import { googleSign } from './google-signature.js'

/** Gives a variable's value; `undefined` where it is not set. A program can have another secret stand under the name. */
export type Secrets = (name: string) => string | SecretValue | SecretFunction | undefined

export interface ResolvedCredential {
  readonly header?: readonly [name: string, value: string]
  /** As it stands in a form. */
  readonly field?: string
  /** For a registry, or who issues its tokens. */
  readonly basic?: string
  /** Signs each request. */
  readonly sign?: Sign
  /** Texts that must never be shown. */
  readonly secrets: readonly string[]
}

/** The credential of a client: known at once, so that its faults are told before anything is sent; or fetched before each request. */
export interface ClientCredential {
  readonly known: ResolvedCredential | undefined
  resolve(call: Call): Promise<ResolvedCredential>
}

/** @throws {UsageError} see `resolveCredential` */
export function credentialOf(credential: Credential, secrets: Secrets, host: string): ClientCredential {
  if (credential.scheme === 'aws' && 'issued' in credential) {
    const { issued, ...rest } = credential
    return { known: undefined, resolve: async (call) => resolveCredential({ ...rest, ...asSecrets(await issued(call)) }, secrets, host) }
  }
  try {
    const known = resolveCredential(credential, secrets, host)
    return { known, resolve: async () => known }
  } catch (error) {
    if (!(error instanceof ToFetch)) throw error
    return { known: undefined, resolve: () => fetchCredential(credential, secrets, host) }
  }
}

function asSecrets({ accessKeyId, secretAccessKey, sessionToken }: IssuedKeys): AwsAccount {
  return { accessKeyId: { value: accessKeyId }, secretAccessKey: { value: secretAccessKey }, sessionToken: { value: sessionToken } }
}

/** A secret is to be fetched first. */
class ToFetch extends Error {
  readonly by: SecretFunction

  constructor(by: SecretFunction) {
    super('a secret must be fetched first')
    this.by = by
  }
}

async function fetchCredential(credential: Credential, secrets: Secrets, host: string): Promise<ResolvedCredential> {
  const fetched = new Map<SecretFunction, string>()
  // A credential has three secrets at most.
  for (;;) {
    try {
      return resolveCredential(credential, secrets, host, fetched)
    } catch (error) {
      if (!(error instanceof ToFetch)) throw error
      fetched.set(error.by, await fetchSecret(error.by))
    }
  }
}

async function fetchSecret(by: SecretFunction): Promise<string> {
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

/**
 * @throws {UsageError} a variable that is not set, is empty, is of type File, or holds what no header can carry; a form that no credential
 *   has. No message repeats what may be the secret itself.
 */
export function resolveCredential(
  credential: Credential,
  secrets: Secrets,
  host: string,
  fetched: ReadonlyMap<SecretFunction, string> = new Map(),
): ResolvedCredential {
  const used: string[] = []
  const value = (of: Secret, grammar: RegExp) => {
    const secret = secretOf(of, { secrets, fetched }, grammar)
    used.push(secret)
    return secret
  }
  const name = (of: Secret | string, grammar: RegExp) => (typeof of === 'string' ? of : value(of, grammar))
  // A password may be empty, where everybody has the account.
  const password = (of: Secret | string) => (of === '' ? of : value(typeof of === 'string' ? { value: of } : of, noControls))
  switch (credential.scheme) {
    case 'basic': {
      // RFC 7617, section 2: the user name ends at the first colon.
      const pair = `${name(credential.username, noColon)}:${password(credential.password)}`
      const encoded = Buffer.from(pair).toString('base64')
      return { header: ['authorization', `Basic ${encoded}`], secrets: used.length === 0 ? [] : [...used, encoded] }
    }
    case 'bearer':
      return { header: ['authorization', `Bearer ${value(credential.token, printableAscii)}`], secrets: used }
    case 'header':
      return { header: [credential.header.toLowerCase(), value(credential.value, printableAscii)], secrets: used }
    case 'registry': {
      const { account } = credential
      if (account === undefined) return { secrets: [] }
      const [user, phrase] =
        'config' in account
          ? accountIn(secretOf(account.config, { secrets, fetched }, fileText), whose(account.config), host)
          : [name(account.username, noColon), value(account.password, noControls)]
      const encoded = Buffer.from(`${user}:${phrase}`).toString('base64')
      return { basic: `Basic ${encoded}`, secrets: [phrase, encoded] }
    }
    case 'form':
      return {
        field: `${encodeURIComponent(credential.field)}=${encodeURIComponent(value(credential.value, printableAscii))}`,
        secrets: used,
      }
    case 'aws': {
      if ('issued' in credential) throw new TypeError('issued keys must be requested first')
      const { accessKeyId, secretAccessKey, sessionToken, region, service } = credential
      const sign = awsSign({
        accessKeyId: value(accessKeyId, printableAscii),
        secretAccessKey: value(secretAccessKey, printableAscii),
        ...(sessionToken !== undefined && { sessionToken: value(sessionToken, printableAscii) }),
        region,
        service,
      })
      return { sign, secrets: used }
    }
    case 'google': {
      const [accessId, secret] = [value(credential.accessId, printableAscii), value(credential.secret, printableAscii)]
      return { sign: googleSign({ accessId, secret }), secrets: used }
    }
    default:
      throw noCredential('its scheme is not one of basic, bearer, registry, header, form, aws and google')
  }
}

const noColon = /^[^\p{Cc}:]+$/u
const noControls = /^[^\p{Cc}]+$/u
/** A file ends with a line break. */
const fileText = /^[\s\S]+$/
const printableAscii = /^[\x21-\x7e]+$/

interface Known {
  readonly secrets: Secrets
  readonly fetched: ReadonlyMap<SecretFunction, string>
}

function secretOf(of: Secret, known: Known, grammar: RegExp): string {
  if (typeof of === 'function') {
    const secret = known.fetched.get(of)
    if (secret === undefined) throw new ToFetch(of)
    return sendable(secret, whose(of), grammar)
  }
  expectSecret(of)
  const { variable = '', value }: Partial<SecretName & SecretValue> = of
  if (typeof value === 'string') return sendable(value, whose(of), grammar)
  const secret = known.secrets(variable)
  if (typeof secret === 'object' || typeof secret === 'function') return secretOf(secret, known, grammar)
  return secretIn(variable, secret, known.secrets, grammar)
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
function whose(of: Secret): string {
  if (typeof of === 'function' || 'value' in of) return 'the value of a secret'
  return isVariable.test(of.variable)
    ? `the variable ${of.variable}`
    : `the variable of a secret (its name has ${of.variable.length} characters)`
}

function noCredential(what: string): UsageError {
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

/** The file that `docker login` writes, and that Kubernetes and podman write. */
const DockerAccount = v.object({ auth: v.optional(v.string()), username: v.optional(v.string()), password: v.optional(v.string()) })
const DockerConfig = v.object({ auths: v.optional(v.record(v.string(), DockerAccount)) })

/** Docker Hub's account is written under the address of its first API. */
const dockerHub = ['registry-1.docker.io', 'index.docker.io', 'docker.io']

/** The account for a host. */
function accountIn(text: string, whose: string, host: string): readonly [username: string, password: string] {
  const config = v.safeParse(v.pipe(v.string(), v.parseJson(), DockerConfig), text)
  const names = dockerHub.includes(host) ? dockerHub : [host]
  for (const [name, { auth, username, password }] of config.success ? Object.entries(config.output.auths ?? {}) : []) {
    // An entry for one path of a host does not cover the whole host.
    if (
      !names.includes(
        name
          .toLowerCase()
          .replace(/^https?:\/\//, '')
          .replace(/\/(v[12]\/?)?$/, ''),
      )
    )
      continue
    const decoded = auth === undefined ? `${username ?? ''}:${password ?? ''}` : Buffer.from(auth, 'base64').toString('utf8')
    const [, user, secret] = /^([^\p{Cc}:]+):([^\p{Cc}]+)$/u.exec(decoded) ?? []
    if (user !== undefined && secret !== undefined) return [user, secret]
  }
  throw new UsageError({
    code: 'usage/secret-malformed',
    what: `${whose} ${config.success ? `has no account for ${host}` : 'is not a Docker config.json'}`,
    next: 'It must hold the file that docker login writes, with the accounts in it. A job has no credential helpers.',
  })
}

/** Advice about GitLab's variables is for its jobs. */
function isInGitlab(secrets: Secrets): boolean {
  return secrets('GITLAB_CI') !== undefined
}
