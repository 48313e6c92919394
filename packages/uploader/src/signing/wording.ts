import type { SigningKeyErrorParts } from './error.js'
import type { KeyFault } from './key-fault.js'

/** A part of a key and its key, by their fingerprints in upper case. */
export interface Fingerprints {
  readonly primary: string
  /** The same as `primary` for the primary key itself. */
  readonly part: string
}

const remake =
  "Make another with gpg --quick-gen-key 'NAME <ADDRESS>' ed25519 sign 3y, and sign with both until every client has its certificate."

/** A fault as text. */
export function wordsOf(fault: KeyFault, { primary, part }: Fingerprints): SigningKeyErrorParts {
  const parts = (what: string, next: string) => ({ code: `signing/key-${fault.kind}` as const, what, next, fingerprint: part })
  const subkey = part === primary ? '' : ` ${part}`
  switch (fault.kind) {
    case 'new-format':
      return parts(`it is ${fault.seen}, which GnuPG 2.2 and so apt of Debian 12 cannot read`, remake)
    case 'weak':
      return parts(`it is ${fault.seen}; an index needs Ed25519, or RSA with 3072 bits or more`, remake)
    case 'revoked':
      return parts('its owner revoked it', 'Sign with another key.')
    case 'not-yet':
      return parts(`it was made or renewed at ${fault.from}, which is later than the signature`, 'Check the clocks of both machines.')
    case 'expired':
      return parts(
        `it expired at ${fault.since}`,
        `Extend it with gpg --quick-set-expire ${primary} 3y${subkey}, export it again, and give clients the new certificate.`,
      )
    case 'cannot-sign':
      return parts(
        'it does not have the permission to sign',
        `Add a subkey that can sign with gpg --quick-add-key ${primary} ed25519 sign 3y, and export it again.`,
      )
    case 'weak-digest':
      return parts(
        'its self-signatures use SHA-1 or an older digest, and apt of Debian 13 refuses such a key',
        part === primary
          ? `Renew them with gpg --cert-digest-algo SHA512 --quick-set-expire ${primary} 3y, export it again, and give clients the new certificate.`
          : `Add another subkey with gpg --cert-digest-algo SHA512 --quick-add-key ${primary} ed25519 sign 3y, and export the key again.`,
      )
    case 'not-secret':
      return parts(
        'the text has no readable secret part of it',
        'Export it with gpg --armor --export-secret-keys FINGERPRINT on a machine that has it.',
      )
    case 'damaged':
      return parts(
        'its self-signatures are missing or wrong, or its parts do not match',
        'Export it again with gpg --armor --export-secret-keys.',
      )
  }
}
