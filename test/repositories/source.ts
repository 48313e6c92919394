import { createCipheriv, createHash } from 'node:crypto'
import { bytes, type Content, sha256 } from '@stagegate/schema'
import { onTestFinished } from 'vitest'
import { listen } from '../listen.js'

/** Bytes that are the same for the same seed, and differ everywhere. */
export function bytesOf(size: number, seed = 1): Buffer {
  return createCipheriv('aes-128-ctr', Buffer.alloc(16, seed), Buffer.alloc(16)).update(Buffer.alloc(size))
}

export function contentOf(data: Uint8Array): Content {
  return { sha256: sha256(createHash('sha256').update(data).digest('hex')), size: bytes(data.length) }
}

/** Serves these bytes at every path, up to `stopAt`: the rest never comes. Returns its origin. */
export async function startSource(data: Buffer, stopAt = data.length): Promise<string> {
  const { url, close } = await listen((_, response) => {
    response.writeHead(200, { 'content-length': data.length })
    response.write(data.subarray(0, stopAt))
    if (stopAt === data.length) response.end()
  })
  onTestFinished(close)
  return url
}
