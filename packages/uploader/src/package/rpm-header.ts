import { exactly, latin1, mustReach, type PackageBytes, view } from './bytes.js'
import { malformed, tooLarge } from './error.js'

/** One entry of a header's index: what it is, and where its values lie. */
interface Entry {
  readonly tag: number
  readonly type: number
  /** From the start of the store, in bytes. */
  readonly offset: number
  readonly count: number
}

/** An entry of a header that holds to the rules. */
export interface RpmEntry extends Entry {
  /** Where the next entry's values, the region's end or the end of the store begins: the values lie before it. From the start of the store. */
  readonly until: number
}

/** A header of an rpm: an index, of which this is the content, and a store of values, which stays in the file. */
export interface RpmHeader {
  readonly entries: ReadonlyMap<number, RpmEntry>
  /** Where the store begins and ends in the file. */
  readonly store: number
  readonly end: number
}

/** One of the two headers. The limits are rpm's own (lib/header.c, hdrblobRead): nothing above them could be installed. */
export interface RpmHeaderKind {
  /** For messages. */
  readonly what: string
  /** The tag of the entry that stands for all others; rpm before 4.0 had none. */
  readonly region: number
  /** Whether the region must be all of the header. Signing servers add entries behind the signature header's. */
  readonly whole: boolean
  readonly mostEntries: number
  /** In bytes. */
  readonly largestStore: number
}
export const signatureHeader: RpmHeaderKind = {
  what: 'a signature header',
  region: 62,
  whole: false,
  mostEntries: 32,
  largestStore: 64 * 1024 * 1024,
}
export const mainHeader: RpmHeaderKind = { what: 'a header', region: 63, whole: true, mostEntries: 0xffff, largestStore: 0x0fffffff }

const introSize = 16
const entrySize = 16
const magic = 0x8eade801
/** Below it are regions and their like. */
const firstTag = 100
/** In the trailer of a signature header that rpm 4.0 wrote. */
const oldRegion = 61
export const int32 = 4
export const int64 = 5
export const int16 = 3
export const string = 6
const binary = 7
export const stringArray = 8
/** A text in several languages, the first for those that are not among them. */
export const translated = 9
/** By type, in bytes. The values of the types that are strings are longer, but none is shorter. */
const smallest: readonly (number | undefined)[] = [undefined, 1, 1, 2, 4, 8, 1, 1, 1, 1]
/** Above the 128 characters that coordinates allow, so that a longer value is seen to be one. */
const stringLimit = 256

/**
 * Reads a header's index, at most 1 MiB. The store, which lists every file of the package, is not read.
 * Format: magic (3 bytes), version 1, 4 reserved, number of entries, size of the store; then tag, type, offset, count per entry.
 *
 * rpm refuses the same (lib/header.c, hdrblobVerifyRegion, hdrblobVerifyInfo): a region that is not all of the main header, so that some
 * of it is not signed; values that overlap, are out of place, out of the store, or in the region's end.
 * @throws {PackageError}
 */
export async function readHeader(from: PackageBytes, offset: number, kind: RpmHeaderKind): Promise<RpmHeader> {
  const { what, mostEntries, largestStore } = kind
  const intro = view(await exactly(from, offset, introSize, what))
  if (intro.getUint32(0) !== magic || intro.getUint32(4) !== 0)
    throw malformed(from.file, `${what} at byte ${offset}`, `the bytes ${intro.getBigUint64(0).toString(16).padStart(16, '0')}`)
  const entryCount = intro.getUint32(8)
  const size = intro.getUint32(12)
  if (entryCount > mostEntries) throw tooLarge(from.file, `${what} of at most ${mostEntries} entries`, `${entryCount}`)
  if (size > largestStore) throw tooLarge(from.file, `${what} of at most ${largestStore} bytes`, `${size}`)
  const store = offset + introSize + entryCount * entrySize
  mustReach(from, store + size, what)

  const index = await exactly(from, offset + introSize, entryCount * entrySize, what)
  const list = Array.from({ length: entryCount }, (_, at) => entryAt(index, at * entrySize))
  const [first] = list
  if (first === undefined) throw malformed(from.file, `${what} with entries`, 'none')
  const region = first.tag === kind.region ? await regionOf(from, first, kind, { store, entryCount, size }) : undefined
  const entries = checked(region === undefined ? list : list.slice(1), size, region, from.file)
  return { entries, store, end: store + size }
}

