import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { malformed, PackageError, tooLarge } from './error.js'
import { isOneXzStream, mostInZstdFrame } from './one-stream.js'
import { unreadXzPacking } from './xz-filters.js'

/** How a control archive may be packed: by the end of its name, as dpkg tells them apart (deb(5)). */
export type Compression = '' | '.gz' | '.xz' | '.zst'

/**
 * Unpacks, and stops at the limit whatever the input claims: that bounds time as well, at some 10 ns a byte, so no ratio is asked for.
 * Beside the output there is a decoder's window: at most 64 MiB (xz), whatever the input asks for, or none (zstd).
 * @param limit bytes
 * @throws {PackageError} `package/too-large` above the limit, `package/malformed` for input that is broken or has something behind its
 * stream, `package/unsupported` for what only others unpack
 */
export async function decompress(packed: Uint8Array, by: Compression, limit: number, file: string): Promise<Uint8Array> {
  switch (by) {
    case '':
      return packed
    case '.gz':
      return within(limit, by, file, gunzipped(packed, limit))
    case '.xz': {
      if (packed[7] === sha256Check) throw unsupported(file, 'a CRC', 'a SHA-256 check')
      const packing = unreadXzPacking(packed)
      if (packing !== undefined) throw unsupported(file, 'LZMA2 alone, with a dictionary of at most 64 MiB,', packing)
      const unpacked = await within(limit, by, file, unxzed(packed, limit))
      if (!isOneXzStream(packed)) throw malformed(file, 'one stream in control.tar.xz', 'more data after it')
      return unpacked
    }
    case '.zst': {
      if (mostInZstdFrame(packed) === undefined)
        throw malformed(file, 'one zstd frame in control.tar.zst', 'something else, or more data after it')
      return within(limit, by, file, unzstded(packed, limit))
    }
  }
}

/**
 * Unpacks any file, as far as the decoders here go; `undefined` above the limit.
 * @param limit bytes
 * @param expected bytes; a wrong number only costs memory
 * @throws {Error} where it is broken, or not read here
 */
export async function unpacked(packed: Uint8Array, by: Compression, limit: number, expected = 0): Promise<Uint8Array | undefined> {
  switch (by) {
    case '':
      return packed.length > limit ? undefined : packed
    case '.gz':
      return gunzipped(packed, limit, Math.min(expected, packed.length * mostDeflated))
    case '.xz': {
      const packing = unreadXzPacking(packed)
      if (packing !== undefined) throw new Error(`xz: with ${packing}`)
      return unxzed(packed, limit)
    }
    case '.zst':
      return unzstded(packed, limit)
  }
}

/** The most that deflate unpacks a byte to (zlib's technical details). */
const mostDeflated = 1032
/** In bytes: zlib's default. */
const leastPiece = 16 * 1024

/** The output of a decoder, up to the limit. */
async function within(limit: number, by: Compression, file: string, unpacking: Promise<Uint8Array | undefined>): Promise<Uint8Array> {
  const unpacked = await unpacking.catch((cause: unknown) => {
    throw malformed(file, `a control archive that unpacks (control.tar${by})`, 'one that does not', cause)
  })
  if (unpacked !== undefined) return unpacked
  throw tooLarge(file, `a control archive of at most ${limit} bytes decompressed`, 'more')
}

async function gunzipped(packed: Uint8Array, limit: number, expected = 0): Promise<Uint8Array | undefined> {
  // In one piece where it fits: pieces are kept, and then copied. One more byte lets the decoder see the end.
  const chunkSize = Math.max(leastPiece, Math.min(expected, limit) + 1)
  try {
    return await promisify(gunzip)(packed, { maxOutputLength: limit, chunkSize })
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE') return undefined
    throw error
  }
}

// The decoder has one WebAssembly instance and a lock on it, which is given back when the stream ends, fails or is left: the loop sees
// to that. It refuses dictionaries above 64 MiB (xz -9 has that much).
async function unxzed(packed: Uint8Array, limit: number): Promise<Uint8Array | undefined> {
  // A CommonJS module whose names Node cannot see from outside.
  const { default: xz } = await import('xz-decompress')
  const kept: Uint8Array[] = []
  let size = 0
  for await (const chunk of new xz.XzReadableStream(ReadableStream.from([packed]))) {
    size += chunk.length
    if (size > limit) return undefined
    kept.push(chunk)
  }
  return Buffer.concat(kept, size)
}

// All at once and into a buffer of ours: the library's decoder for streams does not give its memory back when it is left, and after some
// hundred broken inputs says anything.
async function unzstded(packed: Uint8Array, limit: number): Promise<Uint8Array | undefined> {
  const most = mostInZstdFrame(packed)
  if (most === undefined) throw new Error('zstd: not one frame')
  const { ZSTDDecoder } = await import('zstddec')
  const decoder = new ZSTDDecoder()
  await decoder.init()
  const unpacked = decoder.decode(packed, Math.min(most, limit))
  // Its answer to any error is nothing; and with nothing in it, it is no archive.
  if (unpacked.length > 0) return unpacked
  if (most > limit) return undefined
  throw new Error('zstd: the frame is broken, or empty')
}

/** In an xz stream's flags. Its decoder here knows CRC32, CRC64 and none; dpkg-deb writes CRC32. */
const sha256Check = 10

/** dpkg and apt read it; the decoder here does not. */
function unsupported(file: string, expected: string, seen: string): PackageError {
  const next = 'Build it with dpkg-deb -Zxz, or with xz --check=crc32 and no filters.'
  return new PackageError({ code: 'package/unsupported', file, expected: `${expected} in control.tar.xz`, seen, next })
}
