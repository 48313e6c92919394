import { makeRpm, type RpmOptions } from '../../testing/packages/index.js'

export const options: RpmOptions = { name: 'acme', version: '1.2.3', release: '1.el9', architecture: 'x86_64' }
export const headerMagic = Buffer.of(0x8e, 0xad, 0xe8, 0x01)
export const signatureAt = 96

/** The package with one number in its main header changed: of the introduction, of a tag's index entry, or of its region's end. */
export function altered(
  change: (header: DataView, entry: (tag: number) => number, trailer: number) => void,
  made: RpmOptions = options,
): Uint8Array {
  const bytes = Buffer.from(makeRpm(made))
  const start = bytes.indexOf(headerMagic, signatureAt + 4)
  const header = new DataView(bytes.buffer, bytes.byteOffset + start)
  const entry = (tag: number) => {
    for (let at = 16; ; at += 16) if (header.getUint32(at) === tag) return at
  }
  change(header, entry, 16 + 16 * header.getUint32(8) + header.getUint32(12) - 16)
  return bytes
}

/** The package with an entry behind its signature header's region, as signing servers add file signatures. */
export function signedFiles({ tag = 274, type = 8, offset = 0, entries = 1 } = {}, made: RpmOptions = options): Uint8Array {
  const bytes = Buffer.from(makeRpm(made))
  const [count, size] = [bytes.readUInt32BE(signatureAt + 8), bytes.readUInt32BE(signatureAt + 12)]
  const [index, store, end] = [signatureAt + 16, signatureAt + 16 + count * 16, signatureAt + 16 + count * 16 + size]
  const value = Buffer.from('0302041122334455\0')
  const added = Array.from({ length: entries }, (_, at) => uint32s(tag + at, type, size + offset + at * 2, 1))
  const header = Buffer.concat([
    headerMagic,
    uint32s(0, count + entries, size + value.length),
    bytes.subarray(index, store),
    ...added,
    bytes.subarray(store, end),
    value,
  ])
  const rest = bytes.subarray(Math.ceil(end / 8) * 8)
  return Buffer.concat([bytes.subarray(0, signatureAt), header, Buffer.alloc(-header.length & 7), rest])
}

/** The package without the mark that tells a source package from a binary one, as rpm wrote some before 4.6. */
export function unmarked(
  made: RpmOptions,
  change: (header: DataView, entry: (tag: number) => number) => void = () => undefined,
): Uint8Array {
  return altered((header, entry) => {
    header.setUint32(entry(made.source ? 1106 : 1044), made.source ? 1107 : 1043)
    change(header, entry)
  }, made)
}

export function uint32s(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4)
  for (const [at, value] of values.entries()) bytes.writeInt32BE(value | 0, at * 4)
  return bytes
}
