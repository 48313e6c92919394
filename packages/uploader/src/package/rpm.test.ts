import { describe, expect, test } from 'vitest'
import { makeRpm } from '../testing/packages/index.js'
import { inMemory } from './bytes.js'
import { PackageError } from './error.js'
import { inspectRpm } from './rpm.js'
import { altered, headerMagic, options, signatureAt, signedFiles, uint32s, unmarked } from './testing/odd-rpms.js'

const inspect = (bytes: Uint8Array) => inspectRpm(inMemory('x', bytes))

describe('inspectRpm', () => {
  test.each([
    ['another signature type in the lead', makeRpm(options).map((byte, at) => (at === 79 ? 0 : byte))],
    ['version 2 in the lead', makeRpm(options).map((byte, at) => (at === 4 ? 2 : byte))],
    ['version 5 in the lead', makeRpm(options).map((byte, at) => (at === 4 ? 5 : byte))],
    ['no magic before the signature', makeRpm(options).map((byte, at) => (at === signatureAt ? 0 : byte))],
    ['something in the reserved bytes of a header', altered((h) => h.setUint32(4, 1))],
    ['something in the reserved bytes of the signature', makeRpm(options).map((byte, at) => (at === signatureAt + 7 ? 1 : byte))],
    ['a region that is a string', altered((h, entry) => h.setUint32(entry(63) + 4, 6))],
    ['a region of another size', altered((h, entry) => h.setUint32(entry(63) + 12, 32))],
    ['a region that ends before the store does', altered((h, entry) => h.setInt32(entry(63) + 8, h.getInt32(entry(63) + 8) - 16))],
    ['a region that does not end as it began', altered((h, _, trailer) => h.setUint32(trailer, 62))],
    ['a region whose end is a string', altered((h, _, trailer) => h.setUint32(trailer + 4, 6))],
    ['a region whose end has another size', altered((h, _, trailer) => h.setUint32(trailer + 12, 15))],
    ['a region over fewer entries', altered((h, _, trailer) => h.setInt32(trailer + 8, h.getInt32(trailer + 8) + 16))],
    ['a second region', altered((h, entry) => h.setUint32(entry(100), 63))],
    ['a tag below 100', altered((h, entry) => h.setUint32(entry(100), 99))],
    ['a negative tag', altered((h, entry) => h.setUint32(entry(1126), 0xffffffff))],
    ['values that overlap', altered((h, entry) => h.setUint32(entry(1001) + 8, h.getUint32(entry(1000) + 8)))],
    ['a value in the end of the region', altered((h, entry) => h.setUint32(entry(5093) + 8, h.getUint32(entry(63) + 8)))],
    ['a number at an odd place', altered((h, entry) => h.setUint32(entry(1009) + 8, h.getUint32(entry(1009) + 8) + 1))],
    ['a number at an odd place, with room for it', altered((h, entry) => h.setUint32(entry(1004) + 4, 3))],
    ['values that overlap a list', altered((h, entry) => h.setUint32(entry(1049) + 8, h.getUint32(entry(1048) + 8) + 4))],
    ['two names of the same type', altered((h, entry) => h.setUint32(entry(1021), 1000))],
    ['a name of two values', altered((h, entry) => h.setUint32(entry(1000) + 12, 2))],
    ['the end of a signature header behind a header', altered((h, _, trailer) => h.setUint32(trailer, 61))],
    ['no values of a tag', altered((h, entry) => h.setUint32(entry(1014) + 12, 0))],
    ['a type of nothing', altered((h, entry) => h.setUint32(entry(1009) + 4, 0))],
    ['a name in several languages', altered((h, entry) => h.setUint32(entry(1000) + 4, 9))],
    ['a list of names', altered((h, entry) => h.setUint32(entry(1000) + 4, 8))],
    ['an epoch of 64 bits', altered((h, entry) => h.setUint32(entry(1003) + 4, 5), { ...options, epoch: 1 })],
    ['neither the name of a source package nor the mark of one', altered((h, entry) => h.setUint32(entry(1044), 1043))],
    ['both of them', altered((h, entry) => h.setUint32(entry(1112), 1106))],
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
    ['an architecture with a dash', makeRpm({ ...options, architecture: 'x86-64' })],
    ['an architecture in capitals', makeRpm({ ...options, architecture: 'X86_64' })],
    ['a release that begins with a dot', makeRpm({ ...options, release: '.1' })],
    ['a release with a dash', makeRpm({ ...options, release: '1-2' })],
    ['a name that begins with a dash', makeRpm({ ...options, name: '-acme' })],
    ['a name that ends in a space', makeRpm({ ...options, name: 'acme ' })],
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

  test('takes a header without a region, as rpm 3 wrote it', async () => {
    // Its first entry goes, and with it 16 bytes of the index and the last of the store.
    const made = Buffer.from(makeRpm(options))
    const start = made.indexOf(headerMagic, signatureAt + 4)
    const [count, size] = [made.readUInt32BE(start + 8), made.readUInt32BE(start + 12)]
    const end = start + 16 + count * 16 + size
    const header = Buffer.concat([made.subarray(start, start + 16), made.subarray(start + 32, end - 16)])
    header.writeUInt32BE(count - 1, 8)
    header.writeUInt32BE(size - 16, 12)
    const bytes = Buffer.concat([made.subarray(0, start), header, made.subarray(end), Buffer.alloc(32)])
    expect(await inspect(bytes)).toMatchObject({ name: 'acme', version: '1.2.3-1.el9' })
  })

  test('takes a signature header that ends as rpm 4.0 wrote it', async () => {
    const bytes = Buffer.from(makeRpm(options))
    const end = signatureAt + 16 + bytes.readUInt32BE(signatureAt + 8) * 16 + bytes.readUInt32BE(signatureAt + 12)
    bytes.writeUInt32BE(61, end - 16)
    expect(await inspect(bytes)).toMatchObject({ name: 'acme' })
  })

  describe('whose header is made by hand', () => {
    type Made = readonly [tag: number, type: number, count: number, bytes: string | Buffer]
    /** A package of rpm 3, with just these values, and something behind the last. */
    const withValues = (...values: readonly Made[]) => {
      let at = 0
      const index = values.map(([tag, type, count, bytes]) => {
        const entry = uint32s(tag, type, at, count)
        at += bytes.length
        return entry
      })
      const store = Buffer.concat(values.map(([, , , bytes]) => Buffer.from(bytes)))
      const header = Buffer.concat([headerMagic, uint32s(0, values.length, store.length), ...index, store])
      const made = makeRpm(options)
      const start = Buffer.from(made).indexOf(headerMagic, signatureAt + 4)
      return Buffer.concat([made.subarray(0, start), header, Buffer.from('el9\0'), Buffer.alloc(2000)])
    }
    const named: readonly Made[] = [
      [1003, 4, 1, uint32s(7)],
      [1000, 6, 1, 'acme\0'],
      [1001, 6, 1, '1\0'],
      [1044, 6, 1, 'a.src.rpm\0'],
      [1002, 6, 1, '1.\0'],
    ]

    test('is read', async () => {
      const bytes = withValues(...named, [1022, 6, 1, 'noarch\0'])
      expect(await inspect(bytes)).toMatchObject({ name: 'acme', version: '7:1-1.', architecture: 'noarch' })
    })

    const [epoch, name, version, , release] = named
    const withFiles = (...files: readonly Made[]) =>
      withValues(...[epoch, name, version, release].filter((one) => one !== undefined), [1022, 6, 1, 'noarch\0'], ...files).map(
        (byte, at) => (at === 7 ? 1 : byte),
      )

    test.each<readonly [string, Made]>([
      ['in one folder without a name', [1118, 8, 1, '\0']],
      ['without paths, as the oldest list them', [1027, 8, 2, 'acme.spec\0acme.tar\0']],
    ])('is that of a source package without any mark where its files are %s', async (_what, files) => {
      expect(await inspect(withFiles(files))).toMatchObject({ name: 'acme', source: true })
    })

    test.each<readonly [string, Made]>([
      ['in two folders', [1118, 8, 2, '\0a\0']],
      ['in a folder', [1118, 8, 1, '/usr\0']],
      ['with paths, as the oldest list them', [1027, 8, 1, '/usr/bin/acme\0']],
      ['one text', [1118, 6, 1, '\0']],
    ])('is refused without any mark where its files are %s', async (_what, files) => {
      await expect(inspect(withFiles(files))).rejects.toThrow('found neither')
    })

    test('is refused where a text ends only behind it', async () => {
      await expect(inspect(withValues(...named, [1022, 6, 1, 'no']))).rejects.toThrow('architecture of less than 256 characters')
    })

    test('is refused where the epoch is two numbers', async () => {
      const [, ...others] = named
      const bytes = withValues([1003, 4, 2, uint32s(7, 8)], ...others, [1022, 6, 1, 'noarch\0'])
      await expect(inspect(bytes)).rejects.toThrow('a number for the epoch in the header, found type 4, count 2')
    })

    test('is refused where it has no entries', async () => {
      await expect(inspect(withValues())).rejects.toThrow('a header with entries')
    })
  })

  test('takes the size from 64 bits where the signature has them', async () => {
    const bytes = Buffer.from(makeRpm({ ...options, size: 10_000 }))
    // The digests become numbers of 64 bits: as large as the package, and a byte larger.
    const rest = bytes.length - bytes.indexOf(headerMagic, signatureAt + 4)
    const longSize = (value: number) => {
      const changed = Buffer.from(bytes)
      const store = signatureAt + 16 + changed.readUInt32BE(signatureAt + 8) * 16
      for (const [at, field] of [270, 5, 0, 1].entries()) changed.writeUInt32BE(field, signatureAt + 32 + at * 4)
      changed.writeBigUInt64BE(BigInt(value), store)
      return changed
    }
    expect(await inspect(longSize(rest))).toMatchObject({ name: 'acme' })
    await expect(inspect(longSize(rest + 1))).rejects.toThrow('bytes of header and payload')
  })

  test.each([{}, { entries: 3 }, { tag: 278, type: 6 }])('takes entries behind the signature header’s region: %j', async (what) => {
    expect(await inspect(signedFiles(what))).toMatchObject({ name: 'acme', version: '1.2.3-1.el9' })
  })

  test.each([
    ['in the end of the region', { offset: -4 }],
    ['over the whole end of the region', { type: 7, offset: -16 }],
    ['behind the store', { offset: 17 }],
    ['with a tag below 100', { tag: 99 }],
    ['with the tag of another', { tag: 1000, type: 8 }],
    ['that are too many', { entries: 29 }],
  ])('refuses entries behind the signature header’s region %s', async (_what, what) => {
    await expect(inspect(signedFiles(what))).rejects.toBeInstanceOf(PackageError)
  })

  test.each([
    ['ends outside the store', (region: DataView) => region.setInt32(8, 100_000)],
    ['ends before the store', (region: DataView) => region.setInt32(8, -16)],
    ['ends where nothing says so', (region: DataView) => region.setInt32(8, 0)],
    ['is a string', (region: DataView) => region.setInt32(4, 6)],
  ])('refuses a signature header whose region %s', async (_what, change) => {
    const bytes = Buffer.from(signedFiles())
    change(new DataView(bytes.buffer, bytes.byteOffset + signatureAt + 16))
    await expect(inspect(bytes)).rejects.toThrow('a region within a signature header')
  })

  test.each([
    ['over more entries than there are', -16 * 40],
    ['over half an entry', -24],
    ['over less than no entries', 16],
  ])('refuses a signature header whose region is %s', async (_what, length) => {
    const bytes = Buffer.from(makeRpm(options))
    const end = signatureAt + 16 + bytes.readUInt32BE(signatureAt + 8) * 16 + bytes.readUInt32BE(signatureAt + 12)
    bytes.writeInt32BE(length, end - 8)
    await expect(inspect(bytes)).rejects.toThrow('a region within a signature header')
  })

  describe('of a package without any mark', () => {
    const withLead = (type: number, bytes: Uint8Array) => bytes.map((byte, at) => (at === 7 ? type : byte))

    test('takes it for a source package where the lead says so and all files are in a folder without a name, as rpm does', async () => {
      const identity = { source: true, architecture: 'src', canonicalFile: 'acme-1.2.3-1.el9.src.rpm' }
      expect(await inspect(unmarked({ ...options, source: true }))).toMatchObject(identity)
    })

    test.each([
      ['the lead is that of a binary package', withLead(0, unmarked({ ...options, source: true }))],
      ['its files are in a folder', withLead(1, unmarked(options))],
      ['its folder is not a list of strings', unmarked({ ...options, source: true }, (h, entry) => h.setUint32(entry(1118) + 4, 7))],
      ['it has no folders', unmarked({ ...options, source: true }, (h, entry) => h.setUint32(entry(1118), 1119))],
    ])('refuses it where %s', async (_what, bytes) => {
      await expect(inspect(bytes)).rejects.toThrow('the name of the source package, or the mark of one, found neither')
    })
  })

  test('takes a name that begins with _', async () => {
    expect(await inspect(makeRpm({ ...options, name: '_x' }))).toMatchObject({ name: '_x', canonicalFile: '_x-1.2.3-1.el9.x86_64.rpm' })
  })

  test('takes versions with ~ and ^', async () => {
    expect(await inspect(makeRpm({ ...options, version: '2.0~rc1^git5' }))).toMatchObject({ version: '2.0~rc1^git5-1.el9' })
  })
})
