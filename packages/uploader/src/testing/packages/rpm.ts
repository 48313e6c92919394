import { createHash } from 'node:crypto'
import { concat, gzip, madeAt, padding, sha256, uint32 } from './bytes.js'

/** The package that `makeRpm` makes. */
export interface RpmOptions {
  /** The package's name. */
  readonly name: string
  /** The version without release and epoch: `1.2.3`. */
  readonly version: string
  /** With the dist tag, if it has one: `1.el9`. */
  readonly release: string
  /** `x86_64`, `noarch`. */
  readonly architecture: string
  /** @default none */
  readonly epoch?: number | undefined
  /** Bytes of padding that do not compress, in the package's one file. @default 0 */
  readonly size?: number | undefined
  /** A source package. @default false */
  readonly source?: boolean | undefined
}

/**
 * A real .rpm, which rpm and dnf accept, without rpmbuild; not signed, its digests are right. Format: "RPM Package format, version 4" of
 * rpm's own documentation. Equal options make equal bytes (on one version of Node).
 * @example
 * await writeFile('acme-1.2.3-1.el9.x86_64.rpm', makeRpm({ name: 'acme', version: '1.2.3', release: '1.el9', architecture: 'x86_64' }))
 */
export function makeRpm({ name, version, release, architecture, epoch, size = 0, source = false }: RpmOptions): Uint8Array {
  const folder = source ? '' : `/usr/share/${name}/`
  const content = padding(size)
  const payload = gzip(cpio(source ? 'padding' : `.${folder}padding`, content))
  const complete = `${epoch === undefined ? '' : `${epoch}:`}${version}-${release}`
  const summary = `${name}, made for a test`
  const lessOrEqual = 0x02 | 0x08
  const equal = 0x08
  const rpmlib = lessOrEqual | (1 << 24)
  const header = rpmHeader(63, [
    [100, strings('C')],
    [1000, text(name)],
    [1001, text(version)],
    [1002, text(release)],
    ...(epoch === undefined ? [] : [[1003, int32(epoch)] as const]),
    [1004, translated(summary)],
    [1005, translated(summary)],
    [1006, int32(madeAt)],
    [1009, int32(size)],
    [1014, text('MIT')],
    [1016, translated('Unspecified')],
    [1021, text('linux')],
    [1022, text(architecture)],
    [1028, int32(size)],
    [1030, int16(0o100644)],
    [1033, int16(0)],
    [1034, int32(madeAt)],
    [1035, strings(sha256(content))],
    [1036, strings('')],
    [1037, int32(0)],
    [1039, strings('root')],
    [1040, strings('root')],
    ...(source ? [[1106, int32(1)] as const] : [[1044, text(`${name}-${version}-${release}.src.rpm`)] as const]),
    [1045, int32(0xffffffff)],
    ...(source ? [] : [[1047, strings(name)] as const]),
    [1048, int32(rpmlib, rpmlib)],
    [1049, strings('rpmlib(CompressedFileNames)', 'rpmlib(FileDigests)')],
    [1050, strings('3.0.4-1', '4.6.0-1')],
    [1095, int32(1)],
    [1096, int32(1)],
    [1097, strings('')],
    ...(source
      ? []
      : ([
          [1112, int32(equal)],
          [1113, strings(complete)],
        ] as const)),
    [1116, int32(0)],
    [1117, strings('padding')],
    [1118, strings(folder)],
    [1124, text('cpio')],
    [1125, text('gzip')],
    [1126, text('9')],
    [5011, int32(8)],
    [5092, strings(sha256(payload))],
    [5093, int32(8)],
  ])
  return withSignature(header, payload, lead(`${name}-${version}-${release}`, source))
}

/** A package of which these values, by their tags in ascending order, are the whole main header; without files. */
export function makeRpmOf(values: readonly (readonly [tag: number, value: RpmValue])[]): Uint8Array {
  return withSignature(rpmHeader(63, values), Buffer.of(), lead('acme', false))
}

function withSignature(header: Uint8Array, payload: Uint8Array, lead: Uint8Array): Uint8Array {
  const signature = rpmHeader(62, [
    [269, text(createHash('sha1').update(header).digest('hex'))],
    [273, text(sha256(header))],
    [1000, int32(header.length + payload.length)],
    [1004, { type: 7, count: 16, data: createHash('md5').update(header).update(payload).digest(), align: 1 }],
  ])
  return concat([lead, signature, Buffer.alloc(-signature.length & 7), header, payload])
}

function lead(name: string, source: boolean): Uint8Array {
  const bytes = Buffer.alloc(96)
  bytes.writeUInt32BE(0xedabeedb, 0)
  bytes.writeUInt16BE(0x0300, 4)
  bytes.writeUInt16BE(source ? 1 : 0, 6)
  bytes.writeUInt16BE(1, 8)
  bytes.write(name.slice(0, 65), 10, 'latin1')
  bytes.writeUInt16BE(1, 76)
  bytes.writeUInt16BE(5, 78)
  return bytes
}

/** The values of one tag, as a header's store has them. */
export interface RpmValue {
  readonly type: number
  readonly count: number
  readonly data: Uint8Array
  readonly align: number
}
export const text = (value: string): RpmValue => ({ type: 6, count: 1, data: Buffer.from(`${value}\0`), align: 1 })
export const strings = (...values: string[]): RpmValue => ({
  type: 8,
  count: values.length,
  data: Buffer.from(`${values.join('\0')}\0`),
  align: 1,
})
export const translated = (value: string): RpmValue => ({ ...text(value), type: 9 })
export const int16 = (...values: number[]): RpmValue => ({
  type: 3,
  count: values.length,
  data: Buffer.from(values.flatMap((value) => [value >> 8, value & 255])),
  align: 2,
})
export const int32 = (...values: number[]): RpmValue => ({ type: 4, count: values.length, data: concat(values.map(uint32)), align: 4 })

/** A header: an index sorted by tag, then the values. The first entry marks all of it as one region, which ends in a trailer. */
function rpmHeader(region: 62 | 63, values: readonly (readonly [tag: number, value: RpmValue])[]): Uint8Array {
  const index: Uint8Array[] = []
  const store: Uint8Array[] = []
  let offset = 0
  for (const [tag, { type, count, data, align }] of values) {
    const gap = -offset & (align - 1)
    store.push(Buffer.alloc(gap), data)
    index.push(concat([tag, type, offset + gap, count].map(uint32)))
    offset += gap + data.length
  }
  const trailer = concat([region, 7, -16 * (values.length + 1), 16].map(uint32))
  const first = concat([region, 7, offset, 16].map(uint32))
  return concat([...[0x8eade801, 0, values.length + 1, offset + 16].map(uint32), first, ...index, ...store, trailer])
}

/** One file as a "newc" cpio archive: cpio(5). */
function cpio(name: string, content: Uint8Array): Uint8Array {
  const entry = (path: string, mode: number, bytes: Uint8Array) => {
    const numbers = [mode === 0 ? 0 : 1, mode, 0, 0, 1, mode === 0 ? 0 : madeAt, bytes.length, 0, 0, 0, 0, path.length + 1, 0]
    const head = `070701${numbers.map((number) => number.toString(16).padStart(8, '0')).join('')}${path}\0`
    return [head, Buffer.alloc(-head.length & 3), bytes, Buffer.alloc(-bytes.length & 3)]
  }
  return concat([...entry(name, 0o100644, content), ...entry('TRAILER!!!', 0, new Uint8Array())])
}
