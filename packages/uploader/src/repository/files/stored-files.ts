import type { Readable } from 'node:stream'
import type { Coordinates } from '@stagegate/schema'
import type { Body, Call, Item, Observation, Served, ServerSideCopy, Sink, Source, Written } from '../../contract/capabilities.js'
import type { AnyStore } from '../../store/checked-store.js'
import { type StorePath, storePath, type Users } from '../../store/index.js'
import { placeOf } from './place.js'

/** The parts of `StoredFiles`. */
export interface StoredFilesParts {
  readonly store: AnyStore
  /** Reads as users do. */
  readonly users: Users
  /** The folder of the store that it starts at. @default all of it */
  readonly path?: string | undefined
  /** Checks the place before anything is written to it. @default no check */
  readonly beforeWrite?: ((call: Call) => Promise<void>) | undefined
}

/** Packages and plain files on a store, each under a name that people can read. */
export class StoredFiles implements Source, Sink, Served {
  readonly host: string | undefined
  /** If its server copies between stores. */
  declare readonly copy?: ServerSideCopy['copy']
  declare readonly nameOnHost?: ServerSideCopy['nameOnHost']
  readonly #parts: StoredFilesParts

  constructor(parts: StoredFilesParts) {
    const { store } = parts
    this.host = store.host
    this.#parts = parts
    if (store.copy === undefined || store.nameOnHost === undefined) return
    this.copy = async (item, from, call) => this.#copy(item, from, call)
    this.nameOnHost = (location) => store.nameOnHost?.(storePath(location)) ?? ''
  }

  async observe(at: Coordinates, call: Call): Promise<Observation> {
    const location = this.#pathOf(at)
    const seen = await this.#parts.store.observe(location, call)
    return seen.saw === 'absent' ? seen : { saw: 'present', sha256: seen.sha256, size: seen.size, location }
  }

  async read(location: string, call: Call): Promise<Readable> {
    return (await this.#parts.store.read(storePath(location), call)).stream
  }

  async create({ coordinates }: Item, body: Body, call: Call): Promise<Written> {
    const location = this.#pathOf(coordinates)
    await this.#parts.beforeWrite?.(call)
    const written = await this.#parts.store.create(location, body, call)
    return written.outcome === 'accepted' ? { ...written, location } : written
  }

  async served(at: Coordinates, call: Call): Promise<Readable | undefined> {
    return this.#parts.users.read(this.#pathOf(at), call)
  }

  async #copy({ coordinates, content }: Item, from: string, call: Call): ReturnType<ServerSideCopy['copy']> {
    const { store, beforeWrite } = this.#parts
    await beforeWrite?.(call)
    return store.copy?.(from, this.#pathOf(coordinates), content, call) ?? { outcome: 'unsupported' }
  }

  #pathOf(at: Coordinates): StorePath {
    const { path } = this.#parts
    return path === undefined ? placeOf(at) : storePath(`${path}/${placeOf(at)}`)
  }
}
