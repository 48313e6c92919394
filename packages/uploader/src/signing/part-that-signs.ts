import type { Instant } from '@stagegate/schema'
import type { Key } from 'openpgp'
import { SigningKeyError } from './error.js'
import { faultOfCertificate, faultOfPart, fingerprintOf, type KeyFault, type KeyPart, toSign } from './key-fault.js'
import type { OpenPgp } from './library.js'
import { wordsOf } from './wording.js'

/** The newest subkey that may sign, or otherwise the primary key; or why there is none. */
export async function partThatSigns(
  library: OpenPgp,
  key: Key,
  at: Instant,
  faultBesides: (part: KeyPart) => KeyFault | undefined = () => undefined,
): Promise<{ readonly part: KeyPart } | { readonly refusal: SigningKeyError }> {
  const ofKey = await faultOfCertificate(library, key, at, toSign)
  if (ofKey !== undefined) return { refusal: faulty(key, key, ofKey) }
  const newestFirst = key.subkeys.toSorted((a, b) => b.getCreationTime().getTime() - a.getCreationTime().getTime())
  const faults: { readonly part: KeyPart; readonly fault: KeyFault }[] = []
  for (const part of [...newestFirst, key]) {
    const fault = (await faultOfPart(library, { key, part }, at, toSign)) ?? faultBesides(part)
    if (fault === undefined) return { part }
    faults.push({ part, fault })
  }
  const { part, fault } = faults.find(({ fault: { kind } }) => kind !== 'cannot-sign') ?? { part: key, fault: { kind: 'cannot-sign' } }
  return { refusal: faulty(key, part, fault) }
}

export function faulty(key: KeyPart, part: KeyPart, fault: KeyFault): SigningKeyError {
  return new SigningKeyError(wordsOf(fault, { primary: fingerprintOf(key), part: fingerprintOf(part) }))
}
