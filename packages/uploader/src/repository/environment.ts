import { realpathSync } from 'node:fs'
import { basename, dirname, join, resolve, sep } from 'node:path'
import { UsageError } from '@stagegate/schema'
import { type Clock, systemClock } from '../contract/clock.js'
import { expectCall, type KnownOptions } from '../contract/options.js'
import type { SecretFunction, SecretValue } from '../http/client.js'
import { createHttpClient } from '../http/create-client.js'
import { defaultAuthorities } from '../http/default-authorities.js'
import type { Tls } from '../http/network.js'
import { isLoopback, parseOrigin } from '../http/origin.js'
import { proxyFrom, proxyNamed } from '../http/proxy.js'
import { expectSecretSet, readSecretText, type Secrets } from '../http/secret.js'
import { openSigner } from '../signing/index.js'
import { isMissing } from '../store/directory/below.js'
import { Hosts } from '../transfer/host.js'
import type { Environment } from './define.js'

/** The options of `createEnvironment`, all with defaults. */
export interface EnvironmentOptions {
  /** Where credentials are looked up by name. @default process.env */
  readonly variables?: Readonly<Record<string, string | undefined>> | undefined
  /**
   * Secrets that are not variables, by the names that credentials use: a value, or a function that fetches it. They take precedence over
   * `variables`.
   */
  readonly secrets?: Readonly<Record<string, SecretValue | SecretFunction>> | undefined
  /** The folder that relative paths start from. @default the working directory */
  readonly base?: string | undefined
  /** Refuses everything but loopback addresses and directories below `base`. @default false */
  readonly rehearsal?: boolean | undefined
  /** By origin, `https://registry.internal`: certificate authorities of your own, and client certificates. @default the public authorities */
  readonly tls?: Readonly<Record<string, Tls>> | undefined
  /**
   * The address of the proxy for all servers except this machine, or one for each origin that has one: `{ 'https://registry.example':
   * 'http://proxy.example:3128' }`. @default `proxyVariables`
   */
  readonly proxy?: string | Readonly<Record<string, string>> | undefined
  /**
   * Names of variables that may set the proxy: `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, in upper or lower case. Then `NO_PROXY` is obeyed,
   * too. @default none: every server is reached directly
   */
  readonly proxyVariables?: readonly string[] | undefined
  /** @default the system's */
  readonly clock?: Clock | undefined
  /**
   * Limits and back-off of servers, which the verbs share for everything that this environment opens. @default separate for this
   * environment
   */
  readonly hosts?: Hosts | undefined
}

const environmentOptions = {
  variables: 'optional',
  secrets: 'optional',
  base: 'optional',
  rehearsal: 'optional',
  tls: 'optional',
  proxy: 'optional',
  proxyVariables: 'optional',
  clock: 'optional',
  hosts: 'optional',
} as const satisfies KnownOptions & Record<keyof EnvironmentOptions, unknown>

/**
 * How repositories reach the outside: HTTP clients bound to their origin, directories, the clock.
 *
 * @throws {UsageError} an invalid proxy address or origin
 * @example
 * const environment = createEnvironment({ base: '/srv/acme', proxyVariables: ['HTTPS_PROXY'] })
 */
export function createEnvironment(options: EnvironmentOptions = {}): Environment {
  expectCall('createEnvironment()', options, environmentOptions)
  const {
    variables = process.env,
    secrets = {},
    base = process.cwd(),
    rehearsal = false,
    tls = {},
    proxy: named,
    proxyVariables = [],
    clock = systemClock,
    hosts,
  } = options
  const root = resolve(base)
  const proxy = named === undefined ? proxyFrom(variables, proxyVariables) : proxyNamed(named)
  const tlsOf = new Map(Object.entries(tls).map(([origin, one]) => [parseOrigin(origin, true).origin, one]))
  const backOff = hosts ?? new Hosts({ clock })
  const lookUp: Secrets = (name) => (Object.hasOwn(secrets, name) ? secrets[name] : variables[name])
  const bounds = boundsOf(root, rehearsal)
  return {
    clock,
    hosts,
    signer: signerOf(lookUp, clock),
    directory: bounds.directory,
    reach(origin) {
      const url = bounds.server(origin)
      const { ca = defaultAuthorities().join('\n'), cert } = tlsOf.get(url.origin) ?? {}
      if (cert !== undefined) throw certificateKept(origin)
      return { ca, proxy: proxy(url) }
    },
    http(origin, credential, own) {
      const url = bounds.server(origin)
      return createHttpClient({
        origin,
        credential,
        ...tlsOf.get(url.origin),
        ...own,
        proxy,
        onlyHere: rehearsal,
        secrets: lookUp,
        clock,
        backOff: backOff.of(url.origin),
      })
    },
  }
}

/**
 * Limits where an environment may connect and write: in a rehearsal, only to loopback and directories below `root`. Each function throws a
 * `UsageError` otherwise.
 */
function boundsOf(root: string, rehearsal: boolean): { server(origin: string): URL; directory(path: string): string } {
  return {
    server(origin) {
      const url = parseOrigin(origin, true)
      if (rehearsal && !isLoopback(url.hostname)) throw beyond(origin, 'A rehearsal connects only to this machine.')
      return url
    },
    directory(path) {
      const absolute = resolve(root, path)
      if (rehearsal && !`${realPath(absolute)}${sep}`.startsWith(`${realPath(root)}${sep}`))
        throw beyond(`the directory ${absolute}`, `A rehearsal uses only directories below ${root}.`)
      return absolute
    },
  }
}

function signerOf(secrets: Secrets, clock: Clock): NonNullable<Environment['signer']> {
  return (keys, passphrase) => {
    for (const name of [...keys, ...(passphrase === undefined ? [] : [passphrase])]) expectSecretSet(name, secrets)
    return async () => {
      const phrase = passphrase === undefined ? undefined : await readSecretText({ variable: passphrase }, secrets)
      const texts = await Promise.all(keys.map((variable) => readSecretText({ variable }, secrets)))
      return openSigner(
        texts.map((armoured) => ({ armoured, passphrase: phrase })),
        clock.now(),
      )
    }
  }
}

function certificateKept(where: string): UsageError {
  return new UsageError({
    code: 'usage/package-manager',
    what: 'the server requires a client certificate, which Stagegate gives to no other program',
    where,
    next: 'Verify this target without a package manager. Nothing was done.',
  })
}

/** The real path: a symbolic link below the checkout may point out of it. */
function realPath(path: string): string {
  try {
    return realpathSync(path)
  } catch (error) {
    if (!isMissing(error) || dirname(path) === path) throw error
    return join(realPath(dirname(path)), basename(path))
  }
}

function beyond(where: string, next: string): UsageError {
  return new UsageError({ code: 'usage/rehearsal', what: `a rehearsal must not use ${where}`, next: `${next} Nothing was done.` })
}
