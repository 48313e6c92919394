import { config, enums, type PrivateKey, readPrivateKey } from 'openpgp'
import { readArmour, writeArmour } from '../armour.js'
import type { SecretKeyText } from '../secret-key.js'
import type { Gnupg, GnupgKey } from './gnupg.js'

/** Options of gpg: the first of January 2020, with a clock that stands still (`!`), so that no key is newer than the next call; and SHA-1. */
export const longAgo = ['--faked-system-time=20200101T000000!']
export const bySha1 = ['--cert-digest-algo', 'SHA1']

/** A primary key and a subkey: `ed25519 cert 0`, `ed25519 sign 1y`. */
export async function withSubkey(
  gnupg: Gnupg,
  name: string,
  [primary, subkey]: readonly [string, string],
  options: readonly string[] = [],
): Promise<GnupgKey> {
  const { fingerprint } = await gnupg.make(name, primary, { options })
  await gnupg.gpg([...options, '--quick-add-key', fingerprint, ...subkey.split(' ')])
  return gnupg.key(name)
}

/** The library's settings to sign by SHA-1. */
export const withSha1 = { ...config, preferredHashAlgorithm: enums.hash.sha1, nonDeterministicSignaturesViaNotation: false }

/** The key with another subkey, which SHA-1 binds: GnuPG makes none any more. */
export async function withSha1Subkey(gnupg: Gnupg, name: string): Promise<GnupgKey> {
  const { secret } = await gnupg.make(name, 'rsa3072 cert 0')
  const key = await (await readPrivateKey({ armoredKey: secret })).addSubkey({ type: 'rsa', rsaBits: 3072, sign: true, config: withSha1 })
  await gnupg.gpg(['--import', await gnupg.file('with-subkey', key.armor())])
  return gnupg.key(name)
}

/** A key that the library makes or changes, since GnuPG does not. */
export async function changed(key: GnupgKey, change: (key: PrivateKey) => Promise<PrivateKey | undefined>): Promise<SecretKeyText> {
  const read = await readPrivateKey({ armoredKey: key.secret })
  const after = (await change(read)) ?? read
  return { armoured: after.armor() }
}

/** The packets of a key, changed byte by byte. */
export function withBytes(key: GnupgKey, change: (packets: Buffer) => Buffer): SecretKeyText {
  const read = readArmour(key.secret)
  return { armoured: writeArmour('PGP PRIVATE KEY BLOCK', change(Buffer.from('packets' in read ? read.packets : []))) }
}

/** A key as GnuPG 2.4 would write it on demand: version 5 has the lengths of its parts in it. */
export function versionFive(key: GnupgKey): SecretKeyText {
  return withBytes(key, (packets) => {
    const body = packets.subarray(2, 2 + (packets[1] ?? 0))
    // Behind the head: the curve's name with its length, and the point with its length in bits.
    const publicPart = body.subarray(6, 6 + 10 + 2 + Math.ceil(body.readUInt16BE(16) / 8))
    const secret = body.subarray(6 + publicPart.length + 1)
    const length = (bytes: Buffer) => Buffer.from([0, 0, 0, bytes.length])
    const five = Buffer.concat([
      Buffer.from([5]),
      body.subarray(1, 6),
      length(publicPart),
      publicPart,
      Buffer.from([0, 0]),
      length(secret),
      secret,
    ])
    return Buffer.concat([Buffer.from([packets[0] ?? 0, five.length]), five, packets.subarray(2 + body.length)])
  })
}

/** The key with a digest for its only preference that neither gpgv nor sqv of Debian reads. */
export function withStrangeDigest(key: GnupgKey): Promise<SecretKeyText> {
  return changed(key, async (one) => {
    const [user] = one.users
    const [bond] = user?.selfCertifications ?? []
    if (user === undefined || bond === undefined) return undefined
    bond.preferredHashAlgorithms = [enums.hash.sha3_256]
    // The cast: the types leave out the last argument, which the method needs.
    const sign = bond.sign.bind(bond) as (...words: readonly unknown[]) => Promise<void>
    await sign(one.keyPacket, { userID: user.userID, key: one.keyPacket }, new Date(), false, { ...withSha1 })
    return one
  })
}
