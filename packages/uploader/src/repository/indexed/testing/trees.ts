import { Readable } from 'node:stream'
import type { PackageCoordinates } from '@stagegate/schema'
import type { Call, PublicRepository } from '../../../contract/capabilities.js'
import type { Clock } from '../../../contract/clock.js'
import type { StorePath } from '../../../store/index.js'
import { itemOf, memoryRepository, type VirtualClock, virtualClock } from '../../../testing/fixtures.js'
import { type Hook, type MemoryFiles, MemoryStore } from '../../../testing/memory-store.js'
import { makeDeb, makeRpm } from '../../../testing/packages/index.js'
import { type ArtifactDelivery, deliverAll } from '../../../verb/deliver-all.js'
import { AptLayout } from '../../apt/layout.js'
import type { AptSettings } from '../../apt/settings.js'
import { YumLayout } from '../../yum/layout.js'
import type { YumSettings } from '../../yum/settings.js'
import { IndexedRepository } from '../indexed-repository.js'
import type { Checking, Entry, Layout, Signing } from '../layout.js'
import { UsersView } from '../users-view.js'

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

/** How a tree is opened by a process. */
interface Opening {
  /** Stands before and after each request. */
  readonly hook?: Hook | undefined
}

function openTree<E extends Entry>(layout: Layout<E>, files: MemoryFiles, clock: Clock, hook?: Hook) {
  const store = new MemoryStore(files, clock, hook)
  const readers = {
    async read(path: StorePath, { signal }: Call) {
      await hook?.(`users ${path}`, 'before')
      signal.throwIfAborted()
      return files.files.has(path) ? Readable.from([files.files.get(path)?.data]) : undefined
    },
  }
  return new IndexedRepository<E>({
    store,
    layout,
    clock,
    signing: async () => signing,
    checking: () => async () => checking,
    keyring: undefined,
    source: () => Promise.reject(new Error('A tree in memory has no address')),
    beforeWrite: undefined,
    users: new UsersView({ layout, readers, checking: () => async () => checking }),
  })
}

export function openSuite(files: MemoryFiles, clock: Clock, { hook, settings = {} }: Opening & { readonly settings?: AptSettings } = {}) {
  return openTree(new AptLayout(settings), files, clock, hook)
}

export function openYum(files: MemoryFiles, clock: Clock, { hook, settings = {} }: Opening & { readonly settings?: YumSettings } = {}) {
  return openTree(new YumLayout(settings), files, clock, hook)
}

export interface Built {
  readonly at: PackageCoordinates
  readonly data: Buffer
}

/** A package; with other content where `content` is another. */
export function deb(name: string, version = '1.0', architecture = 'amd64', content = ''): Built {
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

/** A package; with other content where `size` is another. */
export function rpm(name: string, full = '1.0-1', architecture = 'x86_64', size = 0): Built {
  const [, epoch, version = '', release = ''] = /^(?:(\d+):)?([^-]+)-(.+)$/.exec(full) ?? []
  const at = {
    format: 'rpm',
    distribution: 'el/9',
    name,
    version: full,
    architecture,
    file: `${name}-${version}-${release}.${architecture}.rpm`,
  } as const
  return { at, data: Buffer.from(makeRpm({ name, version, release, architecture, size, ...(epoch && { epoch: Number(epoch) }) })) }
}

/** Publishes packages in one run, as a job does. */
export async function publish(
  repository: PublicRepository,
  built: readonly Built[],
  { clock = virtualClock(), signal }: { clock?: VirtualClock; signal?: AbortSignal } = {},
) {
  const deliveries = built.map(({ at, data }): ArtifactDelivery => {
    const item = itemOf(data, at)
    return {
      is: 'package',
      target: at.distribution,
      item,
      open: async () => Readable.from([data]),
      destinations: [{ plan: { repository: 'tree', advisory: false }, repository, item }],
    }
  })
  const arrivals = await deliverAll(deliveries, { repositories: { tree: memoryRepository() }, clock, random: Math.random, signal })
  return arrivals.map(({ outcome }) => outcome)
}

/** The files as a web server shows them. */
export const shownBy =
  ({ files }: MemoryFiles) =>
  (path: string) =>
    files.get(path as never)?.data
