import { realpathSync } from 'node:fs'
import { basename, dirname, join, resolve, sep } from 'node:path'
import { UsageError } from '@stagegate/schema'
import { type Clock, systemClock } from './contract/clock.js'
import { createHttpClient } from './http/create-client.js'
import { isLoopback, parseOrigin } from './http/origin.js'
import { proxyFrom } from './http/proxy.js'
import type { Environment } from './repository/define.js'
import { isMissing } from './repository/directory/path.js'
import { Hosts } from './transfer/host.js'

export interface EnvironmentOptions {
  /** Where credentials are looked up by name. */
  readonly variables: Readonly<Record<string, string | undefined>>
  /** The folder that relative paths start from. */
  readonly base: string
  /** Refuses everything but loopback addresses and directories below `base`. */
  readonly rehearsal: boolean
  /**
   * Names of variables that may say which proxy to use: `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, in upper or lower case. Then `NO_PROXY`
   * is heeded, too. @default none: every server is reached directly
   */
  readonly proxyVariables?: readonly string[] | undefined
  readonly clock?: Clock | undefined
  /** Our manners towards each server; give the same to the verbs. @default of this environment alone */
  readonly hosts?: Hosts | undefined
}

/**
 * How repositories reach the world: HTTP clients bound to their origin, directories, the clock.
 *
 * @throws {UsageError} a proxy that is no address of one
 */
export function createEnvironment({
  variables,
  base,
  rehearsal,
  proxyVariables = [],
  clock = systemClock,
  hosts = new Hosts({ clock }),
}: EnvironmentOptions): Environment {
  const root = resolve(base)
  const proxy = proxyFrom(variables, proxyVariables)
  return {
    clock,
    directory(path) {
      const absolute = resolve(root, path)
      if (rehearsal && !`${realPath(absolute)}${sep}`.startsWith(`${realPath(root)}${sep}`))
        throw beyond(`the directory ${absolute}`, `Directories of a rehearsal lie below ${root}.`)
      return absolute
    },
    http(origin, credential, trust) {
      const url = parseOrigin(origin, true)
      if (rehearsal && !isLoopback(url.hostname)) throw beyond(origin, 'A rehearsal talks to this machine only.')
      return createHttpClient({
        origin,
        credential,
        ca: trust?.ca,
        proxy,
        onlyHere: rehearsal,
        secrets: (name) => variables[name],
        clock,
        backOff: hosts.of(url.origin),
      })
    },
  }
}

/** Where the path really leads: a symbolic link below the checkout can point out of it. */
function realPath(path: string): string {
  try {
    return realpathSync(path)
  } catch (error) {
    if (!isMissing(error) || dirname(path) === path) throw error
    return join(realPath(dirname(path)), basename(path))
  }
}

function beyond(where: string, next: string): UsageError {
  return new UsageError({ code: 'usage/rehearsal', what: `a rehearsal may not touch ${where}`, next: `${next} Nothing was done.` })
}
