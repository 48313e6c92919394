import type { Readable } from 'node:stream'
import type { Coordinates } from '@stagegate/schema'
import type { Body, Call, Item, Observation, Served, ServerSideCopy, Sink, Source, Written } from '../../contract/capabilities.js'
import { storePath, type Users } from '../../store/index.js'
import { type OpenedS3, probePath } from '../../store/s3/index.js'
import { placeOf } from './place.js'
import type { Visitors } from './visitors.js'

/** The parts of an `S3Repository`. */
export interface S3RepositoryParts {
  readonly opened: OpenedS3
  /** Reads as users do. */
  readonly readers: Users
  /** Makes sure of the place before anything is written to it. @default nothing */
  readonly beforeWrite: ((call: Call) => Promise<void>) | undefined
}

/** Packages and plain files in a bucket, each under a name that people can read. */
export class S3Repository implements Source, Sink, Served, ServerSideCopy {
  readonly host: string
  readonly #opened: OpenedS3
  readonly #readers: Users
  readonly #beforeWrite: S3RepositoryParts['beforeWrite']

  constructor({ opened, readers, beforeWrite }: S3RepositoryParts) {
    this.host = opened.store.host
    this.#opened = opened
    this.#readers = readers
    this.#beforeWrite = beforeWrite
  }

  async observe(at: Coordinates, call: Call): Promise<Observation> {
    const path = placeOf(at)
    const seen = await this.#opened.store.observe(path, call)
    return seen.saw === 'absent' ? seen : { saw: 'present', sha256: seen.sha256, size: seen.size, location: path }
  }

  async read(location: string, call: Call): Promise<Readable> {
    return (await this.#opened.store.read(storePath(location), call)).stream
  }

  async create({ coordinates }: Item, body: Body, call: Call): Promise<Written> {
    const path = placeOf(coordinates)
    await this.#beforeWrite?.(call)
    const written = await this.#opened.store.create(path, body, call)
    return written.outcome === 'accepted' ? { ...written, location: path } : written
  }

  nameOnHost(location: string): string {
    return this.#opened.store.nameOf(storePath(location))
  }

  async copy({ coordinates, content }: Item, from: string, call: Call): Promise<Written | { readonly outcome: 'unsupported' }> {
    await this.#beforeWrite?.(call)
    return this.#opened.store.copyNamed(from, placeOf(coordinates), content, call)
  }

  async served(at: Coordinates, call: Call): Promise<Readable | undefined> {
    return this.#readers.read(placeOf(at), call)
  }
}

/** Makes sure, once, that nobody but its owner can read a bucket. @throws {RepositoryRefusal} anybody can read what is staged */
export function expectPrivate({ probe }: OpenedS3, visitors: Visitors): (call: Call) => Promise<void> {
  let isHidden: Promise<void> | undefined
  const look = async (call: Call) => {
    await probe.creates(call)
    await visitors.expectNothing(probePath, call)
  }
  return (call) => {
    isHidden ??= look(call).catch((error: unknown) => {
      isHidden = undefined
      throw error
    })
    return isHidden
  }
}
