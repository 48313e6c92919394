import { createHash } from 'node:crypto'
import { bytes, type Content, type Sha256, sha256 } from '@stagegate/schema'

/** The content that bytes in memory are. */
export function contentOf(data: Uint8Array): Content {
  return { sha256: digestOf(data), size: bytes(data.length) }
}

export function digestOf(data: Uint8Array): Sha256 {
  return sha256(createHash('sha256').update(data).digest('hex'))
}
