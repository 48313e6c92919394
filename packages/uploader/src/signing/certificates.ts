import type { Instant } from '@stagegate/schema'
import { SigningKeyError } from './error.js'
import { loadOpenPgp } from './library.js'
import { partThatSigns } from './part-that-signs.js'
import { readCertificates } from './verifier.js'

/** Certificates as people store them: one block after another. */
export function blocksIn(certificates: string): readonly string[] {
  return certificates.split(/(?<=-----END PGP PUBLIC KEY BLOCK-----)\s*/).filter((block) => block.trim() !== '')
}

/**
 * Checks that the key of one of these certificates could sign an index; others are for clients, or for an index that is to be taken over.
 * @throws {SigningKeyError} why the last of them could not
 */
export async function expectSigningCertificate(certificates: string, at: Instant): Promise<void> {
  const library = await loadOpenPgp()
  let last: SigningKeyError | undefined
  for (const block of blocksIn(certificates))
    for (const key of await readCertificates(library, block)) {
      const found = await partThatSigns(library, key, at)
      if ('part' in found) return
      last = found.refusal
    }
  throw (
    last ??
    new SigningKeyError({
      code: 'signing/key-no-certificate',
      what: 'the text is not a certificate',
      next: 'Give the output of gpg --armor --export FINGERPRINT.',
    })
  )
}
