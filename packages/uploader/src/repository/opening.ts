import { type JsonObject, UsageError } from '@stagegate/schema'
import type { PublicRepository } from '../contract/capabilities.js'
import type { Clock } from '../contract/clock.js'
import type { Secret, SecretFunction, SecretValue } from '../http/client.js'
import type { Tls } from '../http/network.js'
import { parseOrigin } from '../http/origin.js'
import { expectSecret } from '../http/secret.js'
import type { Hosts } from '../transfer/host.js'
import type { Access, RepositoryKind } from './define.js'
import { createEnvironment } from './environment.js'
import { openKind, type RepositoryNaming } from './opened.js'

/** How a server is reached. */
export interface ServerOptions {
  /** Certificate authorities of your own, and a client certificate. @default the public authorities, and those of NODE_EXTRA_CA_CERTS */
  readonly tls?: Tls | undefined
  /** The proxy's address: `http://proxy.example:3128`. It only learns host and port. @default none: the server is reached directly */
  readonly proxy?: string | undefined
  /** Limits and back-off of servers, shared with other repositories and runs. The verbs use them, too. @default separate for each run */
  readonly hosts?: Hosts | undefined
  /** @default the system's */
  readonly clock?: Clock | undefined
}

/** The options of `openRepository`. */
export interface OpenOptions extends ServerOptions {
  /** The input of the kind's `parse`. */
  readonly settings: JsonObject
  /** Scheme, host and port: `https://packages.example`. @default none: the kind needs no server */
  readonly server?: string | undefined
  /** In the order that the kind expects. @default none */
  readonly credentials?: readonly Secret[] | undefined
  /** `users` has none of the publisher's credentials. @default write */
  readonly access?: Access | undefined
}

/** The names of the options of a server. */
export const ofServer = ['tls', 'proxy', 'hosts', 'clock'] as const
/** Where a program corrects what was wrong. */
export const advice = 'in your call'

interface Opened extends OpenOptions {
  /** @default public */
  readonly role?: 'staging' | 'public' | undefined
}

/** Opens a repository of a kind, as a program does. */
export function open<Settings, R extends PublicRepository>(
  kind: RepositoryKind<Settings, R>,
  options: Opened,
  called: RepositoryNaming,
): R {
  const { settings, server, role = 'public', credentials = [], access = 'write', tls, proxy, hosts, clock } = options
  const origin = server === undefined ? '' : parseOrigin(server, true).origin
  const secrets: Record<string, SecretValue | SecretFunction> = {}
  const names = credentials.map((secret, index) => {
    const name = nameOf(secret, index)
    if (typeof secret === 'function' || !('variable' in secret)) secrets[name] = secret
    return name
  })
  const environment = createEnvironment({ secrets, proxy, hosts, clock, ...(tls !== undefined && { tls: { [origin]: tls } }) })
  return openKind(kind, { settings, role, origin, access, credentials: names }, environment, called)
}

/** The name by which a kind knows a secret. @throws {UsageError} if it is not a secret */
export function nameOf(secret: Secret, index: number): string {
  expectSecret(secret, `credentials[${index}]`)
  return typeof secret !== 'function' && 'variable' in secret ? secret.variable : `credential ${index + 1}`
}

export function wrong(where: string, what: string): UsageError {
  return new UsageError({ code: 'usage/repository', what, where, next: 'Correct it in your call. Nothing was done.' })
}
