import { isIP } from 'node:net'
import { resolve, sep } from 'node:path'
import { UsageError } from '@stagegate/schema'
import { type Clock, systemClock } from './clock.js'
import { createHttpClient } from './http/create-client.js'
import type { Environment } from './repository/define.js'

export interface EnvironmentOptions {
  /** Where credentials are looked up by name. */
  readonly variables: Readonly<Record<string, string | undefined>>
  /** What relative paths start from. */
  readonly base: string
  /** Refuses everything but loopback addresses and directories below `base`. */
  readonly rehearsal: boolean
  readonly clock?: Clock | undefined
}

/** How repositories reach the world: HTTP clients bound to their origin, directories, the clock. */
export function createEnvironment({ variables, base, rehearsal, clock = systemClock }: EnvironmentOptions): Environment {
  const root = resolve(base)
  return {
    clock,
    directory(path) {
      const absolute = resolve(root, path)
      if (rehearsal && absolute !== root && !absolute.startsWith(root + sep))
        throw beyond(`the directory ${absolute}`, `Directories of a rehearsal lie below ${root}.`)
      return absolute
    },
    http(origin, credential) {
      if (rehearsal && !isLoopback(origin)) throw beyond(origin, 'A rehearsal talks to this machine only.')
      return createHttpClient({ origin, credential, secrets: (name) => variables[name] ?? '' })
    },
  }
}

function isLoopback(origin: string): boolean {
  const host = new URL(origin).hostname.replace(/^\[|\]$/g, '')
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
}

function beyond(where: string, next: string): UsageError {
  return new UsageError({ code: 'usage/rehearsal', what: `a rehearsal may not touch ${where}`, next: `${next} Nothing was done.` })
}
