import { exactly, latin1, mustReach, type PackageBytes, view } from './bytes.js'
import { malformed, tooLarge } from './error.js'

/** One entry of a header's index: what it is, and where its values lie. */
interface Entry {
  readonly type: number
  /** From the start of the store, in bytes. */
  readonly offset: number
  readonly count: number
}

/** A header of an rpm: an index, of which this is the content, and a store of values, which stays in the file. */
export interface RpmHeader {
  readonly entries: ReadonlyMap<number, Entry>
  /** Where the store begins and ends in the file. */
  readonly store: number
  readonly end: number
}

export interface RpmHeaderLimits {
  readonly entries: number
  /** bytes */
  readonly store: number
}
/** rpm's own limits (lib/header.c, hdrblobRead): nothing above them could be installed. */
export const signatureLimits: RpmHeaderLimits = { entries: 32, store: 64 * 1024 * 1024 }
export const headerLimits: RpmHeaderLimits = { entries: 0xffff, store: 0x0fffffff }

const introSize = 16
const entrySize = 16
const magic = 0x8eade801
const int32 = 4
const int64 = 5
const string = 6
/** Above the 128 characters that coordinates allow, so that a longer value is seen to be one. */
const stringLimit = 256

/**
 * Reads a header's index, at most 1 MiB. The store, which lists every file of the package, is not read.
 * Format: magic (3 bytes), version 1, 4 reserved, number of entries, size of the store; then tag, type, offset, count per entry.
 * @throws {PackageError}
 */
export async function readHeader(from: PackageBytes, offset: number, limits: RpmHeaderLimits, what: string): Promise<RpmHeader> {
  const intro = view(await exactly(from, offset, introSize, what))
  if (intro.getUint32(0) !== magic)
    throw malformed(from.file, `${what} at byte ${offset}`, `the bytes ${intro.getUint32(0).toString(16).padStart(8, '0')}`)
  const entryCount = intro.getUint32(8)
  const storeSize = intro.getUint32(12)
  if (entryCount > limits.entries) throw tooLarge(from.file, `${what} of at most ${limits.entries} entries`, `${entryCount}`)
  if (storeSize > limits.store) throw tooLarge(from.file, `${what} of at most ${limits.store} bytes`, `${storeSize}`)
  const store = offset + introSize + entryCount * entrySize
  mustReach(from, store + storeSize, what)

  const index = view(await exactly(from, offset + introSize, entryCount * entrySize, what))
  const entries = new Map<number, Entry>()
  for (let at = 0; at < index.byteLength; at += entrySize) {
    const tag = index.getUint32(at)
    const entry = { type: index.getUint32(at + 4), offset: index.getUint32(at + 8), count: index.getUint32(at + 12) }
    if (entry.type > 9) throw malformed(from.file, `a type of at most 9 for tag ${tag}`, `${entry.type}`)
    if (entry.offset > storeSize || entry.count > storeSize)
      throw malformed(from.file, `tag ${tag} within ${storeSize} bytes`, `offset ${entry.offset}, count ${entry.count}`)
    // Which of two would count depends on the reader.
    if (entries.has(tag)) throw malformed(from.file, `one entry for tag ${tag}`, 'two')
    entries.set(tag, entry)
  }
  return { entries, store, end: store + storeSize }
}

/** @throws {PackageError} where the tag is missing, is no string, or does not end in the store */
export async function stringAt(from: PackageBytes, header: RpmHeader, tag: number, what: string): Promise<string> {
  const entry = header.entries.get(tag)
  if (entry?.type !== string || entry.count !== 1) throw malformed(from.file, `a ${what} in the header`, 'none')
  const start = header.store + entry.offset
  const text = latin1(await exactly(from, start, Math.min(stringLimit, header.end - start), what))
  const end = text.indexOf('\0')
  if (end === -1) throw malformed(from.file, `a ${what} of less than ${stringLimit} characters in the header`, 'a longer one')
  return text.slice(0, end)
}

/** `undefined` where the tag is missing. @throws {PackageError} where it is not one number in the store */
export async function numberAt(from: PackageBytes, header: RpmHeader, tag: number, what: string): Promise<number | undefined> {
  const entry = header.entries.get(tag)
  if (entry === undefined) return undefined
  const length = { [int32]: 4, [int64]: 8 }[entry.type]
  if (length === undefined || entry.count !== 1 || header.store + entry.offset + length > header.end) {
    throw malformed(from.file, `a number for the ${what} in the header`, `type ${entry.type}, count ${entry.count}`)
  }
  const bytes = view(await exactly(from, header.store + entry.offset, length, what))
  return length === 4 ? bytes.getUint32(0) : Number(bytes.getBigUint64(0))
}
