import { shown } from '../contract/shown.js'
import { type ArMember, arMembers } from './ar.js'
import { exactly, latin1, type PackageBytes } from './bytes.js'
import { parseControl } from './control.js'
import { type Compression, decompress } from './decompress.js'
import { malformed, PackageError, tooLarge } from './error.js'
import { refuseUnreadableFields } from './fields.js'
import { type DebIdentity, fitting } from './identity.js'
import { refuseUnreadableRelations } from './relations.js'
import { fileInTar } from './tar.js'

const mebibyte = 1024 * 1024
/**
 * The control archive has an md5sums line for every file of the package. The largest packages we know of (omnibus builds) have some
 * 200 000 files of 130 characters each: about 26 MiB unpacked and, as digests do not compress, about 6 MiB packed.
 */
const packedLimit = 16 * mebibyte
const unpackedLimit = 64 * mebibyte
/** The control file alone: dependencies and a description, tens of KiB at most. */
const controlLimit = mebibyte
/** `debian-binary` is `2.0\n`; later minor versions may add lines. */
const versionLimit = 64

/** A binary package's control file, and who it says the package is. */
export interface DebControl {
  readonly identity: DebIdentity
  /** The control file as it is, one character for each byte. */
  readonly text: string
}

/** @throws {PackageError} when it is not a binary package as deb(5) describes it */
export async function inspectDeb(from: PackageBytes): Promise<DebIdentity> {
  return (await readDebControl(from)).identity
}

/** @throws {PackageError} see `inspectDeb` */
export async function readDebControl(from: PackageBytes): Promise<DebControl> {
  const { version, control: member, compression } = layout(await arMembers(from), from.file)
  const declared = latin1(await exactly(from, version.offset, Math.min(version.size, versionLimit), 'debian-binary'))
  if (!/^2\.\d{1,3}\n/.test(declared)) throw malformed(from.file, 'version 2 of the .deb format', shown(declared))

  if (member.size > packedLimit) throw tooLarge(from.file, `a control archive of at most ${packedLimit} bytes`, `${member.size}`)
  const packed = await exactly(from, member.offset, member.size, member.name)
  const control = fileInTar(await decompress(packed, compression, unpackedLimit, from.file), 'control', from.file)
  if (control.length > controlLimit) throw tooLarge(from.file, `a control file of at most ${controlLimit} bytes`, `${control.length}`)
  const text = latin1(control)
  const fields = parseControl(text, from.file)
  const identity = identify(fields, from.file)
  refuseUnreadableFields(fields, from.file)
  refuseUnreadableRelations(fields, from.file)
  return { identity, text }
}

interface Layout {
  readonly version: ArMember
  readonly control: ArMember
  readonly compression: Compression
}

// deb(5): debian-binary, control.tar, data.tar, in this order. Members that begin with _ may stand between, others only after them.
function layout(members: readonly ArMember[], file: string): Layout {
  const [version, ...others] = members
  if (version?.name !== 'debian-binary') throw malformed(file, 'debian-binary as the first member', shown(version?.name ?? ''))
  const [control, data, ...later] = others.filter(({ name }) => !name.startsWith('_'))
  if (control === undefined || !control.name.startsWith('control.tar'))
    throw malformed(file, 'control.tar as the second member', shown(control?.name ?? ''))
  // All that dpkg and apt can unpack.
  if (data === undefined || !/^data\.tar(?:\.(?:gz|xz|zst|bz2|lzma))?$/.test(data.name))
    throw malformed(file, 'data.tar after control.tar', shown(data?.name ?? ''))
  // dpkg stops at the first, apt takes the last.
  const second = later.find(({ name }) => /^(?:debian-binary$|control\.tar|data\.tar)/.test(name))
  if (second !== undefined) throw malformed(file, 'one debian-binary, control.tar and data.tar', `a second ${shown(second.name)}`)
  return { version, control, compression: compressionOf(control.name, file) }
}

function compressionOf(name: string, file: string): Compression {
  switch (name) {
    case 'control.tar':
      return ''
    case 'control.tar.gz':
      return '.gz'
    case 'control.tar.xz':
      return '.xz'
    case 'control.tar.zst':
      return '.zst'
    default:
      throw new PackageError({ code: 'package/unsupported', file, expected: 'control.tar, control.tar.gz, .xz or .zst', seen: shown(name) })
  }
}

function identify(fields: ReadonlyMap<string, string>, file: string): DebIdentity {
  // apt tells `Acme` from `acme`; dpkg has both as `acme`, so that one replaces the other, and apt never sees it installed.
  const name = field('Package', /^[a-z0-9][a-z0-9+.-]+$/, 'a package name of lower-case letters, digits and +.-')
  const version = field('Version', /^(?:\d{1,9}:)?\d[A-Za-z0-9.+~-]*(?<!-)$/, 'a version such as 1:2.3-4')
  const architecture = field('Architecture', /^[a-z0-9][a-z0-9-]*$/, 'an architecture such as amd64 or all')
  const canonicalFile = `${name}_${version.replace(/^\d+:/, '')}_${architecture}.deb`
  return fitting({ format: 'deb', name, version, architecture, canonicalFile }, file)

  // Debian policy 5.6.7, 5.6.12 and 5.6.8.
  function field(name: string, grammar: RegExp, expected: string): string {
    const value = fields.get(name.toLowerCase())
    if (value === undefined) throw malformed(file, `a field ${name} in the control file`, 'none')
    if (!grammar.test(value)) throw malformed(file, `${expected} in ${name}`, shown(value))
    return value
  }
}
