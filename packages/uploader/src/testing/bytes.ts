import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'
import { bytes, type Content, sha256 } from '@stagegate/schema'

/** The content that these bytes are. */
export function contentOf(data: Uint8Array): Content {
  return { sha256: sha256(createHash('sha256').update(data).digest('hex')), size: bytes(data.length) }
}

/** Bytes that are the same for the same seed, and differ everywhere. */
export function sampleBytes(size: number, seed = 1): Buffer {
  const data = Buffer.alloc(size)
  for (let index = 0, state = seed; index < size; index++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    data[index] = state >>> 24
  }
  return data
}

/** All bytes of a stream. */
export async function bytesOf(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks)
}
