import { isUtf8 } from 'node:buffer'
import { exactly, latin1, type PackageBytes, view } from './bytes.js'
import { malformed, tooLarge } from './error.js'
import { int16, int32, int64, type RpmEntry, type RpmHeader, string, stringArray, translated } from './rpm-header.js'

/** A package of 300 000 files has less. In bytes, of all values that are read. */
const mostRead = 64 * 1024 * 1024

const widths: Readonly<Record<number, number>> = { [int16]: 2, [int32]: 4, [int64]: 8 }

/** A tag, and what it is for messages: its values, as a noun. */
export type RpmTag = readonly [tag: number, what: string]

/**
 * Reads the values of a header, each tag as a whole. No value reaches into the next one, and all together are bounded.
 * @throws {PackageError} from every method: where a value has another type, does not end where it must, or there is too much of them
 */
export class RpmValues {
  readonly #from: PackageBytes
  readonly #header: RpmHeader
  #left = mostRead

  constructor(from: PackageBytes, header: RpmHeader) {
    this.#from = from
    this.#header = header
  }

  /** One text: of a translated one, that for languages without a translation. `''` where the tag is missing. */
  async text([tag, what]: RpmTag): Promise<string> {
    const entry = this.#header.entries.get(tag)
    if (entry === undefined) return ''
    const isOne = entry.type === translated || (entry.count === 1 && (entry.type === string || entry.type === stringArray))
    if (!isOne) throw this.#unexpected(entry, `one text for the ${what}`)
    const [first] = await this.#strings(entry, what)
    return first ?? ''
  }

  /** A list of texts; `undefined` where the tag is missing. */
  async texts([tag, what]: RpmTag): Promise<readonly string[] | undefined> {
    const entry = this.#header.entries.get(tag)
    if (entry === undefined) return undefined
    if (entry.type !== stringArray) throw this.#unexpected(entry, `a list of texts for the ${what}`)
    return this.#strings(entry, what)
  }

  /** A list of numbers of one type; `undefined` where the tag is missing. */
  async numbers([tag, what]: RpmTag, type: typeof int16 | typeof int32): Promise<readonly number[] | undefined> {
    const entry = this.#header.entries.get(tag)
    if (entry === undefined) return undefined
    if (entry.type !== type) throw this.#unexpected(entry, `numbers of ${widths[type]} bytes for the ${what}`)
    const width = type === int16 ? 2 : 4
    const bytes = view(await this.#read(entry.offset, entry.count * width, what))
    return Array.from({ length: entry.count }, (_, at) => (type === int16 ? bytes.getUint16(at * 2) : bytes.getUint32(at * 4)))
  }

  async #strings(entry: RpmEntry, what: string): Promise<readonly string[]> {
    const bytes = await this.#read(entry.offset, entry.until - entry.offset, what)
    // The bytes behind the last text align the next value.
    const decode = isUtf8(bytes) ? utf8 : latin1
    const parts = decode(bytes).split('\0')
    if (parts.length <= entry.count)
      throw malformed(this.#from.file, `${entry.count} texts that end for the ${what}`, `${parts.length - 1}`)
    const all = parts.slice(0, entry.count)
    return decode === utf8 ? all : all.map(withoutEncoding)
  }

  async #read(offset: number, length: number, what: string): Promise<Uint8Array> {
    this.#left -= length
    if (this.#left < 0) throw tooLarge(this.#from.file, `values of at most ${mostRead} bytes in the header`, 'more')
    return exactly(this.#from, this.#header.store + offset, length, what)
  }

  #unexpected({ tag, type, count }: RpmEntry, expected: string) {
    return malformed(this.#from.file, `${expected} in the header`, `tag ${tag} with type ${type}, count ${count}`)
  }
}

function utf8(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
}

/**
 * A text whose bytes stand as characters: UTF-8, or else of a time before it. createrepo_c takes the latter for ISO 8859-1, without the bytes
 * that have no character there (src/xml_dump.c, cr_latin1_to_utf8).
 */
function withoutEncoding(bytes: string): string {
  const buffer = Buffer.from(bytes, 'latin1')
  return isUtf8(buffer) ? buffer.toString('utf8') : bytes.replace(/[\x80-\xbf]/g, '')
}