function entryAt(bytes: Uint8Array, at: number): Entry {
  const fields = view(bytes)
  return { tag: fields.getInt32(at), type: fields.getUint32(at + 4), offset: fields.getInt32(at + 8), count: fields.getUint32(at + 12) }
}

/** Where in the store a region's end lies, which no value may reach into. In bytes. */
interface RegionEnd {
  readonly begins: number
  readonly ends: number
}

/** A region begins with the first entry and ends with 16 bytes of the store, which say again what it is and how long its index is. */
async function regionOf(
  from: PackageBytes,
  region: Entry,
  { what, region: tag, whole }: RpmHeaderKind,
  { store, entryCount, size }: { readonly store: number; readonly entryCount: number; readonly size: number },
): Promise<RegionEnd> {
  const [begins, ends] = [region.offset, region.offset + entrySize]
  const wrong = (seen: string) =>
    malformed(from.file, whole ? 'a region over the whole header' : `a region within ${what}`, `tag ${tag} at ${begins}, ${seen}`)
  const isSound = ({ type, count }: Entry) => type === binary && count === entrySize
  if (!isSound(region) || begins < 0 || ends > size) throw wrong(`with ${size} bytes of values`)
  const trailer = entryAt(await exactly(from, store + begins, entrySize, what), 0)
  const isSame = trailer.tag === tag || (trailer.tag === oldRegion && tag === signatureHeader.region)
  const length = -trailer.offset / entrySize
  if (!isSound(trailer) || !isSame || !Number.isInteger(length) || length < 0 || length > entryCount)
    throw wrong(`its end at ${trailer.offset}`)
  if (whole && (length !== entryCount || ends !== size)) throw wrong(`its end at ${trailer.offset}`)
  return { begins, ends }
}

function checked(list: readonly Entry[], size: number, region: RegionEnd | undefined, file: string): ReadonlyMap<number, RpmEntry> {
  const entries = new Map<number, RpmEntry>()
  let end = 0
  for (const [at, entry] of list.entries()) {
    const { tag, type, offset, count } = entry
    const width = smallest[type]
    if (width === undefined || tag < firstTag)
      throw malformed(file, 'a tag of 100 or more and a type from 1 to 9', `tag ${tag}, type ${type}`)
    if (count === 0 || offset < end || offset % (type <= int64 ? width : 1) !== 0 || offset + width * count > size)
      throw malformed(file, `tag ${tag} from byte ${end} on and within ${size} bytes`, `offset ${offset}, count ${count}, type ${type}`)
    end = offset + width * count
    if (region !== undefined && offset < region.ends && end > region.begins)
      throw malformed(file, `tag ${tag} before or behind the end of the region`, `offset ${offset}, count ${count}, type ${type}`)
    // Readers differ about which of two would count.
    if (entries.has(tag)) throw malformed(file, `one entry for tag ${tag}`, 'two')
    const next = list[at + 1]?.offset ?? size
    entries.set(tag, { ...entry, until: region === undefined || region.begins < end ? next : Math.min(next, region.begins) })
  }
  return entries
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

/** A value that is one number. */
interface NumberField {
  readonly tag: number
  readonly type: typeof int32 | typeof int64
  /** For messages. */
  readonly what: string
}

/** `undefined` where the tag is missing. @throws {PackageError} where it is not one number of that type */
export async function numberAt(from: PackageBytes, header: RpmHeader, { tag, type, what }: NumberField): Promise<number | undefined> {
  const entry = header.entries.get(tag)
  if (entry === undefined) return undefined
  if (entry.type !== type || entry.count !== 1)
    throw malformed(from.file, `a number for the ${what} in the header`, `type ${entry.type}, count ${entry.count}`)
  const bytes = view(await exactly(from, header.store + entry.offset, type === int32 ? 4 : 8, what))
  return type === int32 ? bytes.getUint32(0) : Number(bytes.getBigUint64(0))
}
