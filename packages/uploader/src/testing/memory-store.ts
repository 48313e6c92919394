import { Readable } from 'node:stream'
import { bytes, type Content, type Instant } from '@stagegate/schema'
import { type Body, type Call, NotThere, type Written } from '../contract/capabilities.js'
import type { Clock } from '../contract/clock.js'
import {
  type CopyingStore,
  type Entry,
  type MovingStore,
  type Reading,
  type Replaced,
  type Sighting,
  type StorePath,
  storePath,
  type Version,
  version,
} from '../store/index.js'
import { contentOf } from './bytes.js'

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
export class MemoryStore implements MovingStore, CopyingStore {
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
      return { saw: 'present', ...contentOf(file.data), version: file.version }
    })
  }

  async read(path: StorePath): Promise<Reading> {
    return this.#ask(`read ${path}`, () => {
      const file = this.#shared.files.get(path)
      if (file === undefined) throw new NotThere(`${path} is not there`)
      return { stream: Readable.from([file.data], { objectMode: false }), version: file.version, modified: file.modified }
    })
  }

  async create(path: StorePath, body: Body, call: Call): Promise<Written> {
    const data = await dataOf(body, call)
    return this.#ask(`create ${path}`, () => this.#add(path, data))
  }

  async replaceIf(path: StorePath, body: Body, seen: Version | 'absent', call: Call): Promise<Replaced> {
    const data = await dataOf(body, call)
    return this.#ask(`replace ${path}`, () => {
      if ((this.#shared.files.get(path)?.version ?? 'absent') !== seen) return { outcome: 'changed' }
      return { outcome: 'replaced', version: this.#shared.put(path, data, this.#clock.now()) }
    })
  }

  async now(): Promise<Instant> {
    return this.#clock.now()
  }

  nameOnHost(path: StorePath): string {
    return `memory:${path}`
  }

  async copy(from: string, path: StorePath, { sha256 }: Content): Promise<Written | { readonly outcome: 'unsupported' }> {
    return this.#ask(`copy ${from} ${path}`, () => {
      const source = this.#shared.files.get(storePath(from.replace(/^memory:/, '')))
      if (source === undefined || contentOf(source.data).sha256 !== sha256) return { outcome: 'unsupported' }
      return this.#add(path, source.data)
    })
  }

  async *list(folder: StorePath | undefined): AsyncIterable<Entry> {
    await this.#hook(`list ${folder}`, 'before')
    for (const [path, { data }] of this.#shared.files)
      if (folder === undefined || path.startsWith(`${folder}/`)) yield { path, size: bytes(data.length) }
  }

  #add(path: StorePath, data: Buffer): Written {
    if (this.#shared.files.has(path)) return { outcome: 'exists' }
    this.#shared.put(path, data, this.#clock.now())
    return { outcome: 'accepted' }
  }

  async #ask<T>(what: string, answer: () => T): Promise<T> {
    await this.#hook(what, 'before')
    const given = answer()
    await this.#hook(what, 'after')
    return given
  }
}

/** The bytes of a body. @throws {Error} they are not its content; the call is to stop */
async function dataOf(body: Body, { signal }: Call): Promise<Buffer> {
  signal.throwIfAborted()
  const source = body.stream()
  const stop = () => source.destroy(signal.reason)
  signal.addEventListener('abort', stop)
  const chunks: Buffer[] = []
  try {
    for await (const chunk of source as AsyncIterable<Buffer>) chunks.push(chunk)
  } finally {
    signal.removeEventListener('abort', stop)
  }
  const data = Buffer.concat(chunks)
  const { sha256 } = contentOf(data)
  if (sha256 !== body.content.sha256) throw new Error(`Expected bytes with the sha256 ${body.content.sha256}, and ${sha256} came`)
  return data
}
