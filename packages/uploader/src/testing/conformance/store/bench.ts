import type { Body, Call, Written } from '../../../contract/capabilities.js'
import { type AnyStore, checkedStore } from '../../../store/checked-store.js'
import {
  type CopyingStore,
  type Entry,
  type MovingStore,
  type Reading,
  type Sighting,
  type StorePath,
  storePath,
  type Version,
} from '../../../store/index.js'
import { bytesOf, contentOf, sampleBytes } from '../../bytes.js'
import { bodyFrom } from '../artifacts.js'
import { bytesSaid, Calls, causeOf, type Ended, saidOf } from '../calls.js'
import type { StoreConformanceOptions, StoreMeans, StorePlace } from './place.js'

/** A file to be written. */
export interface File {
  readonly path: StorePath
  readonly data: Buffer
}

/** A file of that name; another `seed` is other bytes. */
export function fileOf(name: string, seed = 1, size = 2000): File {
  return { path: storePath(name), data: sampleBytes(size, seed) }
}

/** The body of a file, in two pieces where it has that many bytes. */
export function bodyOf({ data }: Pick<File, 'data'>): Body {
  const half = Math.floor(data.length / 2)
  return bodyThat(data, [data.subarray(0, half), data.subarray(half)])
}

/** A body that claims to be these bytes, and brings others. */
export function bodyThat(claimed: Buffer, pieces: Iterable<Buffer> | AsyncIterable<Buffer>): Body {
  return bodyFrom({ content: contentOf(claimed) }, piecesOf(pieces))
}

async function* piecesOf(pieces: Iterable<Buffer> | AsyncIterable<Buffer>) {
  for await (const piece of pieces) if (piece.length > 0) yield piece
}

/** A case's place, with the calls that it makes there. */
export class StoreBench extends Calls {
  readonly store: AnyStore
  readonly #place: StorePlace
  readonly #name: string

  constructor(place: StorePlace, promise: string, { name = 'the store', patience = 10_000, seenWithin = 10_000 }: StoreConformanceOptions) {
    super({ promise, name, patience, seenWithin })
    this.#place = place
    this.#name = name
    this.store = checkedStore(name, place.store)
  }

