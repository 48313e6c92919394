import { UsageError } from '@stagegate/schema'
import type { Credential, SecretName } from './client.js'

/** Gives a variable's value; `undefined` where it is not set. */
export type Secrets = (name: string) => string | undefined

export interface ResolvedCredential {
  readonly header: readonly [name: string, value: string]
  /** What must never be seen. */
  readonly secrets: readonly string[]
}

/** @throws {UsageError} a variable that is not set, is empty, or holds what no header can carry */
export function resolveCredential(credential: Credential, secrets: Secrets): ResolvedCredential {
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
  }
}

const noColon = /^[^\p{Cc}:]+$/u
const noControls = /^[^\p{Cc}]+$/u
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
  if (secret !== secret.trim() || !grammar.test(secret)) {
    throw new UsageError({
      code: 'usage/secret-malformed',
      what: `the variable ${variable} has characters that cannot be sent`,
      next: 'Look for a space or a line break at its beginning or end; and it must hold the value itself, not the path of a file.',
    })
  }
  return secret
}
