import { type Instant, instant } from '@stagegate/schema'
import type { Key, Subkey } from 'openpgp'
import { type OpenPgp, strictly, withAnyDigest } from './library.js'

/** A primary key or a subkey. */
export type KeyPart = Key | Subkey

/** The fingerprint as people compare it. */
export function fingerprintOf(part: KeyPart): string {
  return part.getFingerprint().toUpperCase()
}

/** A reason why a key cannot be used. */
export type KeyFault =
  | { readonly kind: 'new-format'; readonly seen: string }
  | { readonly kind: 'weak'; readonly seen: string }
  | { readonly kind: 'revoked' }
  | { readonly kind: 'not-yet'; readonly from: Instant }
  | { readonly kind: 'expired'; readonly since: Instant }
  | { readonly kind: 'cannot-sign' }
  | { readonly kind: 'not-secret' }
  | { readonly kind: 'weak-digest' }
  | { readonly kind: 'damaged' }

/** The requirements for keys. */
export interface KeyPolicy {
  /** The smallest RSA modulus. */
  readonly rsaBits: number
  /** Whether keys on the NIST and Brainpool curves are accepted. */
  readonly ecdsa: boolean
}

/** For new signatures: apt has announced that it will refuse RSA below 3072 bits and other curves. */
export const toSign: KeyPolicy = { rsaBits: 3072, ecdsa: false }
/** For existing signatures: keys that apt of both Debian 12 and Debian 13 accepts. */
export const toCheck: KeyPolicy = { rsaBits: 2048, ecdsa: true }

/** Why no part of the key can be used, whichever would sign. */
export async function faultOfCertificate(library: OpenPgp, key: Key, at: Instant, policy: KeyPolicy): Promise<KeyFault | undefined> {
  const [date, any] = [new Date(at), withAnyDigest(library)]
  const fault = faultOfForm(library, key, policy)
  if (fault !== undefined) return fault
  if (await key.isRevoked(undefined, undefined, date, any)) return { kind: 'revoked' }
  if (key.keyPacket.created > date) return notYet(key.keyPacket.created)
  const expired = expiredAt(date, await key.getExpirationTime(undefined, any))
  if (expired !== undefined) return expired
  if (!(await resolves(key.getPrimaryUser(date, undefined, any)))) return faultOfBond(library, key)
  return (await resolves(key.getPrimaryUser(date, undefined, strictly(library)))) ? undefined : { kind: 'weak-digest' }
}

/** Why one part of a key, which has no fault itself, may not sign. */
export async function faultOfPart(
  library: OpenPgp,
  { key, part }: { readonly key: Key; readonly part: KeyPart },
  at: Instant,
  policy: KeyPolicy,
): Promise<KeyFault | undefined> {
  const [date, any] = [new Date(at), withAnyDigest(library)]
  if (!(await isMeantToSign(library, key, part, date))) return { kind: 'cannot-sign' }
  const fault = faultOfForm(library, part, policy)
  if (fault !== undefined) return fault
  if ('bindingSignatures' in part) {
    for (const bond of part.bindingSignatures) if (await part.isRevoked(bond, key.keyPacket, date, any)) return { kind: 'revoked' }
    if (part.keyPacket.created > date) return notYet(part.keyPacket.created)
    const expired = expiredAt(date, await part.getExpirationTime(date, any))
    if (expired !== undefined) return expired
  }
  if (!(await resolves(key.getSigningKey(part.getKeyID(), date, undefined, any)))) return { kind: 'damaged' }
  const strict = await resolves(key.getSigningKey(part.getKeyID(), date, undefined, strictly(library)))
  return strict ? undefined : { kind: 'weak-digest' }
}

/**
 * According to the newest statement of the primary key about the part. The caller checks later whether that statement exists and is
 * genuine.
 */
async function isMeantToSign(library: OpenPgp, key: Key, part: KeyPart, date: Date): Promise<boolean> {
  const bond =
    'bindingSignatures' in part
      ? part.bindingSignatures.toSorted((a, b) => Number(a.created) - Number(b.created)).at(-1)
      : (await key.getPrimaryUser(date, undefined, withAnyDigest(library))).selfCertification
  return bond === undefined || ((bond.keyFlags?.[0] ?? 0) & library.enums.keyFlags.signData) !== 0
}

function faultOfForm({ enums }: OpenPgp, { keyPacket }: KeyPart, policy: KeyPolicy): KeyFault | undefined {
  if (keyPacket.version !== 4) return { kind: 'new-format', seen: `a key of version ${keyPacket.version}` }
  const { algorithm, bits = 0, curve } = keyPacket.getAlgorithmInfo()
  switch (keyPacket.algorithm) {
    case enums.publicKey.rsaEncryptSign:
    case enums.publicKey.rsaSign:
      return bits >= policy.rsaBits ? undefined : { kind: 'weak', seen: `RSA with ${bits} bits` }
    case enums.publicKey.eddsaLegacy:
      return undefined
    case enums.publicKey.ed25519:
    case enums.publicKey.ed448:
      return { kind: 'new-format', seen: `the ${algorithm} of RFC 9580` }
    case enums.publicKey.ecdsa:
      return policy.ecdsa && curve !== 'secp256k1' ? undefined : { kind: 'weak', seen: `ECDSA on ${curve}` }
    default:
      return { kind: 'weak', seen: algorithm.toUpperCase() }
  }
}

const notYet = (from: Date): KeyFault => ({ kind: 'not-yet', from: instant(from) })

/** A key's own signatures that are not valid now may come from a clock that is ahead. */
async function faultOfBond(library: OpenPgp, key: Key): Promise<KeyFault> {
  try {
    const { selfCertification } = await key.getPrimaryUser(new Date('9999-12-31'), undefined, withAnyDigest(library))
    return selfCertification.created === null ? { kind: 'damaged' } : notYet(selfCertification.created)
  } catch {
    return { kind: 'damaged' }
  }
}

/** The library returns a date, `Infinity`, or `null` if nothing binds the key; the caller checks that. */
function expiredAt(date: Date, end: Date | typeof Infinity | null): KeyFault | undefined {
  return end instanceof Date && end <= date ? { kind: 'expired', since: instant(end.getTime()) } : undefined
}

async function resolves(asking: Promise<unknown>): Promise<boolean> {
  try {
    await asking
    return true
  } catch {
    return false
  }
}
