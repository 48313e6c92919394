import { createCipheriv, createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'

/** 2024-01-01T00:00:00Z in seconds: when everything in a made package was changed, so that equal options make equal bytes. */
export const madeAt = 1704067200

/** Bytes that look random, do not compress, and are always the same. */
export function padding(size: number): Uint8Array {
  return createCipheriv('aes-128-ctr', Buffer.alloc(16), Buffer.alloc(16)).update(Buffer.alloc(size))
}

export function gzip(bytes: Uint8Array): Uint8Array {
  const packed = gzipSync(bytes)
  // RFC 1952: which system it was packed on; 255 is "unknown".
  packed[9] = 255
  return packed
}

export function uint32(value: number): Uint8Array {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value >>> 0)
  return bytes
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

export function bytesOf(content: string | Uint8Array): Uint8Array {
  return typeof content === 'string' ? Buffer.from(content) : content
}

export function concat(parts: readonly (string | Uint8Array)[]): Uint8Array {
  return Buffer.concat(parts.map(bytesOf))
}
