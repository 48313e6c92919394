import { bytesOf, concat, gzip, madeAt, padding } from './bytes.js'

/** The package that `makeDeb` makes. */
export interface DebOptions {
  /** The package's name. */
  readonly name: string
  /** With epoch and revision, if it has them. */
  readonly version: string
  /** `amd64`, `all`. */
  readonly architecture: string
  /** Of the control and data archives. @default 'gz' */
  readonly compression?: 'gz' | 'none' | undefined
  /** Contents by path, such as `usr/bin/acme`. @default none */
  readonly files?: Readonly<Record<string, string | Uint8Array>> | undefined
  /** Bytes of padding that do not compress, in a file of their own. @default 0 */
  readonly size?: number | undefined
  /** Further control fields, or other values for those that are always there. */
  readonly fields?: Readonly<Record<string, string>> | undefined
  /** Seconds since 1970. @default the beginning of 2024 */
  readonly mtime?: number | undefined
}

/**
 * A real .deb, which dpkg and apt accept, without dpkg-deb: deb(5). Equal options make equal bytes (with `gz`, on one version of Node).
 * @example
 * await writeFile('acme_1.2.3_amd64.deb', makeDeb({ name: 'acme', version: '1.2.3', architecture: 'amd64' }))
 */
export function makeDeb({
  name,
  version,
  architecture,
  compression = 'gz',
  files = {},
  size = 0,
  fields = {},
  mtime = madeAt,
}: DebOptions): Uint8Array {
  const control = {
    Package: name,
    Version: version,
    Architecture: architecture,
    Maintainer: 'Nobody <nobody@example.com>',
    Section: 'misc',
    Priority: 'optional',
    Description: `${name}, made for a test`,
    ...fields,
  }
  const text = Object.entries(control).map(([field, value]) => `${field}: ${value}\n`)
  const contents = size === 0 ? files : { ...files, [`usr/share/${name}/padding`]: padding(size) }
  return makeDebOf({
    control: makeTar(
      [
        ['./', ''],
        ['./control', text.join('')],
      ],
      mtime,
    ),
    data: makeTar(tree(contents), mtime),
    compression,
    mtime,
  })
}

/** A .deb around two tar archives, whatever is in them: for packages that break the rules. */
export function makeDebOf({
  control,
  data = makeTar([]),
  compression = 'none',
  mtime = madeAt,
}: {
  control: Uint8Array
  data?: Uint8Array
  compression?: 'gz' | 'none'
  mtime?: number
}): Uint8Array {
  const [suffix, pack] = compression === 'gz' ? (['.gz', gzip] as const) : (['', (bytes: Uint8Array) => bytes] as const)
  return makeAr(
    [
      ['debian-binary', '2.0\n'],
      [`control.tar${suffix}`, pack(control)],
      [`data.tar${suffix}`, pack(data)],
    ],
    mtime,
  )
}

type NamedContent = readonly [name: string, content: string | Uint8Array]

/** An ar archive: ar(5), as deb(5) narrows it. */
export function makeAr(members: readonly NamedContent[], mtime = madeAt): Uint8Array {
  const parts: (string | Uint8Array)[] = ['!<arch>\n']
  for (const [name, content] of members) {
    const size = bytesOf(content).length
    parts.push(
      `${name.padEnd(16)}${String(mtime).padEnd(12)}${'0'.padEnd(6)}${'0'.padEnd(6)}${'100644'.padEnd(8)}${String(size).padEnd(10)}\`\n`,
    )
    parts.push(content, size % 2 === 0 ? '' : '\n')
  }
  return concat(parts)
}

/** A tar archive in POSIX's ustar format. A name that ends in a slash is a directory; `type` is for entries that are neither. */
export function makeTar(members: readonly (readonly [...NamedContent, type?: string])[], mtime = madeAt): Uint8Array {
  const parts: Uint8Array[] = []
  for (const [name, content, type = name.endsWith('/') ? '5' : '0'] of members) {
    const bytes = bytesOf(content)
    const header = Buffer.alloc(512)
    const octal = (value: number, at: number, length: number) =>
      header.write(`${value.toString(8).padStart(length - 1, '0')}\0`, at, 'latin1')
    header.write(name, 0, 100, 'utf8')
    octal(type === '5' ? 0o755 : 0o644, 100, 8)
    octal(0, 108, 8)
    octal(0, 116, 8)
    octal(bytes.length, 124, 12)
    octal(mtime, 136, 12)
    withChecksum(header, () => {
      header.write(type, 156, 'latin1')
      header.write('ustar\x0000root', 257, 'latin1')
      header.write('root', 297, 'latin1')
    })
    parts.push(header, bytes, Buffer.alloc(-bytes.length & 511))
  }
  return concat([...parts, Buffer.alloc(1024)])
}

/** Changes a tar header, and makes its checksum right again. */
export function withChecksum(header: Buffer, change: (header: Buffer) => void): void {
  change(header)
  header.write('        ', 148, 'latin1')
  header.write(`${sumOf(header).toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
}

function sumOf(bytes: Uint8Array): number {
  return bytes.reduce((sum, byte) => sum + byte, 0)
}

/** Files with the directories above them, each before what is in it, as dpkg wants them. */
function tree(files: Readonly<Record<string, string | Uint8Array>>): NamedContent[] {
  const members = new Map<string, string | Uint8Array>([['./', '']])
  for (const [path, content] of Object.entries(files)) {
    const parts = path.split('/')
    for (let depth = 1; depth < parts.length; depth++) members.set(`./${parts.slice(0, depth).join('/')}/`, '')
    members.set(`./${path}`, content)
  }
  return [...members]
}
