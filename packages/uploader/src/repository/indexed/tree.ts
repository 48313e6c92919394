import { Readable } from 'node:stream'
import { type Instant, isStagegateError, type Sha256, StagegateError } from '@stagegate/schema'
import { type Body, type Call, IndexBroken, NotThere } from '../../contract/capabilities.js'
import { contentOf } from '../../contract/content-of.js'
import { type MovingStore, type StorePath, storePath, type Version } from '../../store/index.js'
import type { Entry, Layout, Listing } from './layout.js'

/** The largest index file that is read, in bytes: 50,000 packages have about 30 MiB, packed. */
const largest = 256 * 1024 * 1024

/** A file, and the version that a replacement needs. */
export interface Versioned {
  readonly bytes: Buffer
  readonly version: Version
  readonly modified: Instant | undefined
}

/** The bytes of a file and its version; `undefined` if it is not there. */
export async function readVersioned(store: MovingStore, path: StorePath, call: Call): Promise<Versioned | undefined> {
  try {
    const { stream, version, modified } = await store.read(path, call)
    return { bytes: await allOf(stream, path), version, modified }
  } catch (error) {
    if (error instanceof NotThere) return undefined
    throw error
  }
}

/** @throws {IndexBroken} if it is longer than an index can be */
export async function allOf(stream: Readable, path: string): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > largest) throw new IndexBroken(`${path} has more than ${largest} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, size)
}

export function bodyOf(data: Buffer): Body {
  return { content: contentOf(data), stream: () => Readable.from([data], { objectMode: false }) }
}

/**
 * Makes sure that a file named by its digest exists.
 * @throws {StagegateError} the store refuses it, or has different bytes under its name
 */
export async function ensureFile(store: MovingStore, path: StorePath, data: Buffer, call: Call): Promise<void> {
  const written = await store.create(path, bodyOf(data), call)
  if (written.outcome === 'accepted') return
  if (written.outcome === 'refused') throw refusedBy(written.because)
  const there = await readVersioned(store, path, call)
  if (there === undefined || !there.bytes.equals(data)) throw new IndexBroken(`${path} is named by its digest, but its bytes do not match`)
}

/** The error if a store refused for good. */
export function refusedBy({ code, message }: { readonly code: string; readonly message: string }): StagegateError {
  return new StagegateError({ code, what: message, final: true })
}

/** The path of a former top file of an index. */
export function formerOf<E extends Entry>(layout: Layout<E>, index: string, sha256: Sha256): StorePath {
  return storePath(`${layout.formersOf(index)}/${layout.formerName(sha256)}`)
}

/** The first entry that a later state of an index lacks, or has with different bytes. */
export function firstLost(before: readonly Listing[], after: readonly Listing[]): Listing | undefined {
  const there = new Set(after.map(({ key, digest }) => `${key} ${digest}`))
  return before.find(({ key, digest }) => !there.has(`${key} ${digest}`))
}

/** Checks a signature; the error names the file. */
export async function signatureOf<T>(where: StorePath, checking: Promise<T>): Promise<T> {
  try {
    return await checking
  } catch (error) {
    if (!isStagegateError(error)) throw error
    const { code, what, next, final } = error
    throw new StagegateError({ code, what, where, next, final, cause: error })
  }
}
