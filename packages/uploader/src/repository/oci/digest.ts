import { createHash } from 'node:crypto'
import { type Sha256, sha256 } from '@stagegate/schema'

export function digestOfBytes(data: Uint8Array): Sha256 {
  return sha256(createHash('sha256').update(data).digest('hex'))
}
