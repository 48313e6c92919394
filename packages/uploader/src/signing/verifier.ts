import { type Instant, instant } from '@stagegate/schema'
import type { Key, LiteralDataPacket, SignaturePacket } from 'openpgp'
import { readArmour } from './armour.js'
import { readClearsigned } from './clearsigned.js'
import { SignatureError, SigningKeyError } from './error.js'
import { faultOfCertificate, faultOfPart, fingerprintOf, type KeyPart, toCheck } from './key-fault.js'
import { loadOpenPgp, type OpenPgp, strictly, withAnyDigest } from './library.js'
import { wordsOf } from './wording.js'

/** A text that a known key has signed. */
interface SignedText {
  /** The text, without anything around it in the document. */
  readonly text: Uint8Array
  /** The fingerprint, in upper case, of each known key or subkey whose signature is good. */
  readonly by: readonly string[]
}

/**
 * Checks signatures as apt does: one good signature by a known key is enough. Signatures by unknown keys, and those that do not count
 * (SHA-1, an expired key), change nothing. A wrong one by a known key invalidates the rest.
 */
export interface Verifier {
  /**
   * Reads a clearsigned document: an InRelease. Use the text it returns, never the document.
   * @throws {SignatureError} apt would refuse it
   */
  cleartext(document: Uint8Array, now: Instant): Promise<SignedText>
  /**
   * Checks an armoured signature over bytes: Release.gpg, repomd.xml.asc. Resolves to the fingerprints of the signers.
   * @throws {SignatureError} apt would refuse it
   */
  detached(bytes: Uint8Array, signature: Uint8Array, now: Instant): Promise<readonly string[]>
}

/**
 * @param certificates each with one or more certificates: armoured text, or the bytes that `gpg --export` writes
 * @throws {SigningKeyError} `signing/key-no-certificate`
 */
export async function openVerifier(certificates: readonly (string | Uint8Array)[]): Promise<Verifier> {
  const library = await loadOpenPgp()
  const keys: Key[] = []
  for (const certificate of certificates) keys.push(...(await readCertificates(library, certificate)))
  if (keys.length === 0) throw noCertificate('no certificate was given')
  return {
    async cleartext(document, now) {
      const read = readClearsigned(document)
      if ('because' in read) throw malformed(`the document ${read.because}`)
      const { signed: over, signature, hashes } = read
      return { text: read.text, by: await check(library, keys, { over, signature, hashes, type: library.enums.signature.text, now }) }
    },
    detached: (bytes, signature, now) =>
      check(library, keys, {
        over: bytes,
        signature: Buffer.from(signature).toString('latin1'),
        type: library.enums.signature.binary,
        now,
      }),
  }
}

/** @throws {SigningKeyError} `signing/key-no-certificate` */
export async function readCertificates(library: OpenPgp, text: string | Uint8Array): Promise<readonly Key[]> {
  const read = typeof text === 'string' ? readArmour(text) : { kind: 'PGP PUBLIC KEY BLOCK', packets: text }
  if ('because' in read) throw noCertificate(`the text ${read.because}`)
  if (read.kind !== 'PGP PUBLIC KEY BLOCK') throw noCertificate(`the text is a ${read.kind}, not a certificate`)
  const keys = await library.readKeys({ binaryKeys: read.packets, config: strictly(library) }).catch(() => undefined)
  if (keys === undefined) throw noCertificate('it is damaged, or does not contain OpenPGP keys')
  if (keys.some((key) => key.isPrivate())) throw noCertificate('it contains a secret key')
  return keys
}

/** A signature, and the content that it should be over. */
interface Checked {
  readonly over: Uint8Array
  readonly signature: string
  /** Over a text, or over bytes: `openpgp.enums.signature`. */
  readonly type: SignaturePacket['signatureType']
  /** The digests that a document names. @default it names none */
  readonly hashes?: readonly string[] | undefined
  readonly now: Instant
}

/** The result for one signature: its signer's fingerprint, or why it does not count. */
type Judgement =
  | { readonly kind: 'good'; readonly by: string }
  | { readonly kind: 'bad'; readonly by: string }
  | { readonly kind: 'worthless'; readonly by: string; readonly because: string }
  | { readonly kind: 'unknown'; readonly by: string }

async function check(library: OpenPgp, keys: readonly Key[], checked: Checked): Promise<readonly string[]> {
  const judged: Judgement[] = []
  const content = await library.createMessage({ binary: checked.over })
  // The cast: a message made from bytes has them as its only packet.
  const literal = content.packets[0] as LiteralDataPacket
  for (const packet of await readSignatures(library, checked.signature))
    judged.push(await judge(library, keys, { packet, literal, ...checked }))
  const bad = judged.find(({ kind }) => kind === 'bad')
  if (bad !== undefined) throw new SignatureError('signing/bad-signature', `the signature by ${bad.by} does not match this content`)
  const good = judged.filter(({ kind }) => kind === 'good')
  if (good.length > 0) return [...new Set(good.map(({ by }) => by))]
  throw noneGood(judged)
}

