import { Readable } from 'node:stream'
import type { PackageCoordinates } from '@stagegate/schema'
import type { Clock } from '../../../contract/clock.js'
import { itemOf, memoryRepository, type VirtualClock, virtualClock } from '../../../testing/fixtures.js'
import { type Hook, type MemoryFiles, MemoryStore } from '../../../testing/memory-store.js'
import { makeDeb } from '../../../testing/packages/index.js'
import { type ArtifactDelivery, deliverAll } from '../../../verb/deliver-all.js'
import { IndexedRepository } from '../../indexed/indexed-repository.js'
import type { Checking, Signing } from '../../indexed/layout.js'
import { UsersView } from '../../indexed/users-view.js'
import { AptLayout } from '../layout.js'
import type { AptEntry } from '../packages-file.js'
import type { AptSettings } from '../settings.js'

const frame = [
  '-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n',
  '-----BEGIN PGP SIGNATURE-----\n\nby us\n-----END PGP SIGNATURE-----\n',
] as const

/** In the place of OpenPGP, whose own tests are elsewhere. */
export const signing: Signing = {
  clearsign: async (text) => `${frame[0]}${text}${frame[1]}`,
  detached: async (bytes) => `signature of ${Buffer.from(bytes).toString('base64')}`,
}
export const checking: Checking = {
  cleartext: async (document) => {
    const text = Buffer.from(document).toString()
    if (!text.startsWith(frame[0]) || !text.endsWith(frame[1])) throw new Error('It is not signed by us')
    return { text: Buffer.from(text.slice(frame[0].length, -frame[1].length)) }
  },
  detached: async (bytes, signature) => {
    if (Buffer.from(signature).toString() !== (await signing.detached(bytes, '' as never))) throw new Error('It is not signed by us')
  },
}

/** Opens the repository of a process. */
export function openSuite(files: MemoryFiles, clock: Clock, { hook, settings = {} }: { hook?: Hook; settings?: AptSettings } = {}) {
  const store = new MemoryStore(files, clock, hook)
  const layout = new AptLayout(settings)
  const readers = { read: async (path: never) => (files.files.has(path) ? Readable.from([files.files.get(path)?.data]) : undefined) }
  return new IndexedRepository<AptEntry>({
    store,
    layout,
    clock,
    signing: async () => signing,
    checking: () => async () => checking,
    keyring: undefined,
    beforeWrite: undefined,
    users: new UsersView({ layout, readers, checking: () => async () => checking }),
  })
}

export interface Deb {
  readonly at: PackageCoordinates
  readonly data: Buffer
}

/** A package; with other content where `content` is another. */
export function deb(name: string, version = '1.0', architecture = 'amd64', content = ''): Deb {
  const at = {
    format: 'deb',
    distribution: 'debian/stable',
    name,
    version,
    architecture,
    file: `${name}_${version.replace(/^\d+:/, '')}_${architecture}.deb`,
  } as const
  return { at, data: Buffer.from(makeDeb({ name, version, architecture, files: { [`usr/share/${name}/content`]: content } })) }
}

/** Publishes packages in one run, as a job does. */
export async function publish(
  repository: IndexedRepository<AptEntry>,
  debs: readonly Deb[],
  { clock = virtualClock(), signal }: { clock?: VirtualClock; signal?: AbortSignal } = {},
) {
  const deliveries = debs.map(({ at, data }): ArtifactDelivery => {
    const item = itemOf(data, at)
    return {
      is: 'package',
      target: 'debian/stable',
      item,
      open: async () => Readable.from([data]),
      destinations: [{ plan: { repository: 'apt', advisory: false }, repository, item }],
    }
  })
  const arrivals = await deliverAll(deliveries, { repositories: { apt: memoryRepository() }, clock, random: Math.random, signal })
  return arrivals.map(({ outcome }) => outcome)
}

/** The files as a web server shows them. */
export const shownBy =
  ({ files }: MemoryFiles) =>
  (path: string) =>
    files.get(path as never)?.data
