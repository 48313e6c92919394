import type { Instant } from '@stagegate/schema'
import type { PrivateKey } from 'openpgp'
import { readArmour } from './armour.js'
import { SigningKeyError } from './error.js'
import { faultOfCertificate, faultOfPart, fingerprintOf, type KeyPart, toSign } from './key-fault.js'
import { type OpenPgp, strictly } from './library.js'
import { faulty, partThatSigns } from './part-that-signs.js'

/** A secret key as a job gets it. */
export interface SecretKeyText {
  /** The output of `gpg --armor --export-secret-keys FINGERPRINT`: exactly one key. */
  readonly armoured: string
  /** The passphrase that protects it. A trailing line break is removed. @default the key has none */
  readonly passphrase?: string | undefined
}

/** A key that is ready to sign. */
export interface SigningKey {
  readonly key: PrivateKey
  /** The primary key or the subkey that signs. */
  readonly part: KeyPart
  /** The fingerprint of the part that signs, upper case. */
  readonly fingerprint: string
}

const exportAgain = 'Export it with gpg --armor --export-secret-keys FINGERPRINT, and store all lines.'

/** @throws {SigningKeyError} it cannot sign at that time */
export async function openSecretKey(library: OpenPgp, text: SecretKeyText, at: Instant): Promise<SigningKey> {
  const key = await readSecretKey(library, text.armoured)
  const part = await expectPart(library, key, at)
  await unlock(key, part, text.passphrase)
  return { key, part, fingerprint: fingerprintOf(part) }
}

/** @throws {SigningKeyError} the key has become invalid since it was opened */
export async function expectStillGood(library: OpenPgp, { key, part }: SigningKey, at: Instant): Promise<void> {
  const ofKey = await faultOfCertificate(library, key, at, toSign)
  if (ofKey !== undefined) throw faulty(key, key, ofKey)
  const ofPart = await faultOfPart(library, { key, part }, at, toSign)
  if (ofPart !== undefined) throw faulty(key, part, ofPart)
}

async function readSecretKey(library: OpenPgp, text: string): Promise<PrivateKey> {
  const read = readArmour(text)
  if ('because' in read) throw unreadable(`the text ${read.because}`, adviceOn(text))
  if (read.kind === 'PGP PUBLIC KEY BLOCK')
    throw new SigningKeyError({
      code: 'signing/key-not-secret',
      what: 'the text is a certificate, the public part of a key',
      next: exportAgain,
    })
  if (read.kind !== 'PGP PRIVATE KEY BLOCK') throw unreadable(`the text is a ${read.kind}, not a secret key`)
  const keys = await readKeys(library, read.packets)
  const [key, ...others] = keys
  if (key === undefined) throw unreadable('the text contains no key of a known form')
  if (others.length > 0) throw several(`the text has ${keys.length} keys: ${keys.map(fingerprintOf).join(', ')}`)
  if (!key.isPrivate()) throw faulty(key, key, { kind: 'not-secret' })
  return key
}

async function readKeys(library: OpenPgp, packets: Uint8Array) {
  try {
    return await library.readKeys({ binaryKeys: packets, config: strictly(library) })
  } catch {
    // The library's error can quote the secret.
    throw unreadable('the text is damaged, or is not an OpenPGP key')
  }
}

/** Descriptions of texts that teams store by mistake. None of the text is quoted: a wrong value may still be a secret. */
function adviceOn(text: string): string {
  const line = text.trim()
  if (line === '') return 'It is empty. A protected variable has no value on a branch or tag that is not protected.'
  if (/^LS0tLS1CRUdJTi/.test(line)) return 'It looks like a base64-encoded key. Store the key itself in a variable of type File.'
  if (!line.includes('\n') && /^(?:\.{0,2}\/|[A-Za-z]:\\)/.test(line))
    return 'It looks like a path. The value of a variable of type File is the path of a file: read that file, or pass the variable where a file is expected.'
  return exportAgain
}

/** The newest subkey that may sign and has its secret part, or otherwise the primary key. */
async function expectPart(library: OpenPgp, key: PrivateKey, at: Instant): Promise<KeyPart> {
  const found = await partThatSigns(library, key, at, (part) => (hasSecret(part) ? undefined : { kind: 'not-secret' }))
  if ('part' in found) return found.part
  throw found.refusal
}

/** GnuPG exports a key without its secret part as a stub, also if the key is on a smart card. */
function hasSecret({ keyPacket }: KeyPart): boolean {
  return 'isMissingSecretKeyMaterial' in keyPacket && !keyPacket.isMissingSecretKeyMaterial()
}

async function unlock(key: KeyPart, part: KeyPart, passphrase: string | undefined): Promise<void> {
  const { keyPacket } = part
  if (!('privateParams' in keyPacket)) throw faulty(key, part, { kind: 'not-secret' })
  if (!keyPacket.isDecrypted()) {
    const given = passphrase?.replace(/\r?\n$/, '') ?? ''
    if (given === '')
      throw locked(part, 'it is protected by a passphrase, but none was given', 'Pass the passphrase in a separate variable.')
    try {
      await keyPacket.decrypt(given)
    } catch {
      throw locked(part, 'the passphrase is wrong', 'Correct the variable with the passphrase.')
    }
  }
  try {
    await keyPacket.validate()
  } catch {
    throw faulty(key, part, { kind: 'damaged' })
  }
}

function locked(part: KeyPart, what: string, next: string): SigningKeyError {
  return new SigningKeyError({ code: 'signing/key-passphrase', what, next, fingerprint: fingerprintOf(part) })
}

function unreadable(what: string, next: string = exportAgain): SigningKeyError {
  return new SigningKeyError({ code: 'signing/key-unreadable', what, next })
}

export function several(what: string): SigningKeyError {
  return new SigningKeyError({
    code: 'signing/key-several',
    what,
    next: 'Export each key separately, and pass it once: gpg --armor --export-secret-keys FINGERPRINT.',
  })
}
