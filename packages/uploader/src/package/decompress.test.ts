import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { type Compression, decompress } from './decompress.js'

// What xz and zstd make of these words, and of zeros.
const words = 'hello, world'
const xz = {
  crc64:
    'fd377a585a000004e6d6b4460200210116000000742fe5a301000b68656c6c6f2c20776f726c64008d67d7d266425d030001240ca618d8d81fb6f37d010000000004595a',
  crc32: 'fd377a585a0000016922de360200210116000000742fe5a301000b68656c6c6f2c20776f726c64003a72abff0001200ca2ddb4bc9042990d010000000001595a',
  unchecked: 'fd377a585a000000ff12d9410200210116000000742fe5a301000b68656c6c6f2c20776f726c640000011c0c5da447cf06729e7a010000000000595a',
  threeBlocks:
    'fd377a585a000004e6d6b4460200210116000000742fe5a301000368656c6c00d010b07a302ff1a80200210116000000742fe5a30100036f2c20770045d8082f156ea6400200210116000000742fe5a30100036f726c64006929c4d5a8f3e56600031c041c041c046b788229b1c467fb020000000004595a',
}
const empty = { '.xz': 'fd377a585a000004e6d6b446000000001cdf44211fb6f37d010000000004595a', '.zst': '28b52ffd240001000099e9d851' }
const zst = {
  small: '28b52ffd240c61000068656c6c6f2c20776f726c6442121b6d',
  unchecked: '28b52ffd200c61000068656c6c6f2c20776f726c64',
  withoutSize: '28b52ffd045861000068656c6c6f2c20776f726c6442121b6d',
  withoutEither: '28b52ffd005861000068656c6c6f2c20776f726c64',
}
const zeros = {
  300: '28b52ffd642c004d00001000000100272ac00290ea003a',
  70000: '28b52ffda47011010055000010000001006b1139c002f865eb5e',
  300000: '28b52ffda4e09304005400001000000100fbff39c00202001000039f04002d28de26',
}
/** Two, of which the first stands for 300 000 zeros with a block of one byte that is repeated. */
const repeated = '28b52ffd04585400001000000100fbff39c00202001000039f04002d28de26'

/** Of 160 bytes that cannot be packed: its block is so long that the index has it in two bytes. */
const unpackable =
  'fd377a585a000000ff12d9410200210116000000742fe5a301009f66e94bd4ef8a2c3b884cfa59ca342b2e58e2fccefa7e3061367f1d57a4e7455a0388dace60b6a392f328c2b971b2fe78f795aaab494b5923f7fd89ff948bc1e0200211214e7394da2089b6acd093abe0c94da219118e297d7b7ebcbcc9c388f28ade7d85a8ee35616f7124a9d527029195b84d1b96c690ff2f2de30bf2ec89e00253786e126504f0dab90c48a30321de3345e6b0461e7c9e6c6b7afedde83f40000001b001a00100002a9d56a8a8000afc020000000000595a'

const unpack = (hex: string | Uint8Array, by: Compression, limit = 1_000_000) =>
  decompress(typeof hex === 'string' ? Buffer.from(hex, 'hex') : hex, by, limit, 'x')
const textOf = async (hex: string | Uint8Array, by: Compression) => Buffer.from(await unpack(hex, by)).toString()

describe('one stream', () => {
  test.each(Object.entries(xz))('of xz is read (%s)', async (_what, hex) => {
    expect(await textOf(hex, '.xz')).toBe(words)
  })

  test.each(Object.entries(zst))('of zstd is read (%s)', async (_what, hex) => {
    expect(await textOf(hex, '.zst')).toBe(words)
  })

  test.each([...Object.entries(zeros), ['300000', repeated] as const])('of %s zeros is read', async (size, hex) => {
    expect(Buffer.compare(await unpack(hex, '.zst'), new Uint8Array(Number(size)))).toBe(0)
  })

  test('of xz is read, of what cannot be packed', async () => {
    expect(await unpack(unpackable, '.xz')).toHaveLength(160)
    await expect(unpack(unpackable + xz.crc32, '.xz')).rejects.toMatchObject({ expected: 'one stream in control.tar.xz' })
    await expect(unpack(xz.crc32 + unpackable, '.xz')).rejects.toMatchObject({ expected: 'one stream in control.tar.xz' })
  })

  // RFC 8878, 3.1.1: a frame of one segment whose size is in two or in four bytes, or of a window; then raw blocks.
  test.each([
    ['two', 300, Buffer.of(0x60, 300 - 256, 0)],
    ['four', 70_000, Buffer.of(0xa0, 0x70, 0x11, 0x01, 0x00)],
    ['eight', 300, Buffer.of(0xe0, 300 & 255, 1, 0, 0, 0, 0, 0, 0)],
    ['no', 70_000, Buffer.of(0x00, 0x58)],
  ])('of zstd is read, whose size is in %s bytes', async (_size, length, descriptor) => {
    const block = Buffer.of(((length << 3) | 1) & 255, (length >> 5) & 255, length >> 13)
    const packed = Buffer.concat([Buffer.from('28b52ffd', 'hex'), descriptor, block, Buffer.alloc(length, 'x')])
    expect(await textOf(packed, '.zst')).toBe('x'.repeat(length))
    await expect(unpack(Buffer.concat([packed, Buffer.of(0)]), '.zst')).rejects.toMatchObject({
      expected: 'one zstd frame in control.tar.zst',
    })
  })

  test('of gzip is read, and what is not packed is given back', async () => {
    expect(await textOf(gzipSync(words), '.gz')).toBe(words)
    expect(await textOf(Buffer.from(words), '')).toBe(words)
  })
})

