import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { bytes, type Instant, sha256 } from '@stagegate/schema'
import { type Body, NotThere, type Written } from '../contract/capabilities.js'
import type { Clock } from '../contract/clock.js'
import {
  type Entry,
  type MovingStore,
  type Reading,
  type Replaced,
  type Sighting,
  type StorePath,
  type Version,
  version,
} from '../store/index.js'

interface File {
  readonly data: Buffer
  readonly version: Version
  readonly modified: Instant
}

/** The bytes that several stores share, as processes share a bucket. */
export class MemoryFiles {
  readonly files = new Map<StorePath, File>()
  /** Each state of each file that was replaced, in order. */
  readonly history: (readonly [StorePath, Buffer])[] = []
  #states = 0

  put(path: StorePath, data: Buffer, modified: Instant): Version {
    const file = { data, version: version(String(++this.#states)), modified }
    this.files.set(path, file)
    this.history.push([path, data])
    return file.version
  }
}

/** Stands before and after each request of a store: it can throw, or wait. */
export type Hook = (what: string, when: 'before' | 'after') => Promise<void> | void

/** A store in memory with compare-and-set, whose requests can fail at any point. */
export class MemoryStore implements MovingStore {
  readonly host = undefined
  readonly #shared: MemoryFiles
  readonly #clock: Clock
  readonly #hook: Hook

  constructor(shared: MemoryFiles, clock: Clock, hook: Hook = () => undefined) {
    this.#shared = shared
    this.#clock = clock
    this.#hook = hook
  }

  async observe(path: StorePath): Promise<Sighting> {
    return this.#ask(`observe ${path}`, () => {
      const file = this.#shared.files.get(path)
      if (file === undefined) return { saw: 'absent' }
      return { saw: 'present', sha256: digest(file.data), size: bytes(file.data.length), version: file.version }
    })
  }

  async read(path: StorePath): Promise<Reading> {
    return this.#ask(`read ${path}`, () => {
      const file = this.#shared.files.get(path)
      if (file === undefined) throw new NotThere(`${path} is not there`)
      return { stream: Readable.from([file.data]), version: file.version, modified: file.modified }
    })
  }

  async create(path: StorePath, body: Body): Promise<Written> {
    const data = await buffer(body.stream())
    return this.#ask(`create ${path}`, () => {
      if (this.#shared.files.has(path)) return { outcome: 'exists' }
      this.#shared.put(path, data, this.#clock.now())
      return { outcome: 'accepted' }
    })
  }

  async replaceIf(path: StorePath, body: Body, seen: Version | 'absent'): Promise<Replaced> {
    const data = await buffer(body.stream())
    return this.#ask(`replace ${path}`, () => {
      if ((this.#shared.files.get(path)?.version ?? 'absent') !== seen) return { outcome: 'changed' }
      return { outcome: 'replaced', version: this.#shared.put(path, data, this.#clock.now()) }
    })
  }

  async *list(folder: StorePath | undefined): AsyncIterable<Entry> {
    await this.#hook(`list ${folder}`, 'before')
    for (const [path, { data }] of this.#shared.files)
      if (folder === undefined || path.startsWith(`${folder}/`)) yield { path, size: bytes(data.length) }
  }

  async #ask<T>(what: string, answer: () => T): Promise<T> {
    await this.#hook(what, 'before')
    const given = answer()
    await this.#hook(what, 'after')
    return given
  }
}

function digest(data: Buffer) {
  return sha256(createHash('sha256').update(data).digest('hex'))
}
