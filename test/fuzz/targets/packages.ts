import { gzipSync } from 'node:zlib'
import { arMembers } from '../../../packages/uploader/src/package/ar.js'
import { inMemory } from '../../../packages/uploader/src/package/bytes.js'
import { contradictions } from '../../../packages/uploader/src/package/contradictions.js'
import { parseControl } from '../../../packages/uploader/src/package/control.js'
import { type Compression, decompress } from '../../../packages/uploader/src/package/decompress.js'
import { PackageError } from '../../../packages/uploader/src/package/error.js'
import { inspectBytes } from '../../../packages/uploader/src/package/inspect.js'
import { fileInTar } from '../../../packages/uploader/src/package/tar.js'
import { makeAr, makeDeb, makeRpm, makeTar, withChecksum } from '../../../packages/uploader/src/testing/packages/index.js'
import { bytesOf, mustHold, type Target } from '../target.js'

const refuses = (error: unknown) => error instanceof PackageError
const control = 'Package: acme\nVersion: 1:1.2.3-4\nArchitecture: amd64\nMaintainer: J\xf6rg <j@example.com>\nDescription: x\n y\n .\n z\n'
const tar = makeTar([
  ['./', ''],
  ['./control', control],
  ['./md5sums', 'x'],
  ['pax', '27 mtime=1700000000.123456\n', 'x'],
  ['./postinst', '#!/bin/sh\n'],
])
const tarWords = [
  'ustar\x0000',
  'ustar  \0',
  './control\0',
  'control\0',
  '../',
  '././@LongLink',
  '0000000001\0',
  '\x80\0\0\0',
  '16 path=control\n',
]
const arWords = ['!<arch>\n', '`\n', 'debian-binary   ', 'control.tar.gz  ', 'data.tar        ', '#1/20', '//', '/0', '_a']
const controlWords = [
  'Package:',
  'package: x\n',
  'Version:',
  '\n',
  ' ',
  '\t',
  '\r\n',
  '\0',
  '\x1b[',
  ':',
  '#',
  '-',
  '\xa0',
  ' .\n',
  '1:',
  '~',
]
const rpmWords = [
  '\x8e\xad\xe8\x01\0\0\0\0',
  '\xed\xab\xee\xdb',
  '\0\0\0\x3e',
  '\0\0\0\x3f',
  '\0\0\x03\xe8',
  '\0\0\x04\x14',
  '\0\0\0\x06',
  '\0\0\0\x07',
]

/** Right checksums for whatever looks like a tar header. */
function mendTar(input: Buffer): Buffer {
  for (let at = input.indexOf('ustar'); at !== -1; at = input.indexOf('ustar', at + 1)) {
    const header = input.subarray(at - 257, at + 255)
    if (at >= 257 && header.length === 512) withChecksum(header, () => undefined)
  }
  return input
}

async function inspected(input: Buffer): Promise<string> {
  const identity = await inspectBytes(inMemory('x', input))
  const { name, version, architecture, format, canonicalFile: file } = identity
  // What passes here goes into addresses, paths and logs.
  for (const text of [name, architecture, file]) mustHold(/^[A-Za-z0-9][A-Za-z0-9._+~^-]{0,254}$/.test(text), `a name, got ${text}`)
  mustHold(/^(?:\d+:)?[A-Za-z0-9][A-Za-z0-9.+~^_-]*$/.test(version), `a version, got ${version}`)
  mustHold(contradictions(identity, {}, file).length === 0, 'no contradiction to its own name')
  return `${format} ${identity.format === 'rpm' && identity.source} ${version.includes(':')}`
}

function unpacking(suffix: Compression, packed: readonly Uint8Array[], dictionary: readonly string[]): Target {
  return {
    name: `unpack${suffix}`,
    seeds: packed,
    dictionary,
    refuses,
    read: async (input) => {
      const limit = 4 * 1024 * 1024
      const { length } = await decompress(input, suffix, limit, 'x')
      mustHold(length <= limit, `at most ${limit} bytes, got ${length}`)
      return `${length}`.length.toString()
    },
  }
}

export const packages: readonly Target[] = [
  {
    name: 'deb',
    seeds: [
      makeDeb({ name: 'acme', version: '1:1.2.3-4', architecture: 'amd64', compression: 'none' }),
      makeDeb({ name: 'acme', version: '1.2.3', architecture: 'all' }),
      makeAr([
        ['debian-binary', '2.0\n'],
        ['_a', 'b'],
        ['control.tar', tar],
        ['data.tar.xz', ''],
        ['_gpgorigin', 'c'],
      ]),
    ],
    dictionary: [...arWords, ...tarWords, ...controlWords],
    mend: mendTar,
    read: inspected,
    refuses,
  },
  {
    name: 'rpm',
    seeds: [
      makeRpm({ name: 'acme', version: '1.2.3', release: '1.el9', architecture: 'x86_64', epoch: 1 }),
      makeRpm({ name: 'acme', version: '1.2.3', release: '1', architecture: 'noarch', source: true }),
    ],
    dictionary: rpmWords,
    read: inspected,
    refuses,
  },
  {
    name: 'ar',
    seeds: [
      makeAr([
        ['debian-binary', '2.0\n'],
        ['control.tar', 'abc'],
        ['data.tar/', ''],
      ]),
    ],
    dictionary: arWords,
    read: async (input) => {
      const members = await arMembers(inMemory('x', input))
      for (const { offset, size } of members) mustHold(offset >= 68 && size >= 0 && offset + size <= input.length, 'a member within')
      return `${members.length}`
    },
    refuses,
  },
  {
    name: 'tar',
    seeds: [tar],
    dictionary: tarWords,
    mend: mendTar,
    read: (input) => {
      const found = fileInTar(input, 'control', 'x')
      mustHold(input.includes(Buffer.from(found)), 'a part of the archive')
      return found.length === control.length ? 'the same' : 'another'
    },
    refuses,
  },
  {
    name: 'control',
    seeds: bytesOf(control),
    dictionary: controlWords,
    read: (input) => {
      const fields = parseControl(input.toString('latin1'), 'x')
      for (const [name, value] of fields) {
        mustHold(/^[!-9;-~]+$/.test(name) && name === name.toLowerCase(), `the name of a field, got ${name}`)
        mustHold(/^[^\n]*(?:\n[ \t].*)*$/.test(value) && !/[\0\r\x1b]/.test(value), 'a value, folded')
      }
      return `${Math.min(fields.size, 9)}`
    },
    refuses,
  },
  unpacking('.gz', [gzipSync(tar), gzipSync(''), gzipSync(Buffer.alloc(100_000))], ['\x1f\x8b\x08\0', '\0\0\0\0', '\xff\xff']),
  unpacking('.xz', [], ['\xfd7zXZ\0', '\0\x04', 'YZ', '\x21\x01']),
  unpacking('.zst', [], ['\x28\xb5\x2f\xfd', '\x50\x2a\x4d\x18\x04\0\0\0', '\x01\0\0']),
]