describe('more than that, or less, is refused', () => {
  const bad = { code: 'package/malformed' }
  const all = [...Object.values(xz).map((hex) => ['.xz', hex] as const), ...Object.values(zst).map((hex) => ['.zst', hex] as const)]

  test.each(all)('%s: anything behind it', async (by, hex) => {
    for (const more of ['00', '00000000', hex, empty[by], '502a4d18040000000a0b0c0d', 'ff', hex.slice(0, 24)])
      await expect(unpack(hex + more, by), more).rejects.toMatchObject(bad)
  })

  test.each(all)('%s: anything in front of it', async (by, hex) => {
    for (const more of ['00', hex.slice(0, 24), empty[by], '502a4d18040000000a0b0c0d'])
      await expect(unpack(more + hex, by), more).rejects.toMatchObject(bad)
  })

  test.each(all)('%s: an end at any earlier byte', async (by, hex) => {
    for (let length = 0; length < hex.length; length += 2)
      await expect(unpack(hex.slice(0, length), by), `${length}`).rejects.toMatchObject(bad)
  })

  test('one stream, and a second that says it is as long as both', async () => {
    // In its index the block is larger than it is, by the length of the first.
    const claiming = Buffer.from(xz.crc32, 'hex')
    const at = claiming.indexOf(Buffer.from('0001200c', 'hex'))
    claiming[at + 2] = 0x20 + claiming.length
    await expect(unpack(Buffer.concat([Buffer.from(xz.crc32, 'hex'), claiming]), '.xz')).rejects.toMatchObject(bad)
  })

  test.each([
    ['.xz', empty['.xz']],
    ['.zst', empty['.zst']],
  ] as const)('%s: what says what is wrong with it', async (by, hex) => {
    const whole = by === '.xz' ? xz.crc64 : zst.small
    await expect(unpack(whole + hex, by)).rejects.toThrow(
      by === '.xz' ? 'one stream in control.tar.xz, found more' : 'one zstd frame in control.tar.zst',
    )
    const broken = by === '.xz' ? whole.replace('68656c', '68656d') : whole.replace('68656c', '68656d')
    await expect(unpack(broken, by)).rejects.toMatchObject({
      expected: `a control archive that unpacks (control.tar${by})`,
      cause: expect.any(Error),
    })
  })

  test('a check that is not read here', async () => {
    const sha256 = `${xz.crc32.slice(0, 14)}0a${xz.crc32.slice(16)}`
    await expect(unpack(sha256, '.xz')).rejects.toMatchObject({
      code: 'package/unsupported',
      expected: 'a CRC in control.tar.xz',
      seen: 'a SHA-256 check',
      next: 'Build it with dpkg-deb -Zxz, or with xz --check=crc32 and no filters.',
    })
  })

  test('an index that never ends', async () => {
    const bytes = Buffer.alloc(64 * 1024, 0xff)
    bytes.write('595a', bytes.length - 2, 'hex')
    bytes.writeUInt32LE((bytes.length - 24) / 4 - 1, bytes.length - 8)
    await expect(unpack(bytes, '.xz')).rejects.toMatchObject(bad)
  })
})

describe('the limit', () => {
  test.each([
    ['.gz', gzipSync(words)],
    ['.xz', xz.crc64],
    ['.zst', zst.small],
    ['.zst', zst.withoutSize],
  ] as const)('is as much as may come out of %s, and no byte less', async (by, packed) => {
    expect(await unpack(packed, by, words.length)).toHaveLength(words.length)
    await expect(unpack(packed, by, words.length - 1)).rejects.toMatchObject({
      code: 'package/too-large',
      expected: `a control archive of at most ${words.length - 1} bytes decompressed`,
    })
  })

  test('counts for blocks that are one byte repeated', async () => {
    await expect(unpack(zeros[300000], '.zst', 299_999)).rejects.toMatchObject({ code: 'package/too-large' })
    expect(await unpack(zeros[300000], '.zst', 300_000)).toHaveLength(300_000)
  })
})
