import type { Readable } from 'node:stream'
import { type Coordinates, fileOf, isPackage, type PackageCoordinates } from '@stagegate/schema'
import {
  type Body,
  type Call,
  IndexBroken,
  type Indexed,
  type Installable,
  type Item,
  type Listed,
  type Observation,
  type Served,
  type Sink,
  type Source,
  type Written,
} from '../../contract/capabilities.js'
import type { PackageSource } from '../../contract/package-source.js'
import { readDigest } from '../../contract/read-digest.js'
import { type StorePath, storePath } from '../../store/index.js'
import { unsupported } from '../unsupported.js'
import { Catalogues } from './catalogues.js'
import { IndexWriter } from './index-writer.js'
import type { Catalogue, Entry } from './layout.js'
import { StoredPackage } from './package-bytes.js'
import type { IndexedParts } from './parts.js'
import { readVersioned } from './tree.js'

/** Packages in a tree of files, which users find through a signed index. Any number of writers can list packages at the same time. */
export class IndexedRepository<E extends Entry> implements Source, Sink, Served, Indexed, Installable {
  readonly host: string | undefined
  readonly #parts: IndexedParts<E>
  readonly #writer: IndexWriter<E>
  /** Packages that are in the tree and wait to be listed, by place. */
  readonly #unlisted = new Map<StorePath, E>()
  /** Different bytes than ours, which are in their place without being listed, by coordinates. */
  readonly #taken = new Map<string, Extract<Observation, { saw: 'present' }>>()
  readonly #catalogues: Catalogues<E>

  constructor(parts: IndexedParts<E>) {
    this.host = parts.store.host
    this.#parts = parts
    this.#catalogues = new Catalogues(parts)
    this.#writer = new IndexWriter(parts, this.#catalogues)
  }

  async observe(coordinates: Coordinates, call: Call): Promise<Observation> {
    const at = expectPackage(coordinates)
    const listed = await (await this.#catalogueOf(this.#parts.layout.indexOf(at), call)).find(at)
    if (listed === undefined) return this.#taken.get(JSON.stringify(at)) ?? { saw: 'absent' }
    const seen = await this.#look(listed.place, call)
    // Clients would refuse the bytes that are there, so the file is neither absent nor what the index says.
    if (seen?.sha256 !== listed.content.sha256)
      throw new IndexBroken(
        `the index lists ${listed.place} with the sha256 ${listed.content.sha256}, but ${whatIsThere(seen)}`,
        'Find out who changed or removed it, and restore the released file.',
      )
    return seen
  }

  async read(location: string, call: Call): Promise<Readable> {
    return (await this.#parts.store.read(storePath(location), call)).stream
  }

  async create({ coordinates, content }: Item, body: Body, call: Call): Promise<Written> {
    const { store, layout } = this.#parts
    const at = expectPackage(coordinates)
    const place = layout.placeOf(at, content)
    await this.#parts.beforeWrite?.(call)
    // Without a signer nothing can be listed, so nothing is uploaded either.
    await this.#parts.signing()
    const written = await store.create(place, body, call)
    if (written.outcome === 'refused') return written
    if (written.outcome === 'exists') {
      const seen = await this.#look(place, call)
      if (seen === undefined) return written
      if (seen.sha256 !== content.sha256) {
        this.#taken.set(JSON.stringify(at), seen)
        return written
      }
    }
    const bytes = new StoredPackage(fileOf(at), content.size, () => this.read(place, call))
    try {
      this.#unlisted.set(place, await layout.describe(at, { place, content }, bytes))
    } finally {
      bytes.close()
    }
    return { outcome: 'accepted', location: place }
  }

  async list(items: readonly Item[], call: Call): Promise<Listed> {
    const { layout } = this.#parts
    const wanted = items.map(({ coordinates, content }) => {
      const at = expectPackage(coordinates)
      return { at, content, entry: this.#unlisted.get(layout.placeOf(at, content)) }
    })
    const indices = [...new Set(wanted.map(({ at }) => layout.indexOf(at)))].sort()
    const answers = new Map<(typeof wanted)[number], Written>()
    let changed: Listed | undefined
    for (const index of indices) {
      const its = wanted.filter(({ at }) => layout.indexOf(at) === index)
      const listed = await this.#writer.list(index, its, call)
      if (listed.outcome === 'changed') changed = listed
      else for (const [number, one] of its.entries()) answers.set(one, listed.written[number] ?? { outcome: 'exists' })
    }
    return changed ?? { outcome: 'done', written: wanted.map((one) => answers.get(one) ?? { outcome: 'exists' }) }
  }

  async served(coordinates: Coordinates, call: Call): Promise<Readable | undefined> {
    return this.#parts.users.read(expectPackage(coordinates), call)
  }

  async sourceOf(at: PackageCoordinates, call: Call): Promise<PackageSource> {
    return this.#parts.source(this.#parts.layout.indexOf(at), call)
  }

  /** The index as it is now. */
  async #catalogueOf(index: string, call: Call): Promise<Catalogue<E>> {
    const { store, layout } = this.#parts
    return this.#catalogues.of(index, (await readVersioned(store, layout.topOf(index), call))?.bytes, call)
  }

  /** Looks at a place. The digest comes from the store if it confirms one, otherwise from the bytes. */
  async #look(place: StorePath, call: Call): Promise<Extract<Observation, { saw: 'present' }> | undefined> {
    const seen = await this.#parts.store.observe(place, call)
    if (seen.saw === 'absent') return undefined
    const { sha256, size } = seen.sha256 === undefined ? await readDigest(await this.read(place, call)) : seen
    return { saw: 'present', sha256, size, location: place }
  }
}

function whatIsThere(seen: Extract<Observation, { saw: 'present' }> | undefined): string {
  return seen === undefined ? 'nothing is there' : `${seen.sha256} is there`
}

/** @throws {StagegateError} if it is not a package */
function expectPackage(at: Coordinates): PackageCoordinates {
  if (isPackage(at)) return at
  throw unsupported('a repository with an index accepts only packages', 'Publish it to a repository of files.', fileOf(at))
}
