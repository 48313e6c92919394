import type { Instant } from '@stagegate/schema'
import type { Signature } from 'openpgp'
import type { Signer } from '../contract/signer.js'
import { writeArmour } from './armour.js'
import { canonicalText, faultOfText, writeClearsigned } from './clearsigned.js'
import { SignatureError, SigningKeyError } from './error.js'
import { fingerprintOf } from './key-fault.js'
import { loadOpenPgp, type OpenPgp, strictly } from './library.js'
import { expectStillGood, openSecretKey, type SecretKeyText, type SigningKey, several } from './secret-key.js'
import { openVerifier, type Verifier } from './verifier.js'

/**
 * Opens the keys, and checks them as strictly as apt's strictest supported version.
 * @param at the time now
 * @throws {SigningKeyError} a key cannot sign; the error names it, and says what to do
 */
export async function openSigner(keys: readonly SecretKeyText[], at: Instant): Promise<Signer> {
  if (keys.length === 0)
    throw new SigningKeyError({ code: 'signing/key-missing', what: 'no key was given', next: 'Pass the secret key that signs the index.' })
  const library = await loadOpenPgp()
  const opened: SigningKey[] = []
  for (const text of keys) {
    const key = await openSecretKey(library, text, at)
    const primary = fingerprintOf(key.key)
    if (opened.some((other) => fingerprintOf(other.key) === primary)) throw several(`the key ${primary} was given twice`)
    opened.push(key)
  }
  const packets = Buffer.concat(opened.map(({ key }) => key.toPublic().write()))
  return new OpenSigner(library, opened, packets, await openVerifier([packets]))
}

class OpenSigner implements Signer {
  readonly certificates: string
  readonly fingerprints: readonly string[]
  readonly #library: OpenPgp
  readonly #keys: readonly SigningKey[]
  readonly #verifier: Verifier

  constructor(library: OpenPgp, keys: readonly SigningKey[], certificates: Uint8Array, verifier: Verifier) {
    this.#library = library
    this.#keys = keys
    this.#verifier = verifier
    this.certificates = writeArmour('PGP PUBLIC KEY BLOCK', certificates)
    this.fingerprints = keys.map(({ fingerprint }) => fingerprint)
  }

  async clearsign(text: string, at: Instant): Promise<string> {
    const canonical = canonicalText(Buffer.from(text).toString())
    const fault = faultOfText(canonical)
    if (fault !== undefined) throw new SignatureError('signing/unsignable', `the text ${fault}`)
    // The line break before the signature belongs to the frame.
    const signature = await this.#sign(await this.#library.createMessage({ text: canonical.slice(0, -1) }), at)
    const document = writeClearsigned(canonical, hashesOf(this.#library, signature), armoured(signature))
    const { by } = await this.#confirm(this.#verifier.cleartext(Buffer.from(document), at))
    this.#expectAll(by)
    return document
  }

  async detached(bytes: Uint8Array, at: Instant): Promise<string> {
    const text = armoured(await this.#sign(await this.#library.createMessage({ binary: bytes }), at))
    this.#expectAll(await this.#confirm(this.#verifier.detached(bytes, Buffer.from(text), at)))
    return text
  }

  async #sign(message: Awaited<ReturnType<OpenPgp['createMessage']>>, at: Instant): Promise<Signature> {
    for (const key of this.#keys) await expectStillGood(this.#library, key, at)
    const config = strictly(this.#library)
    const packets: Uint8Array = await this.#library.sign({
      message,
      signingKeys: this.#keys.map(({ key }) => key),
      signingKeyIDs: this.#keys.map(({ part }) => part.getKeyID()),
      date: new Date(at),
      detached: true,
      format: 'binary',
      config,
    })
    return this.#library.readSignature({ binarySignature: packets, config })
  }

  /** Nobody could install anything under a wrong signature, so it is refused here. */
  async #confirm<T>(checking: Promise<T>): Promise<T> {
    try {
      return await checking
    } catch (cause) {
      throw notConfirmed(cause)
    }
  }

  #expectAll(by: readonly string[]): void {
    if (!this.fingerprints.every((fingerprint) => by.includes(fingerprint))) throw notConfirmed()
  }
}

/** A key whose owner prefers other digests gets one of those. */
function hashesOf({ enums }: OpenPgp, { packets }: Signature): readonly string[] {
  const names = packets.flatMap(({ hashAlgorithm }) => (hashAlgorithm === null ? [] : [enums.read(enums.hash, hashAlgorithm)]))
  return [...new Set(names)].map((name) => name.toUpperCase())
}

function armoured(signature: Signature): string {
  return writeArmour('PGP SIGNATURE', signature.packets.write())
}

function notConfirmed(cause?: unknown): SignatureError {
  return new SignatureError('signing/not-confirmed', 'the new signature failed its own check', { cause })
}
