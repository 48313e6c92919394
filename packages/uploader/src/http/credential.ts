import { UsageError } from '@stagegate/schema'
import * as v from 'valibot'
import type { Credential, Secret, SecretName, SecretValue } from './client.js'

/** Gives a variable's value; `undefined` where it is not set. */
export type Secrets = (name: string) => string | undefined

export interface ResolvedCredential {
  readonly header?: readonly [name: string, value: string]
  /** As it stands in a form. */
  readonly field?: string
  /** For a registry, or who issues its tokens. */
  readonly basic?: string
  /** Texts that must never be shown. */
  readonly secrets: readonly string[]
}

/**
 * @throws {UsageError} a variable that is not set, is empty, is of type File, or holds what no header can carry; a form that no credential
 *   has. No message repeats what may be the secret itself.
 */
export function resolveCredential(credential: Credential, secrets: Secrets, host: string): ResolvedCredential {
  const used: string[] = []
  const value = (of: Secret, grammar: RegExp) => {
    const secret = secretOf(of, secrets, grammar)
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
          ? accountIn(
              secretOf(account.config, (key) => secrets(key)?.trim(), anything),
              whose(account.config),
              host,
            )
          : [name(account.username, noColon), value(account.password, noControls)]
      const encoded = Buffer.from(`${user}:${phrase}`).toString('base64')
      return { basic: `Basic ${encoded}`, secrets: [phrase, encoded] }
    }
    case 'form':
      return {
        field: `${encodeURIComponent(credential.field)}=${encodeURIComponent(value(credential.value, printableAscii))}`,
        secrets: used,
      }
    default:
      throw noCredential('its scheme is none of basic, bearer, registry, header and form')
  }
}

const noColon = /^[^\p{Cc}:]+$/u
const noControls = /^[^\p{Cc}]+$/u
const anything = /^[\s\S]+$/
const printableAscii = /^[\x21-\x7e]+$/

function secretOf(of: Secret, secrets: Secrets, grammar: RegExp): string {
  // Programs without types pass anything, and most likely the secret itself.
  const given: Partial<SecretName & SecretValue> | string | null | undefined = of
  if (typeof given !== 'object' || given === null)
    throw noCredential(`it has ${given === undefined ? 'nothing' : `a ${typeof given}`} for a secret`)
  const { variable, value } = given
  if (typeof value === 'string') return sendable(value, whose(of), grammar)
  if (typeof variable !== 'string') throw noCredential('a secret of it has neither a variable nor a value')
  const secret = secrets(variable)
  if (secret === undefined || secret === '') {
    throw new UsageError({
      code: 'usage/secret-missing',
      what: `${whose(of)} is ${secret === undefined ? 'not set' : 'empty'}`,
      next: isVariable.test(variable)
        ? `Set it.${isInGitlab(secrets) ? ' In GitLab a protected variable exists only for protected branches and tags, and one with an environment scope only in jobs that name the environment.' : ''}`
        : 'If that is the secret itself, which is not repeated here, name the variable that holds it, or give it as { value }.',
    })
  }
  if (isFileOf(variable, secret)) {
    throw new UsageError({
      code: 'usage/secret-file',
      what: `${whose(of)} is of type File: it holds the path of a file, and not the value itself`,
      next: 'Make it one of type Variable, in the CI/CD settings of GitLab. Nothing was sent.',
    })
  }
  return sendable(secret, whose(of), grammar)
}

function sendable(secret: string, whose: string, grammar: RegExp): string {
  if (secret === secret.trim() && grammar.test(secret)) return secret
  throw new UsageError({
    code: 'usage/secret-malformed',
    what: `${whose} ${secret === '' ? 'is empty' : 'has characters that cannot be sent'}`,
    next: 'Look for a space or a line break at its beginning or end; and it must hold the value itself, not the path of a file.',
  })
}

/** As names of variables are written everywhere. Another one may be the secret itself, and is not repeated. */
const isVariable = /^[A-Z][A-Z0-9_]*$/

/** The secret’s name in messages. */
function whose(of: Secret): string {
  if ('value' in of) return 'the value of a secret'
  return isVariable.test(of.variable)
    ? `the variable ${of.variable}`
    : `the variable of a secret, whose name has ${of.variable.length} characters,`
}

function noCredential(what: string): UsageError {
  return new UsageError({
    code: 'usage/credential',
    what: `a credential is not one: ${what}`,
    next: "Write for example { scheme: 'bearer', token: { variable: 'NAME' } }, or { value } in the place of { variable }. Nothing was sent.",
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
    next: 'It must hold the file that docker login writes, with the accounts in it; helpers that keep them elsewhere do not exist in a job.',
  })
}

/** Advice about GitLab's variables is for its jobs. */
function isInGitlab(secrets: Secrets): boolean {
  return secrets('GITLAB_CI') !== undefined
}
