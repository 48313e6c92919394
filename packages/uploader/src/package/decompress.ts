import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
// A CommonJS module whose names Node cannot see from outside.
import xz from 'xz-decompress'
import { ZSTDDecoder } from 'zstddec/stream'
import { malformed, PackageError, tooLarge } from './error.js'

/** How a control archive may be packed: by the end of its name, as dpkg tells them apart (deb(5)). */
export type Compression = '' | '.gz' | '.xz' | '.zst'

/**
 * Unpacks, and stops at the limit whatever the input claims. Beside the output there is a decoder's window: at most 64 MiB (xz) or
 * 128 MiB (zstd, the library's default), whatever the input asks for.
 * @param limit bytes
 * @throws {PackageError} `package/too-large` above the limit, `package/malformed` for input that is broken, or that asks for a larger window
 */
export async function decompress(packed: Uint8Array, by: Compression, limit: number, file: string): Promise<Uint8Array> {
  try {
    if (by === '') return packed
    if (by === '.gz') return await promisify(gunzip)(packed, { maxOutputLength: limit })
    return await collect(by === '.xz' ? unxz(packed) : unzstd(packed), limit, file)
  } catch (cause) {
    if (cause instanceof PackageError) throw cause
    if (cause instanceof Error && 'code' in cause && cause.code === 'ERR_BUFFER_TOO_LARGE') throw over(limit, file)
    throw malformed(file, `a control archive that unpacks (control.tar${by})`, 'one that does not', cause)
  }
}

async function collect(chunks: AsyncIterable<Uint8Array>, limit: number, file: string): Promise<Uint8Array> {
  const kept: Uint8Array[] = []
  let size = 0
  for await (const chunk of chunks) {
    size += chunk.length
    if (size > limit) throw over(limit, file)
    kept.push(chunk)
  }
  return Buffer.concat(kept, size)
}

// The decoder has one WebAssembly instance and a lock on it, which is given back when the stream ends, fails or is left:
// the loop in `collect` sees to that. It refuses dictionaries above 64 MiB (xz -9 has that much).
function unxz(packed: Uint8Array): AsyncIterable<Uint8Array> {
  return new xz.XzReadableStream(ReadableStream.from([packed]))
}

async function* unzstd(packed: Uint8Array): AsyncGenerator<Uint8Array> {
  const decoder = new ZSTDDecoder()
  await decoder.init()
  let idle = 0
  for (const chunk of decoder.decodeStreaming([packed])) {
    // Skippable frames have no output; but the decoder does not look at errors either, and would go on without output for ever.
    idle = chunk.length === 0 ? idle + 1 : 0
    if (idle === idleLimit) throw new Error('zstd: no more output before the end of the input')
    yield chunk
  }
}
/** pzstd writes one skippable frame before each real one. */
const idleLimit = 16

function over(limit: number, file: string): PackageError {
  return tooLarge(file, `a control archive of at most ${limit} bytes unpacked`, 'more')
}
