import { StagegateError, UsageError } from '@stagegate/schema'

/** The kinds of keys that cannot sign. */
export type SigningKeyErrorCode =
  /** No key was given. */
  | 'signing/key-missing'
  /** The text is not one armoured OpenPGP key. */
  | 'signing/key-unreadable'
  /** The text has several keys, or a key was given twice. */
  | 'signing/key-several'
  /** A certificate instead of a secret key, or a key whose secret part was removed. */
  | 'signing/key-not-secret'
  /** The passphrase is missing or wrong. */
  | 'signing/key-passphrase'
  /** It has expired. */
  | 'signing/key-expired'
  /** Its owner revoked it. */
  | 'signing/key-revoked'
  /** It was made after the time of signing. */
  | 'signing/key-not-yet'
  /** Its owner did not allow it to sign. */
  | 'signing/key-cannot-sign'
  /** An algorithm or a length that apt refuses, or will soon refuse. */
  | 'signing/key-weak'
  /** Its own signatures use SHA-1 or something as old. */
  | 'signing/key-weak-digest'
  /** A form of keys that GnuPG 2.2 cannot read. */
  | 'signing/key-new-format'
  /** Its parts do not belong together, or its own signatures are wrong. */
  | 'signing/key-damaged'
  /** A text that should contain certificates, but does not. */
  | 'signing/key-no-certificate'

/** The kinds of signatures that do not count. */
export type SignatureErrorCode =
  /** Not exactly one signed document, or not a signature. */
  | 'signing/malformed'
  /** A known key's signature covers something else. */
  | 'signing/bad-signature'
  /** No known key has signed. */
  | 'signing/unknown-signer'
  /** A known key has signed in a way that does not count. */
  | 'signing/worthless-signature'
  /** A text that clients would not get unchanged. Nothing was signed. */
  | 'signing/unsignable'
  /** A new signature failed its own check. */
  | 'signing/not-confirmed'

/** The parts of a `SigningKeyError`. */
export interface SigningKeyErrorParts {
  /** The kind of failure. */
  readonly code: SigningKeyErrorCode
  /** The fault, as a clause about the key. */
  readonly what: string
  /** The next thing to do, as a sentence. */
  readonly next: string
  /** The fingerprint of the key or subkey, upper case. @default the text has no readable key */
  readonly fingerprint?: string | undefined
  /** A description, if no fingerprint can be read. @default the signing key */
  readonly subject?: string | undefined
}

/** A key that cannot sign, or a certificate that cannot be used. It has no cause, since errors of readers may quote the secret. */
export class SigningKeyError extends UsageError {
  /** The kind of failure. */
  declare readonly code: SigningKeyErrorCode
  /** The fingerprint of the key or subkey, in upper case; `undefined` if none can be read. */
  readonly fingerprint: string | undefined

  constructor({ code, what, next, fingerprint, subject = 'the signing key' }: SigningKeyErrorParts) {
    super({ code, what, next, where: fingerprint === undefined ? subject : `the key ${fingerprint}`, final: true })
    this.fingerprint = fingerprint
  }
}

/** A document or a signature that apt would refuse. */
export class SignatureError extends StagegateError {
  /** The kind of failure. */
  declare readonly code: SignatureErrorCode

  constructor(code: SignatureErrorCode, what: string, options: { readonly cause?: unknown } = {}) {
    super({ code, what, next: advice[code], final: true, ...options })
  }
}

const advice: Readonly<Record<SignatureErrorCode, string>> = {
  'signing/malformed': 'Find out who wrote it. Clients refuse it too, and Stagegate does not replace an index that it cannot read.',
  'signing/bad-signature': 'Find out who changed it after it was signed.',
  'signing/unknown-signer': 'Give the certificate of the key that signed it, or find out who did.',
  'signing/worthless-signature': 'Sign it again, with a key and a digest that apt accepts.',
  'signing/unsignable': 'Remove the text that the message names; it comes from a field of a package or of the plan.',
  'signing/not-confirmed': 'Export the secret key again; its parts may not match.',
}
