import { readFile } from 'node:fs/promises'
import { gunzipSync } from 'node:zlib'
import xz from 'xz-decompress'
import { ZSTDDecoder } from 'zstddec'

/** What a package says about itself. */
export interface Identity {
  /** The format of the file. */
  readonly format: 'deb' | 'rpm'
  /** The package's name. */
  readonly name: string
  /** Complete, with the epoch and the revision. */
  readonly version: string
  /** `amd64`, `x86_64`. */
  readonly architecture: string
  /** The server's name for the file; never with the epoch. */
  readonly canonicalFile: string
}

/**
 * Reads a package as the server does. The client has a stricter reader of its own; sharing one would let both be wrong together.
 * @throws {Error} when the file is not a .deb or .rpm
 */
export async function readPackage(path: string): Promise<Identity> {
  const file = await readFile(path)
  if (file.toString('latin1', 0, 8) === '!<arch>\n') return readDeb(file)
  if (file.length >= 4 && file.readUInt32BE(0) === 0xedabeedb) return readRpm(file)
  throw new Error('not a package')
}

/** deb(5): an ar archive with `debian-binary` and `control.tar`, which holds the file `control` (deb-control(5)). */
async function readDeb(file: Buffer): Promise<Identity> {
  const [name = '', packed = Buffer.alloc(0)] = find(arMembers(file), /^control\.tar/)
  const [, control = Buffer.alloc(0)] = find(tarMembers(await unpacked(name, packed)), /^(?:\.\/)?control$/)
  const text = control.toString()
  const field = (title: string) => text.match(new RegExp(`^${title}:[ \\t]*(\\S+)`, 'im'))?.[1] ?? fail(`no ${title}`)
  const [title, version, architecture] = [field('Package'), field('Version'), field('Architecture')]
  const canonicalFile = `${title}_${version.replace(/^\d+:/, '')}_${architecture}.deb`
  return { format: 'deb', name: title, version, architecture, canonicalFile }
}

type Member = readonly [name: string, content: Buffer]

function find(members: Iterable<Member>, wanted: RegExp): Member {
  for (const member of members) if (wanted.test(member[0])) return member
  return fail(`no ${wanted.source}`)
}

/** ar(5): a header of 60 bytes for each member, which is padded to an even length. */
function* arMembers(file: Buffer): Generator<Member> {
  for (let at = 8; at + 60 <= file.length; ) {
    const size = Number.parseInt(file.toString('latin1', at + 48, at + 58), 10)
    if (Number.isNaN(size)) fail('an ar header without a size')
    yield [
      file
        .toString('latin1', at, at + 16)
        .trim()
        .replace(/\/$/, ''),
      file.subarray(at + 60, at + 60 + size),
    ]
    at += 60 + size + (size % 2)
  }
}

/** tar(5): a header of 512 bytes for each member, which is padded to a multiple of 512. */
function* tarMembers(archive: Buffer): Generator<Member> {
  for (let at = 0; at + 512 <= archive.length && archive[at] !== 0; ) {
    const size = Number.parseInt(archive.toString('latin1', at + 124, at + 136), 8)
    if (Number.isNaN(size)) fail('a tar header without a size')
    yield [archive.toString('latin1', at, at + 100).replace(/\0.*$/s, ''), archive.subarray(at + 512, at + 512 + size)]
    at += 512 + Math.ceil(size / 512) * 512
  }
}

async function unpacked(name: string, bytes: Buffer): Promise<Buffer> {
  if (name.endsWith('.gz')) return gunzipSync(bytes)
  if (name.endsWith('.xz')) {
    const plain = new xz.XzReadableStream(new Blob([Uint8Array.from(bytes)]).stream())
    return Buffer.from(await new Response(plain).arrayBuffer())
  }
  if (!name.endsWith('.zst')) return bytes
  const decoder = new ZSTDDecoder()
  await decoder.init()
  return Buffer.from(decoder.decode(bytes))
}

const tags = { name: 1000, version: 1001, release: 1002, epoch: 1003, architecture: 1022, sourceRpm: 1044, noSource: 1051, noPatch: 1052 }

/** RPM v4: a lead of 96 bytes, the signature header padded to 8 bytes, then the header. A package that names no source rpm is one itself. */
function readRpm(file: Buffer): Identity {
  const header = Math.ceil(endOfHeader(file, 96) / 8) * 8
  const count = file.readUInt32BE(header + 8)
  const store = header + 16 + count * 16
  const offsets = new Map<number, number>()
  for (let at = header + 16; at < store; at += 16) offsets.set(file.readUInt32BE(at), store + file.readUInt32BE(at + 8))
  const text = (tag: number) => {
    const at = offsets.get(tag) ?? fail(`no tag ${tag}`)
    return file.toString('latin1', at, file.indexOf(0, at))
  }
  const epochAt = offsets.get(tags.epoch)
  const [name, version, release] = [text(tags.name), text(tags.version), text(tags.release)]
  const sources = offsets.has(tags.noSource) || offsets.has(tags.noPatch) ? 'nosrc' : 'src'
  const architecture = offsets.has(tags.sourceRpm) ? text(tags.architecture) : sources
  return {
    format: 'rpm',
    name,
    version: `${epochAt === undefined ? '' : `${file.readUInt32BE(epochAt)}:`}${version}-${release}`,
    architecture,
    canonicalFile: `${name}-${version}-${release}.${architecture}.rpm`,
  }
}

function endOfHeader(file: Buffer, at: number): number {
  if (file.readUInt32BE(at) !== 0x8eade801) fail('no header')
  return at + 16 + file.readUInt32BE(at + 8) * 16 + file.readUInt32BE(at + 12)
}

function fail(what: string): never {
  throw new Error(`not a package: ${what}`)
}
