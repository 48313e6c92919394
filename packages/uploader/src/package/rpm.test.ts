import { describe, expect, test } from 'vitest'
import { makeRpm, type RpmOptions } from '../testing/packages/index.js'
import { inMemory } from './bytes.js'
import { PackageError } from './error.js'
import { inspectRpm } from './rpm.js'

const options = { name: 'acme', version: '1.2.3', release: '1.el9', architecture: 'x86_64' }
const inspect = (bytes: Uint8Array) => inspectRpm(inMemory('x', bytes))
const headerMagic = Buffer.of(0x8e, 0xad, 0xe8, 0x01)
const signatureAt = 96

/** The package with one number in its main header changed: of the introduction, or of a tag's index entry. */
function altered(change: (header: DataView, entry: (tag: number) => number) => void, made: RpmOptions = options): Uint8Array {
  const bytes = Buffer.from(makeRpm(made))
  const start = bytes.indexOf(headerMagic, signatureAt + 4)
  const header = new DataView(bytes.buffer, bytes.byteOffset + start)
  change(header, (tag) => {
    for (let at = 16; ; at += 16) if (header.getUint32(at) === tag) return at
  })
  return bytes
}

describe('inspectRpm', () => {
  test.each([
    ['another signature type in the lead', makeRpm(options).map((byte, at) => (at === 79 ? 0 : byte))],
    ['no magic before the header', altered((h) => h.setUint32(0, 0))],
    ['65536 entries', altered((h) => h.setUint32(8, 65536))],
    ['4 thousand million entries', altered((h) => h.setUint32(8, 0xffffffff))],
    ['more entries than the file has room for', altered((h) => h.setUint32(8, 60000))],
    ['no entries', altered((h) => h.setUint32(8, 0))],
    ['a store of 4 GiB', altered((h) => h.setUint32(12, 0xffffffff))],
    ['a store that is longer than the file', altered((h) => h.setUint32(12, 100_000))],
    ['a store of nothing', altered((h) => h.setUint32(12, 0))],
    ['an unknown type', altered((h, entry) => h.setUint32(entry(1009) + 4, 10))],
    ['an offset outside the store', altered((h, entry) => h.setUint32(entry(1000) + 8, 50_000))],
    ['a negative offset', altered((h, entry) => h.setInt32(entry(1000) + 8, -4))],
    ['a count outside the store', altered((h, entry) => h.setUint32(entry(1009) + 12, 0x7fffffff))],
    ['a name that is a number', altered((h, entry) => h.setUint32(entry(1000) + 4, 4))],
    ['two names', altered((h, entry) => h.setUint32(entry(1004), 1000))],
    ['no name', altered((h, entry) => h.setUint32(entry(1000), 999))],
    ['no version', altered((h, entry) => h.setUint32(entry(1001), 999))],
    ['no release', altered((h, entry) => h.setUint32(entry(1002), 999))],
    ['no architecture', altered((h, entry) => h.setUint32(entry(1022), 999))],
    ['an epoch that is text', altered((h, entry) => h.setUint32(entry(1003) + 4, 6), { ...options, epoch: 1 })],
    ['two epochs', altered((h, entry) => h.setUint32(entry(1003) + 12, 2), { ...options, epoch: 1 })],
    ['a name with a path', makeRpm({ ...options, name: '../acme' })],
    ['a name with a newline', makeRpm({ ...options, name: 'acme\nevil' })],
    ['a name of 200 characters', makeRpm({ ...options, name: 'a'.repeat(200) })],
    ['a name of 400 characters', makeRpm({ ...options, name: 'a'.repeat(400) })],
    ['an empty name', makeRpm({ ...options, name: '' })],
    ['a version with a dash', makeRpm({ ...options, version: '1-2' })],
    ['a release with a slash', makeRpm({ ...options, release: '1/2' })],
    ['an architecture with a space', makeRpm({ ...options, architecture: 'x86 64' })],
  ])('refuses %s', async (_what, bytes) => {
    await expect(inspect(bytes)).rejects.toBeInstanceOf(PackageError)
  })

  test.each([
    ['entries', 8, 33],
    ['bytes', 12, 0x10000000],
  ])('refuses a signature of too many %s', async (_what, at, value) => {
    const bytes = Buffer.from(makeRpm(options))
    bytes.writeUInt32BE(value, signatureAt + at)
    await expect(inspect(bytes)).rejects.toMatchObject({ code: 'package/too-large' })
  })

  test('refuses a package whose payload is not all there, by the size that its signature header states', async () => {
    const bytes = makeRpm({ ...options, size: 10_000 })
    await expect(inspect(bytes.subarray(0, -1))).rejects.toThrow('bytes of header and payload')
  })

  test('tells a source package without its sources', async () => {
    // The summary's entry becomes NOSOURCE; only that it is there counts.
    const bytes = altered((h, entry) => h.setUint32(entry(1005), 1051), { ...options, source: true })
    expect(await inspect(bytes)).toMatchObject({ source: true, architecture: 'nosrc', canonicalFile: 'acme-1.2.3-1.el9.nosrc.rpm' })
  })

  test('takes versions with ~ and ^', async () => {
    expect(await inspect(makeRpm({ ...options, version: '2.0~rc1^git5' }))).toMatchObject({ version: '2.0~rc1^git5-1.el9' })
  })
})
