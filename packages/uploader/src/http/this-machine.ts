import { lookup as systemLookup } from 'node:dns'
import { isIPv4, type LookupFunction } from 'node:net'
import { UsageError } from '@stagegate/schema'
import { isLoopback } from './origin.js'

/** @throws {UsageError} an address of another machine, to which a rehearsal sends nothing, wherever a server leads it */
export function refuseElsewhere(url: URL): void {
  if (!isLoopback(url.hostname)) throw elsewhere(url.origin)
}

/**
 * Finds the addresses of `localhost`, which is a name like any other: a file or a resolver can give it to another machine.
 * Plain http and a rehearsal take the name for this machine.
 */
export function lookupHere(system: typeof systemLookup = systemLookup): LookupFunction {
  return (hostname, options, callback) => {
    system(hostname, { ...options, all: true }, (error, found) => {
      const [first] = found ?? []
      if (error !== null || first === undefined) return callback(error ?? new Error('the name has no address'), '', 4)
      const other = found.find(({ address }) => !isHere(address))
      if (other !== undefined) return callback(elsewhere(`${hostname}, which is ${other.address} here`), '', 4)
      if (options.all === true) callback(null, found)
      else callback(null, first.address, first.family)
    })
  }
}

function isHere(address: string): boolean {
  const v4 = address.replace(/^::ffff:(?=\d)/i, '')
  return address === '::1' || (isIPv4(v4) && v4.startsWith('127.'))
}

function elsewhere(where: string): UsageError {
  return new UsageError({
    code: 'usage/elsewhere',
    what: `the request would go to another machine: ${where}`,
    next: 'A rehearsal and plain http may connect only to this machine. Nothing was sent there.',
  })
}