function noneGood(judged: readonly Judgement[]): SignatureError {
  const worthless = judged.flatMap((one) =>
    one.kind === 'worthless' ? [`the signature by ${one.by} is not accepted: ${one.because}`] : [],
  )
  if (worthless.length > 0) return new SignatureError('signing/worthless-signature', worthless.join('; '))
  const ids = judged.map(({ by }) => by)
  return new SignatureError(
    'signing/unknown-signer',
    ids.length === 0 ? 'it has no signature of a known form' : `only unknown keys signed it: ${ids.join(', ')}`,
  )
}

async function readSignatures(library: OpenPgp, text: string): Promise<readonly SignaturePacket[]> {
  const read = readArmour(text)
  if ('because' in read) throw malformed(`the signature ${read.because}`)
  if (read.kind !== 'PGP SIGNATURE') throw malformed(`the signature is a ${read.kind}`)
  try {
    const { packets } = await library.readSignature({ binarySignature: read.packets, config: strictly(library) })
    // Signatures of other versions stay packets without a class.
    return packets.filterByTag(library.enums.packet.signature)
  } catch (cause) {
    throw malformed('the signature is damaged', cause)
  }
}

interface Judged extends Checked {
  readonly packet: SignaturePacket
  readonly literal: LiteralDataPacket
}

async function judge(library: OpenPgp, keys: readonly Key[], judged: Judged): Promise<Judgement> {
  const { packet } = judged
  const [known] = keys.flatMap((key) => key.getKeys(packet.issuerKeyID).map((part) => ({ key, part })))
  if (known === undefined) return { kind: 'unknown', by: packet.issuerKeyID.toHex().toUpperCase() }
  const by = fingerprintOf(known.part)
  const because = faultOfForm(library, judged)
  if (because !== undefined) return { kind: 'worthless', by, because }
  if (!(await isOver(library, known.part, judged))) return { kind: 'bad', by }
  const fault = faultOfTime(judged, known.part) ?? (await faultOfKey(library, known, judged.now))
  return fault === undefined ? { kind: 'good', by } : { kind: 'worthless', by, because: fault }
}

function faultOfForm({ enums: { hash } }: OpenPgp, { packet, type, hashes }: Judged): string | undefined {
  if (packet.signatureType !== type) return `it has the wrong type ${packet.signatureType}`
  const strong = new Map<unknown, string>([
    [hash.sha256, 'SHA256'],
    [hash.sha384, 'SHA384'],
    [hash.sha512, 'SHA512'],
  ])
  const digest = strong.get(packet.hashAlgorithm)
  if (digest === undefined) return 'its digest is weaker than SHA-256, or unknown'
  return hashes === undefined || hashes.includes(digest) ? undefined : `the header of the document does not name its digest, ${digest}`
}

async function isOver(library: OpenPgp, part: KeyPart, { packet, literal, type, now }: Judged): Promise<boolean> {
  if (type === null) return false
  try {
    // Times are checked separately, with their own messages.
    const created = packet.created ?? new Date(now)
    await packet.verify(part.keyPacket, type, literal, created, true, withAnyDigest(library))
    return true
  } catch {
    return false
  }
}

/**
 * How far a signature may be ahead of the local clock, in milliseconds: as far as apt allows for a Release file (Acquire::Max-FutureTime).
 */
const mostAhead = 10_000

function faultOfTime({ packet, now }: Judged, part: KeyPart): string | undefined {
  const { created } = packet
  if (created === null) return 'it has no creation time'
  if (created.getTime() > Date.parse(now) + mostAhead) return `it is from the future: ${instant(created)}`
  if (created < part.keyPacket.created) return 'it is older than its key'
  const end = packet.getExpirationTime()
  return end instanceof Date && end <= new Date(now) ? `it expired at ${instant(end)}` : undefined
}

async function faultOfKey(
  library: OpenPgp,
  known: { readonly key: Key; readonly part: KeyPart },
  now: Instant,
): Promise<string | undefined> {
  const fault = (await faultOfCertificate(library, known.key, now, toCheck)) ?? (await faultOfPart(library, known, now, toCheck))
  if (fault === undefined) return undefined
  return `of the key, ${wordsOf(fault, { primary: fingerprintOf(known.key), part: fingerprintOf(known.part) }).what}`
}

function malformed(what: string, cause?: unknown): SignatureError {
  return new SignatureError('signing/malformed', what, { cause })
}

function noCertificate(what: string): SigningKeyError {
  return new SigningKeyError({
    code: 'signing/key-no-certificate',
    what,
    next: 'Give what gpg --armor --export FINGERPRINT prints.',
    subject: 'the certificate',
  })
}
