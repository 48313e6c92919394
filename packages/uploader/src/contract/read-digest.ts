import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'
import { bytes, type Content, sha256 } from '@stagegate/schema'

/** Reads a stream to its end: its digest and size. The stream's errors are passed on. */
export async function readDigest(stream: Readable): Promise<Content> {
  const hash = createHash('sha256')
  let size = 0
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    hash.update(chunk)
    size += chunk.length
  }
  return { sha256: sha256(hash.digest('hex')), size: bytes(size) }
}
