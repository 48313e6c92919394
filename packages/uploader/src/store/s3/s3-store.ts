import { type Bytes, bytes, type Content, type Instant, instant } from '@stagegate/schema'
import { type Body, type Call, NotThere, type Written } from '../../contract/capabilities.js'
import { type StorePath, storePath } from '../path.js'
import {
  type CopyingStore,
  type Entry,
  type MovingStore,
  type Reading,
  type Replaced,
  type Sighting,
  type Version,
  version,
} from '../store.js'
import { isAbsent, isConditionFalse, isContended, refusedFile } from './answers.js'
import { encodeKey, keyOf } from './bucket.js'
import { base64Of, vouchedIn } from './checksum.js'
import { countParts, InParts, type Part, partsOf, type S3Limits } from './in-parts.js'
import { listKeys } from './list-keys.js'
import type { Probe } from './probe.js'
import type { Wire } from './wire.js'

/** The parts of an `S3Store`. */
export interface S3StoreParts {
  readonly wire: Wire
  /** The folder of the bucket that it begins at. */
  readonly prefix: StorePath | undefined
  readonly probe: Probe
  readonly limits: S3Limits
}

const unsupported = { outcome: 'unsupported' } as const
const withChecksum = { 'x-amz-checksum-mode': 'ENABLED' }
/** Caches may keep a file that never changes; one that moves is asked for each time. */
const forEver = 'max-age=31536000, immutable'
const everyTime = 'no-cache'

/**
 * Objects of a bucket, below a folder of it. Each write has its condition and its digest with it, so that the server itself refuses to replace, and
 * to take other bytes.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-requests.html
 */
export class S3Store implements MovingStore, CopyingStore {
  readonly host: string
  readonly #wire: Wire
  readonly #prefix: StorePath | undefined
  readonly #probe: Probe
  readonly #limits: S3Limits
  /** Whether the server copies between its buckets, as far as is known. */
  #copies = true

  constructor({ wire, prefix, probe, limits }: S3StoreParts) {
    this.host = wire.origin
    this.#wire = wire
    this.#prefix = prefix
    this.#probe = probe
    this.#limits = limits
  }

  async observe(path: StorePath, call: Call): Promise<Sighting> {
    const key = this.#keyOf(path)
    const head = await this.#wire.ask({ method: 'HEAD', key, headers: withChecksum }, call)
    const { etag } = head.headers
    if (head.status === 200) {
      if (etag === undefined) throw this.#wire.noObject(key)
      return { saw: 'present', sha256: vouchedIn(head.headers), size: sizeIn(head.headers), version: version(etag) }
    }
    // The answer to a HEAD does not say why: no bucket is 404, too.
    const why = await this.#wire.download(key, withChecksum, call)
    if ('got' in why) {
      const { headers, stream } = why.got
      stream.destroy()
      return { saw: 'present', sha256: vouchedIn(headers), size: sizeIn(headers), version: version(headers['etag'] ?? '') }
    }
    if (isAbsent(why.answered)) return { saw: 'absent' }
    throw this.#wire.unexpected(why.answered, key)
  }

  async read(path: StorePath, call: Call): Promise<Reading> {
    const key = this.#keyOf(path)
    const read = await this.#wire.download(key, {}, call)
    if ('got' in read) {
      const { stream, headers } = read.got
      return { stream, version: version(headers['etag'] ?? ''), modified: timeIn(headers['last-modified']) }
    }
    if (isAbsent(read.answered)) throw new NotThere(`${path} is not in the bucket ${this.#wire.bucket.name} any more`)
    throw this.#wire.unexpected(read.answered, key)
  }

