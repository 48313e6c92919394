import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { Sha256 } from '@stagegate/schema'
import { digestOf } from '../../contract/content-of.js'
import { type Compression, unpacked } from '../../package/decompress.js'
import { broken } from './broken.js'
import type { Kind } from './kinds.js'
import type { Checksum } from './yum-package.js'

/** A document as it is stored in a repository. */
export interface PackedDocument {
  /** The path of the file, from the folder above `repodata`. It contains the file's checksum, so different bytes have a different path. */
  readonly href: string
  readonly bytes: Buffer
  readonly sha256: Sha256
  /** The document itself; its size in bytes. */
  readonly open: { readonly sha256: Sha256; readonly size: number }
}

/** A document as repomd.xml lists it. */
export interface RepomdRecord {
  /** The checksum of the stored file. */
  readonly checksum: Checksum
  /** The size of the stored file, in bytes. */
  readonly size: number | undefined
  /** The size of the unpacked document, in bytes. No client checks it, and nothing depends on it here. */
  readonly openSize: number | undefined
  /** The path of the file, from the folder above `repodata`. */
  readonly href: string
}

/** In bytes, unpacked: the largest of the three has about 400 MiB for 50,000 packages with 100 files each. */
const largest = 512 * 1024 * 1024
/** zlib's own default. Another level would give existing documents other bytes, and so other names. */
const level = 6

/** Packs a document with gzip, which every client reads. Equal documents give equal bytes on one version of Node. */
export async function packDocument(kind: Kind, document: Uint8Array): Promise<PackedDocument> {
  const bytes = await promisify(gzip)(document, { level })
  // RFC 1952: the system that packed it; 255 is "unknown".
  bytes[9] = 255
  const digest = digestOf(bytes)
  return { href: `repodata/${digest}-${kind}.xml.gz`, bytes, sha256: digest, open: { sha256: digestOf(document), size: document.length } }
}

const hashes: Readonly<Record<string, string>> = { sha: 'sha1' }

/** @throws {IndexBroken} if it is not the file that repomd.xml names */
export function expectNamed({ href, checksum, size }: RepomdRecord, packed: Uint8Array): void {
  if (size !== undefined && size !== packed.length) throw broken(href, `it has ${packed.length} bytes, but ${size} in repomd.xml`)
  const seen = createHash(hashes[checksum.type] ?? checksum.type)
    .update(packed)
    .digest('hex')
  if (seen !== checksum.value) throw broken(href, `its ${checksum.type} is ${seen}, but ${checksum.value} in repomd.xml`)
}

/**
 * The document in a file that repomd.xml names, packed with gzip, xz, zstd or not at all.
 * @throws {IndexBroken} if it is not the file that repomd.xml names, cannot be unpacked, or is larger than 512 MiB
 */
export async function unpackDocument(record: RepomdRecord, packed: Uint8Array): Promise<Uint8Array> {
  expectNamed(record, packed)
  const { href, openSize } = record
  const ending = /\.xml(|\.[a-z0-9]+)$/.exec(href)?.[1]
  const by = compressions.find((compression) => compression === ending)
  if (by === undefined) throw broken(href, 'it is not compressed with gzip, xz or zstd')
  const document = await unpacked(packed, by, largest, openSize).catch((error: unknown) => {
    throw broken(href, `it cannot be decompressed: ${error instanceof Error ? error.message : error}`)
  })
  if (document === undefined) throw broken(href, `it has more than ${largest} bytes decompressed`)
  return document
}

const compressions: readonly Compression[] = ['', '.gz', '.xz', '.zst']
