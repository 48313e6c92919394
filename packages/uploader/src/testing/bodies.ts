import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { bytes, sha256 } from '@stagegate/schema'
import type { Body } from '../contract/capabilities.js'

/** A body of these bytes. */
export function bodyOf(content: Buffer | string, stream: () => Readable = () => Readable.from([Buffer.from(content)])): Body {
  const buffer = Buffer.from(content)
  return { content: { sha256: sha256(createHash('sha256').update(buffer).digest('hex')), size: bytes(buffer.length) }, stream }
}
