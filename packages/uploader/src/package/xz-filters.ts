import { crc32 } from 'node:zlib'
import { view } from './bytes.js'

/** One step of an xz file's packing. */
interface XzFilter {
  readonly id: number
  readonly properties: Uint8Array
}
const lzma2 = 0x21
/** "The .xz File Format" 1.2.1, section 5.3. */
const names: Readonly<Record<number, string>> = {
  3: 'Delta',
  4: 'BCJ for x86',
  5: 'BCJ for PowerPC',
  6: 'BCJ for IA-64',
  7: 'BCJ for ARM',
  8: 'BCJ for ARM Thumb',
  9: 'BCJ for SPARC',
  10: 'BCJ for ARM64',
  11: 'BCJ for RISC-V',
}
/** As much as xz -9 has; the decoder here refuses more. In bytes. */
const largestDictionary = 64 * 1024 * 1024

/** In what way an xz file is packed so that it is not read here, though xz reads it. `undefined` where it is in none. */
export function unreadXzPacking(packed: Uint8Array): string | undefined {
  for (const { id, properties } of filtersOf(packed)) {
    if (id !== lzma2) return `the filter ${names[id] ?? id}`
    const size = dictionarySize(properties[0] ?? 0)
    if (size > largestDictionary) return `a dictionary of ${size / 2 ** 20} MiB`
  }
  return undefined
}

// Section 3.1: the header of the first block, behind the 12 bytes of the stream's; all blocks that xz writes are packed in one way. It has
// its size in units of four bytes, flags, two sizes where the flags say so, and up to four filters; 0 in place of a size is no block.
function filtersOf(packed: Uint8Array): readonly XzFilter[] {
  const size = packed[12] ?? 0
  const flags = packed[13] ?? 0
  if (size === 0) return []
  const end = 12 + size * 4
  // Behind them is a checksum. Without the right one nothing can be said of it.
  if (packed.length < end + 4 || view(packed).getUint32(end, true) !== crc32(packed.subarray(12, end))) return []
  let at = 14
  const number = (): number => {
    let [value, unit] = [0, 1]
    for (let byte = 0x80; byte >= 0x80 && at < end; at++, unit *= 0x80) {
      byte = packed[at] ?? 0
      value += (byte & 0x7f) * unit
    }
    return value
  }
  if ((flags & 0x40) !== 0) number()
  if ((flags & 0x80) !== 0) number()
  return Array.from({ length: (flags & 3) + 1 }, () => {
    const id = number()
    const length = number()
    const properties = packed.subarray(at, at + length)
    at += length
    return { id, properties }
  })
}

// Section 5.3.1: six bits, of which the last is the mantissa's.
function dictionarySize(bits: number): number {
  return bits >= 40 ? 2 ** 32 - 1 : (2 | (bits & 1)) * 2 ** ((bits >> 1) + 11)
}