  /** The same place, by one of the means that it gives. */
  async by(means: Exclude<StoreMeans, 'remove'>): Promise<AnyStore> {
    const open = this.#place[means]
    if (open === undefined) throw new Error(`Expected a place with ${means}()`)
    return checkedStore(this.#name, await open())
  }

  async remove(path: StorePath): Promise<void> {
    await this.#place.remove?.(path)
  }

  create({ path }: Pick<File, 'path'>, body: Body, on = this.store, call = this.call()): Promise<Ended<Written>> {
    return this.ended(`create(${path})`, on.create(path, body, call))
  }

  /** Creates a file, which must be accepted. */
  async put(file: File, on = this.store): Promise<void> {
    const ended = await this.create(file, bodyOf(file), on)
    if (ended.how !== 'returned' || ended.answer.outcome !== 'accepted')
      this.fail(`create(${file.path})`, saidOf(ended), "{ outcome: 'accepted' }, for nothing is there", causeOf(ended))
  }

  observe({ path }: Pick<File, 'path'>, on = this.store): Promise<Ended<Sighting>> {
    return this.ended(`observe(${path})`, on.observe(path, this.call()))
  }

  /** Nothing is there: neither a look nor a reader finds it. */
  async absent({ path }: Pick<File, 'path'>, on = this.store): Promise<void> {
    const ended = await this.observe({ path }, on)
    if (ended.how === 'returned' && ended.answer.saw === 'absent') return
    this.fail(`observe(${path})`, saidOf(ended), "{ saw: 'absent' }", causeOf(ended))
  }

  /** Looks until it is there, with these bytes. Returns its version. */
  async there({ path, data }: File, on = this.store): Promise<Version> {
    const seen = await this.settled(
      () => this.observe({ path }, on),
      (ended) => ended.how === 'returned' && ended.answer.saw === 'present',
    )
    if (seen.how !== 'returned' || seen.answer.saw !== 'present')
      return this.fail(`observe(${path})`, saidOf(seen), "{ saw: 'present' }, for it was written", causeOf(seen))
    const { sha256, size, version } = seen.answer
    const content = contentOf(data)
    if (sha256 !== undefined && sha256 !== content.sha256)
      this.fail(`observe(${path})`, `says the sha256 ${sha256}`, `${content.sha256}, or undefined if it is not known`)
    if (size !== undefined && size !== data.length)
      this.fail(`observe(${path})`, `says the size ${size}`, `${data.length}, or undefined if it is not known`)
    const { bytes, version: read } = await this.read({ path }, on)
    if (!bytes.equals(data)) this.fail(`read(${path})`, `brought ${bytesSaid(bytes)}`, `the bytes that were written: ${bytesSaid(data)}`)
    if (read !== version) this.fail(`read(${path})`, `says the version ${read}`, `${version}, as observe() says`)
    return version
  }

  /** The bytes of a file that is there, and their version. */
  async read({ path }: Pick<File, 'path'>, on = this.store): Promise<Pick<Reading, 'version'> & { readonly bytes: Buffer }> {
    const reading = async () => {
      const { stream, version } = await on.read(path, this.call())
      return { bytes: await bytesOf(stream), version }
    }
    const ended = await this.settled(
      () => this.ended(`read(${path})`, reading()),
      (one) => one.how === 'returned',
    )
    if (ended.how === 'returned') return ended.answer
    return this.fail(`read(${path})`, saidOf(ended), 'its bytes, for it is there', ended.error)
  }

  /** The store as one whose files move. */
  moving(on = this.store): MovingStore {
    const { replaceIf, list } = on
    if (replaceIf === undefined || list === undefined) throw new Error('Expected a store with replaceIf() and list()')
    return { ...on, replaceIf, list }
  }

  replace({ path }: Pick<File, 'path'>, body: Body, seen: Version | 'absent', on = this.store, call: Call = this.call()) {
    return this.ended(`replaceIf(${path})`, this.moving(on).replaceIf(path, body, seen, call))
  }

  /** Moves a file from a version, which must be done. Returns its new version. */
  async move(file: File, seen: Version | 'absent', on = this.store): Promise<Version> {
    const ended = await this.replace(file, bodyOf(file), seen, on)
    if (ended.how === 'returned' && ended.answer.outcome === 'replaced') return ended.answer.version
    return this.fail(`replaceIf(${file.path})`, saidOf(ended), "{ outcome: 'replaced', version }, for it is as it was seen", causeOf(ended))
  }

  /** Tries to move a file from a version that it does not have. */
  async stays(file: File, seen: Version | 'absent', why: string): Promise<void> {
    const ended = await this.replace(file, bodyOf(file), seen)
    if (ended.how === 'returned' && ended.answer.outcome === 'changed') return
    this.fail(`replaceIf(${file.path})`, saidOf(ended), `{ outcome: 'changed' }, for ${why}`, causeOf(ended))
  }

  async listed(folder: StorePath | undefined): Promise<readonly Entry[]> {
    const all = async () => {
      const entries: Entry[] = []
      for await (const entry of this.moving().list(folder, this.call())) entries.push(entry)
      return entries
    }
    const ended = await this.ended(`list(${folder ?? ''})`, all())
    return ended.how === 'returned' ? ended.answer : this.fail(`list(${folder ?? ''})`, saidOf(ended), 'the files there', ended.error)
  }

  copy(from: File, path: StorePath, expected = contentOf(from.data)): Promise<Ended<Awaited<ReturnType<CopyingStore['copy']>>>> {
    const { copy, nameOnHost } = this.store
    if (copy === undefined || nameOnHost === undefined) throw new Error('Expected a store with copy() and nameOnHost()')
    return this.ended(`copy(${from.path}, ${path})`, copy(nameOnHost(from.path), path, expected, this.call()))
  }
}
