import { type Bytes, bytes, type Content, type Instant, instant } from '@stagegate/schema'
import { type Body, type Call, NotThere, type Written } from '../../contract/capabilities.js'
import { checkedBody } from '../checked.js'
import { type StorePath, storePath } from '../path.js'
import type { Entry, MovingStore, Reading, Replaced, Sighting, Version } from '../store.js'
import { isAbsent, isConditionFalse, isContended, refusedFile } from './answers.js'
import { keyOf } from './bucket.js'
import type { S3Limits } from './in-parts.js'
import { listKeys } from './list-keys.js'
import type { Probe } from './probe.js'
import type { Wire } from './wire.js'

/** The parts of an `ObjectStore`. */
export interface StoreParts {
  readonly wire: Wire
  /** The folder of the bucket that it starts at. */
  readonly prefix: StorePath | undefined
  readonly probe: Probe
  readonly limits: S3Limits
}

/** Caches may keep a file that never changes; one that moves is revalidated each time. */
export const forEver = 'max-age=31536000, immutable'
const everyTime = 'no-cache'

/**
 * Objects of a bucket, below a folder of it. Each write has its condition and its digest, so the server itself refuses to replace a file or
 * to accept different bytes. If a server does not support such digests, the last bytes are sent only when all are known to be right.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-requests.html
 */
export class ObjectStore implements MovingStore {
  readonly host: string
  protected readonly parts: StoreParts
  readonly #wire: Wire

  constructor(parts: StoreParts) {
    this.host = parts.wire.origin
    this.parts = parts
    this.#wire = parts.wire
  }

  async observe(path: StorePath, call: Call): Promise<Sighting> {
    const key = this.keyOf(path)
    const { withChecksum } = this.#wire.dialect
    const head = await this.#wire.ask({ method: 'HEAD', key, headers: withChecksum }, call)
    if (head.status === 200) return this.#present(key, head.headers)
    // The answer to a HEAD gives no reason: a missing bucket is 404, too.
    const why = await this.#wire.download(key, withChecksum, call)
    if ('got' in why) {
      why.got.stream.destroy()
      return this.#present(key, why.got.headers)
    }
    if (isAbsent(why.answered)) return { saw: 'absent' }
    throw this.#wire.unexpected(why.answered, key)
  }

