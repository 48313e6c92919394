import { UsageError } from '@stagegate/schema'
import type { Call } from '../../contract/capabilities.js'
import type { PackageSource } from '../../contract/package-source.js'
import type { StorePath, Users } from '../../store/index.js'
import { encodeKey } from '../../store/s3/index.js'
import type { Environment } from '../define.js'
import type { Entry, Layout } from './layout.js'
import { allOf } from './tree.js'

interface Parts<E extends Entry> {
  readonly layout: Pick<Layout<E>, 'packagesAt'>
  /** Where any program reads the store. `undefined`: its readers need keys. */
  readonly address: string | undefined
  readonly environment: Environment
  readonly certificates: (call: Call) => Promise<string>
}

/** Returns where package managers find an index of a tree. */
export function sourcesOf<E extends Entry>({ layout, address, environment, certificates }: Parts<E>) {
  return async (index: string, call: Call): Promise<PackageSource> => {
    const at = layout.packagesAt(index)
    if (address === undefined)
      throw unreadable('its readers must sign their requests with keys, which no package manager supports', at.path)
    const url = at.path === '' ? address : `${address.replace(/\/$/, '')}/${encodeKey(at.path)}`
    const { protocol, origin } = new URL(url)
    const reach = protocol === 'file:' ? { ca: '' } : environment.reach?.(origin)
    if (reach === undefined) throw unreadable('its environment has no reach(), but a package manager must reach the server', url)
    if (at.manager === 'dnf') return { manager: 'dnf', url, reach, ...(at.isSigned && { certificates: await certificates(call) }) }
    const { suite, component } = at
    return { manager: 'apt', url, suite, component, certificates: await certificates(call), reach }
  }
}

/** The certificates that users have: the given ones, or otherwise those published next to the index. */
export function publishedTo(readers: Users, keyring: StorePath, given: string | undefined): (call: Call) => Promise<string> {
  return async (call) => {
    if (given !== undefined) return given
    const published = await readers.read(keyring, call)
    // Without any, no signature is right, and the package manager says so.
    return published === undefined ? '' : (await allOf(published, keyring)).toString('latin1')
  }
}

function unreadable(what: string, where: string): UsageError {
  return new UsageError({ code: 'usage/package-manager', what, where, next: 'Verify this target without a package manager.' })
}
