import { view } from './bytes.js'

// xz and zstd may follow one another in a file, and unpack to one text. dpkg reads the first and leaves the rest, apt reads all; so a
// control archive has to be one, from its first byte to its last. The decoders check what is taken from the input here.

/**
 * Whether a file that is xz all through is one stream of it. By its end: the index there lists the size of every block, of which
 * the decoder has checked every one. Format: "The .xz File Format" 1.2.1, sections 2.1 and 4.
 */
export function isOneXzStream(packed: Uint8Array): boolean {
  if (packed.length < 2 * xzEdge) return false
  // The footer: a checksum, the size of the index in units of four bytes, the stream's flags, YZ.
  const indexSize = (view(packed).getUint32(packed.length - xzEdge + 4, true) + 1) * 4
  const index = packed.subarray(Math.max(0, packed.length - xzEdge - indexSize), packed.length - xzEdge)
  if (index.length !== indexSize) return false
  let at = 1
  const number = (): number => {
    let [value, unit] = [0, 1]
    for (let byte = 0x80; byte >= 0x80; at++, unit *= 0x80) {
      byte = index[at] ?? 0
      value += (byte & 0x7f) * unit
    }
    return value
  }
  let total = xzEdge + indexSize + xzEdge
  for (let records = number(); records > 0 && at < indexSize; records--) {
    total += Math.ceil(number() / 4) * 4
    // How much it unpacks to.
    number()
  }
  return total === packed.length
}
/** The magic bytes of a stream's header and footer. */
const xzEdge = 12

/**
 * How much a file that is one zstd frame and nothing else, not even a skippable one, unpacks to at most. In bytes; `undefined` for any
 * other file. Format: RFC 8878, section 3.1.1.
 */
export function mostInZstdFrame(packed: Uint8Array): number | undefined {
  if (packed.length < 8 || view(packed).getUint32(0, true) !== zstdMagic) return undefined
  const flags = packed[4] ?? 0
  const single = (flags & 0x20) !== 0
  const contentSize = [single ? 1 : 0, 2, 4, 8][flags >> 6] ?? 0
  const dictionary = [0, 1, 2, 4][flags & 3] ?? 0
  const checksum = (flags & 4) === 0 ? 0 : 4
  let at = 5 + (single ? 0 : 1) + dictionary + contentSize
  let most = 0
  for (let last = false; !last; most += largestBlock) {
    if (at + 3 > packed.length) return undefined
    const header = (packed[at] ?? 0) | ((packed[at + 1] ?? 0) << 8) | ((packed[at + 2] ?? 0) << 16)
    last = (header & 1) === 1
    // A block of type 1 is one byte, repeated.
    at += 3 + (((header >> 1) & 3) === 1 ? 1 : header >> 3)
  }
  return at + checksum === packed.length ? most : undefined
}
const zstdMagic = 0xfd2fb528
const largestBlock = 128 * 1024