  async read(path: StorePath, call: Call): Promise<Reading> {
    const key = this.keyOf(path)
    const read = await this.#wire.download(key, {}, call)
    if ('got' in read) {
      const { stream, headers } = read.got
      return { stream, version: this.#versionIn(key, headers), modified: timeIn(headers['last-modified']) }
    }
    if (isAbsent(read.answered)) throw new NotThere(`${path} is no longer in the bucket ${this.#wire.bucket.name}`)
    throw this.#wire.unexpected(read.answered, key)
  }

  async create(path: StorePath, body: Body, call: Call): Promise<Written> {
    await this.parts.probe.creates(call)
    const { size } = body.content
    if (size > this.parts.limits.single) return this.createLarge(path, body, call)
    const written = await this.#put(path, body, { condition: this.#wire.dialect.onlyNew, cache: forEver }, call)
    if (written.outcome === 'contended') throw written.because
    if (written.outcome === 'false') return { outcome: 'exists' }
    return written.outcome === 'refused' ? written : { outcome: 'accepted' }
  }

  async replaceIf(path: StorePath, body: Body, seen: Version | 'absent', call: Call): Promise<Replaced> {
    await this.parts.probe.replaces(call)
    const { onlyNew, onlyIf } = this.#wire.dialect
    const condition = seen === 'absent' ? onlyNew : onlyIf(seen)
    const written = await this.#put(path, body, { condition, cache: everyTime, isReplaced: seen !== 'absent' }, call)
    if (written.outcome === 'refused') return written
    return written.outcome === 'done' ? { outcome: 'replaced', version: written.version } : { outcome: 'changed' }
  }

  async now(call: Call): Promise<Instant> {
    // Every answer has the date, even if there is no such object.
    const { headers } = await this.#wire.ask({ method: 'HEAD', key: this.keyOf(storePath('now')) }, call)
    return timeIn(headers['date']) ?? this.#wire.clock.now()
  }

  async *list(folder: StorePath | undefined, call: Call): AsyncIterable<Entry> {
    const { prefix } = this.parts
    const below = folder === undefined ? (prefix === undefined ? '' : `${prefix}/`) : `${this.keyOf(folder)}/`
    const cut = prefix === undefined ? 0 : prefix.length + 1
    for await (const { key, size } of listKeys(this.#wire, below, call)) {
      // Somebody else's key that is not a valid path is not one of ours.
      const path = soundOf(key.slice(cut))
      if (path !== undefined) yield { path, size }
    }
  }

  /** Creates a file that is too large for one write. */
  protected async createLarge(_path: StorePath, { content }: Body, _call: Call): Promise<Written> {
    return tooLarge(content.size, `${this.parts.limits.single} bytes`)
  }

  async #put(path: StorePath, body: Body, { condition, cache, isReplaced = false }: Terms, call: Call): Promise<Put> {
    const key = this.keyOf(path)
    const { checksumHeaders } = this.#wire.dialect
    const headers = { ...this.describe(body.content, cache), ...checksumHeaders?.(body.content), ...condition }
    const sent = checksumHeaders === undefined ? checkedBody(body) : body
    const answer = await this.#wire.ask({ method: 'PUT', key, headers, body: sent }, call)
    const written = this.#wire.versionIn(answer.headers)
    if (answer.status === 200 && answer.error === undefined && written !== undefined) return { outcome: 'done', version: written }
    if (isConditionFalse(answer) || (isReplaced && isAbsent(answer))) return { outcome: 'false' }
    if (isContended(answer)) return { outcome: 'contended', because: this.#wire.unexpected(answer, key) }
    const because = refusedFile(answer, this.#wire.asker)
    if (because !== undefined) return { outcome: 'refused', because }
    throw this.#wire.unexpected(answer, key)
  }

  #present(key: string, headers: Readonly<Record<string, string>>): Sighting {
    const sha256 = this.#wire.dialect.vouchedIn(headers)
    return { saw: 'present', sha256, size: sizeIn(headers), version: this.#versionIn(key, headers) }
  }

  #versionIn(key: string, headers: Readonly<Record<string, string>>): Version {
    const seen = this.#wire.versionIn(headers)
    if (seen === undefined) throw this.#wire.noObject(key)
    return seen
  }

  /** The metadata contains the digest as well, for people and for servers without checksums. It is a claim, and not believed. */
  protected describe({ sha256 }: Content, cache: string): Readonly<Record<string, string>> {
    return { 'content-type': 'application/octet-stream', 'cache-control': cache, [this.#wire.dialect.claim]: sha256 }
  }

  protected keyOf(path: StorePath): string {
    return keyOf(this.parts.prefix, path)
  }
}

/** How a file is written. */
interface Terms {
  readonly condition: Readonly<Record<string, string>>
  readonly cache: string
  /** Whether the condition names one version. @default false */
  readonly isReplaced?: boolean
}

type Put =
  | { readonly outcome: 'done'; readonly version: Version }
  | { readonly outcome: 'false' }
  | { readonly outcome: 'contended'; readonly because: Error }
  | Extract<Written, { readonly outcome: 'refused' }>

function timeIn(date = ''): Instant | undefined {
  const time = Date.parse(date)
  return Number.isNaN(time) ? undefined : instant(time)
}

function sizeIn(headers: Readonly<Record<string, string>>): Bytes | undefined {
  const length = headers['content-length']
  return length === undefined || !/^\d{1,15}$/.test(length) ? undefined : bytes(Number(length))
}

function soundOf(key: string): StorePath | undefined {
  try {
    return storePath(key)
  } catch {
    return undefined
  }
}

/** The refusal of a file that is too large for a server. */
export function tooLarge(size: number, most: string): Written {
  const message = `The file has ${size} bytes, more than ${most}. Make it smaller, or publish it in several files.`
  return { outcome: 'refused', because: { code: 'repository/too-large', message } }
}
