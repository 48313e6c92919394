import { isSha256, type Sha256 } from '@stagegate/schema'
import { digestOf } from '../../contract/content-of.js'

/** As S3 writes digests in headers. */
export function base64Of(digest: Sha256): string {
  return Buffer.from(digest, 'hex').toString('base64')
}

/**
 * The digest of an object that the server confirms: it checked the bytes against it when they arrived. The checksum of an object in parts
 * covers the checksums of its parts. For a single part, which is the whole object, it confirms the digest in the metadata; for several it
 * proves nothing.
 */
export function vouchedIn(headers: Readonly<Record<string, string>>): Sha256 | undefined {
  const sum = headers['x-amz-checksum-sha256']
  const claimed = headers['x-amz-meta-sha256'] ?? ''
  if (sum?.endsWith('-1') && isSha256(claimed)) return sum === `${base64Of(digestOf(Buffer.from(claimed, 'hex')))}-1` ? claimed : undefined
  if (sum === undefined || (headers['x-amz-checksum-type'] ?? 'FULL_OBJECT') !== 'FULL_OBJECT') return undefined
  if (!/^[A-Za-z0-9+/]{43}=$/.test(sum)) return undefined
  const digest = Buffer.from(sum, 'base64').toString('hex')
  return isSha256(digest) ? digest : undefined
}