  async create(path: StorePath, body: Body, call: Call): Promise<Written> {
    await this.#probe.creates(call)
    const { size } = body.content
    if (size > this.#limits.single) return this.#createInParts(path, body, call)
    const written = await this.#put(path, body, { 'if-none-match': '*', 'cache-control': forEver }, call)
    if (written.outcome === 'contended') throw written.because
    if (written.outcome === 'false') return { outcome: 'exists' }
    return written.outcome === 'refused' ? written : { outcome: 'accepted' }
  }

  async replaceIf(path: StorePath, body: Body, seen: Version | 'absent', call: Call): Promise<Replaced> {
    await this.#probe.replaces(call)
    const condition: Readonly<Record<string, string>> = seen === 'absent' ? { 'if-none-match': '*' } : { 'if-match': seen }
    const written = await this.#put(path, body, { ...condition, 'cache-control': everyTime }, call)
    if (written.outcome === 'refused') return written
    return written.outcome === 'done' ? { outcome: 'replaced', version: written.version } : { outcome: 'changed' }
  }

  async now(call: Call): Promise<Instant> {
    // Every answer has the date, also one that says that there is no such object.
    const { headers } = await this.#wire.ask({ method: 'HEAD', key: this.#keyOf(storePath('now')) }, call)
    return timeIn(headers['date']) ?? this.#wire.clock.now()
  }

  async *list(folder: StorePath | undefined, call: Call): AsyncIterable<Entry> {
    const below = folder === undefined ? (this.#prefix === undefined ? '' : `${this.#prefix}/`) : `${this.#keyOf(folder)}/`
    const cut = this.#prefix === undefined ? 0 : this.#prefix.length + 1
    for await (const { key, size } of listKeys(this.#wire, below, call)) {
      // A key of somebody else's that leads nowhere is not one of ours.
      const path = soundOf(key.slice(cut))
      if (path !== undefined) yield { path, size }
    }
  }

  nameOnHost(path: StorePath): string {
    return `${this.#service}/${this.#wire.bucket.name}/${encodeKey(this.#keyOf(path))}`
  }

  async copy(name: string, path: StorePath, expected: Content, call: Call): Promise<Written | { readonly outcome: 'unsupported' }> {
    const isHere = name.startsWith(`${this.#service}/`)
    // No part is copied from an object without any bytes.
    if (!isHere || !this.#copies || expected.size === 0 || expected.size > this.#limits.single) return unsupported
    await this.#probe.creates(call)
    // CopyObject would replace on most servers; a part is copied as any size, and its completion is conditional everywhere.
    const headers = { ...this.#describe(expected, forEver), 'x-amz-checksum-algorithm': 'SHA256' }
    const upload = await InParts.begin(this.#wire, this.#keyOf(path), headers, call)
    const part = await upload.copy(1, { 'x-amz-copy-source': name.slice(this.#service.length) }, call)
    // One part is the whole, so the server's checksum of it is that of the object. What would not be completed is not begun again.
    this.#copies = part?.checksum !== undefined
    return part?.checksum === base64Of(expected.sha256) ? upload.complete([part], call) : unsupported
  }

  /** The server on which the bucket is, without the bucket's own name. */
  get #service(): string {
    const { name, style } = this.#wire.bucket
    return style === 'host' ? this.host.replace(`//${name}.`, '//') : this.host
  }

  async #createInParts(path: StorePath, body: Body, call: Call): Promise<Written> {
    const { part } = this.#limits
    if (countParts(body.content.size, part) === undefined) return tooLarge(body.content.size, part)
    const headers = { ...this.#describe(body.content, forEver), 'x-amz-checksum-algorithm': 'SHA256' }
    const upload = await InParts.begin(this.#wire, this.#keyOf(path), headers, call)
    const parts: Part[] = []
    for await (const data of partsOf(body, part)) parts.push(await upload.send(parts.length + 1, data, call))
    return upload.complete(parts, call)
  }

  async #put(path: StorePath, body: Body, headers: Readonly<Record<string, string>>, call: Call): Promise<Put> {
    const key = this.#keyOf(path)
    const sum = { 'x-amz-checksum-sha256': base64Of(body.content.sha256) }
    const own = this.#describe(body.content, headers['cache-control'] ?? everyTime)
    const answer = await this.#wire.ask({ method: 'PUT', key, headers: { ...own, ...sum, ...headers }, body }, call)
    const { etag } = answer.headers
    if (answer.status === 200 && answer.error === undefined && etag !== undefined) return { outcome: 'done', version: version(etag) }
    if (isConditionFalse(answer) || (headers['if-match'] !== undefined && isAbsent(answer))) return { outcome: 'false' }
    if (isContended(answer)) return { outcome: 'contended', because: this.#wire.unexpected(answer, key) }
    const because = refusedFile(answer, this.#wire.asker)
    if (because !== undefined) return { outcome: 'refused', because }
    throw this.#wire.unexpected(answer, key)
  }

  /** The digest stands in the metadata as well, for people and for servers that keep no checksums. It is a claim, and not believed. */
  #describe({ sha256 }: Content, cache: string): Readonly<Record<string, string>> {
    return { 'content-type': 'application/octet-stream', 'cache-control': cache, 'x-amz-meta-sha256': sha256 }
  }

  #keyOf(path: StorePath): string {
    return keyOf(this.#prefix, path)
  }
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

function tooLarge(size: number, part: number): Written {
  const message = `The file has ${size} bytes, more than 10,000 parts of ${part} bytes. Make it smaller, or publish it in several files.`
  return { outcome: 'refused', because: { code: 'repository/too-large', message } }
}
