import type { Instant } from '@stagegate/schema'

/** Keys that sign: one, or two during a rollover. A signature by any of them is enough for a client. */
export interface Signer {
  /**
   * A clearsigned document with LF line ends: an InRelease. Readers get the text as `canonicalText` makes it.
   * @throws {SigningKeyError} a key has expired by then, or was not made yet
   * @throws {SignatureError} `signing/unsignable`: GnuPG could not read the text back
   */
  clearsign(text: string, at: Instant): Promise<string>
  /**
   * An armoured signature over bytes: Release.gpg, repomd.xml.asc. With two keys, zypper looks at the second one’s alone.
   * @throws {SigningKeyError} a key has expired by then, or was not made yet
   */
  detached(bytes: Uint8Array, at: Instant): Promise<string>
  /** The certificates of all keys, as one armoured text to publish beside the tree: all that a client needs, and nothing secret. */
  readonly certificates: string
  /** The fingerprint of each key or subkey that signs, upper case, in the order of the keys. */
  readonly fingerprints: readonly string[]
}
