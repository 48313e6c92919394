import { UsageError } from '@stagegate/schema'
import * as v from 'valibot'
import type { Credential, SecretName } from './client.js'

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

/** @throws {UsageError} a variable that is not set, is empty, is of type File, or holds what no header can carry */
export function resolveCredential(credential: Credential, secrets: Secrets, host: string): ResolvedCredential {
  const used: string[] = []
  const value = (of: SecretName | string, grammar: RegExp) => {
    if (typeof of === 'string') return of
    const secret = secretOf(of.variable, secrets, grammar)
    used.push(secret)
    return secret
  }
  switch (credential.scheme) {
    case 'basic': {
      // RFC 7617, section 2: the user name ends at the first colon.
      const pair = `${value(credential.username, noColon)}:${value(credential.password, noControls)}`
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
      const [username, password] =
        'config' in account
          ? accountIn(
              secretOf(account.config.variable, (name) => secrets(name)?.trim(), anything),
              account.config.variable,
              host,
            )
          : [value(account.username, noColon), value(account.password, noControls)]
      const encoded = Buffer.from(`${username}:${password}`).toString('base64')
      return { basic: `Basic ${encoded}`, secrets: [password, encoded] }
    }
    case 'form':
      return {
        field: `${encodeURIComponent(credential.field)}=${encodeURIComponent(value(credential.value, printableAscii))}`,
        secrets: used,
      }
  }
}

const noColon = /^[^\p{Cc}:]+$/u
const noControls = /^[^\p{Cc}]+$/u
const anything = /^[\s\S]+$/
const printableAscii = /^[\x21-\x7e]+$/

function secretOf(variable: string, secrets: Secrets, grammar: RegExp): string {
  const secret = secrets(variable)
  if (secret === undefined || secret === '') {
    throw new UsageError({
      code: 'usage/secret-missing',
      what: `the variable ${variable} is ${secret === undefined ? 'not set' : 'empty'}`,
      next: 'Set it in the CI/CD settings of the project. A protected variable exists only for protected branches and tags, and one with an environment scope only in jobs that name the environment.',
    })
  }
  if (isFileOf(variable, secret)) {
    throw new UsageError({
      code: 'usage/secret-file',
      what: `the variable ${variable} is of type File: it holds the path of a file, and not the value itself`,
      next: 'Make it one of type Variable in the CI/CD settings. Nothing was sent.',
    })
  }
  if (secret !== secret.trim() || !grammar.test(secret)) {
    throw new UsageError({
      code: 'usage/secret-malformed',
      what: `the variable ${variable} has characters that cannot be sent`,
      next: 'Look for a space or a line break at its beginning or end; and it must hold the value itself, not the path of a file.',
    })
  }
  return secret
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
function accountIn(text: string, variable: string, host: string): readonly [username: string, password: string] {
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
    what: `the variable ${variable} ${config.success ? `has no account for ${host}` : 'is not a Docker config.json'}`,
    next: 'It must hold the file that docker login writes, with the accounts in it; helpers that keep them elsewhere do not exist in a job.',
  })
}
