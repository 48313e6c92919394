import { later, seconds } from '@stagegate/schema'
import { config, generateKey, readPrivateKey, revokeKey } from 'openpgp'
import { afterAll, beforeAll, test } from 'vitest'
import type { SecretKeyText, SigningKeyErrorCode } from './index.js'
import { Gnupg, type GnupgKey, open } from './testing/gnupg.js'
import { bySha1, changed, longAgo, versionFive, withBytes, withSha1, withSha1Subkey, withSubkey } from './testing/made-keys.js'
import { expectRefused, present } from './testing/refusal.js'

let gnupg: Gnupg
let good: GnupgKey

beforeAll(async () => {
  gnupg = await Gnupg.open()
  good = await gnupg.make('good', 'ed25519 sign 0')
})
afterAll(() => gnupg.close())

interface Wrong {
  readonly text: SecretKeyText
  /** That the error has to name. @default that of a subkey */
  readonly fingerprint?: string
}
/** An option of gpg. */
const tomorrow = () => `--faked-system-time=${later(present(), seconds(86_400)).replaceAll(/[-:]|\..*/g, '')}!`
const named = (key: GnupgKey): Wrong => ({ text: open(key), fingerprint: key.fingerprint })

/** The fault of a key, the code, what the message says, and such a key. */
test.each<readonly [string, SigningKeyErrorCode, RegExp, () => Promise<Wrong>]>([
  [
    'a locked key and no passphrase',
    'signing/key-passphrase',
    /none was given/,
    async () => named(await gnupg.make('locked', 'ed25519 sign 0', { passphrase: 'a b' })),
  ],
  [
    'a locked key and another passphrase',
    'signing/key-passphrase',
    /passphrase is wrong/,
    async () => {
      const key = await gnupg.make('other-lock', 'rsa3072 sign 0', { passphrase: 'a b' })
      return { text: { armoured: key.secret, passphrase: 'not this one' }, fingerprint: key.fingerprint }
    },
  ],
  [
    'a locked key and an empty passphrase',
    'signing/key-passphrase',
    /none was given/,
    async () => {
      const key = await gnupg.make('empty-lock', 'ed25519 sign 0', { passphrase: 'a b' })
      return { text: { armoured: key.secret, passphrase: '\n' }, fingerprint: key.fingerprint }
    },
  ],
  [
    'an expired key',
    'signing/key-expired',
    /expired at 2020-12-31.*\n.*--quick-set-expire [0-9A-F]{40} 3y,/,
    async () => named(await gnupg.make('old', 'ed25519 sign 1y', { options: longAgo })),
  ],
  [
    'a key whose signing subkey has expired',
    'signing/key-expired',
    /expired at 2020-12-31.*\n.*--quick-set-expire [0-9A-F]{40} 3y [0-9A-F]{40}/,
    async () => ({
      text: open(await withSubkey(gnupg, 'old-subkey', ['ed25519 cert 0', 'ed25519 sign 1y'], longAgo)),
    }),
  ],
  [
    'a revoked key',
    'signing/key-revoked',
    /revoked it/,
    async () => {
      await gnupg.make('revoked', 'ed25519 sign 0')
      await gnupg.revoke('revoked')
      return named(await gnupg.key('revoked'))
    },
  ],
  [
    'a key that is revoked by a SHA-1 signature',
    'signing/key-revoked',
    /revoked it/,
    async () => {
      const key = await gnupg.make('revoked-sha1', 'rsa3072 sign 0')
      const text = await changed(key, async (one) => (await revokeKey({ key: one, format: 'object', config: withSha1 })).privateKey)
      return { text, fingerprint: key.fingerprint }
    },
  ],
  [
    'a key whose signing subkey is revoked',
    'signing/key-revoked',
    /revoked it/,
    async () => {
      const key = await withSubkey(gnupg, 'revoked-subkey', ['ed25519 cert 0', 'ed25519 sign 0'])
      return {
        text: await changed(key, async (one) => {
          const [subkey] = one.subkeys
          if (subkey && 'privateParams' in one.keyPacket) one.subkeys = [await subkey.revoke(one.keyPacket)]
          return one
        }),
      }
    },
  ],
  [
    'a key of tomorrow',
    'signing/key-not-yet',
    /renewed at 20.*later than the signature/,
    async () => {
      return named(await gnupg.make('tomorrow', 'ed25519 sign 0', { options: [tomorrow()] }))
    },
  ],
  [
    'a key that was renewed tomorrow',
    'signing/key-not-yet',
    /renewed at 20.*later than the signature/,
    async () => {
      const { fingerprint } = await gnupg.make('renewed', 'ed25519 sign 0', { options: longAgo })
      await gnupg.gpg([tomorrow(), '--quick-set-expire', fingerprint, '3y'])
      const text = await changed(await gnupg.key('renewed'), async (one) => {
        for (const user of one.users)
          user.selfCertifications = user.selfCertifications.filter(({ created }) => Number(created) > Date.now())
        return one
      })
      return { text, fingerprint }
    },
  ],
  [
    'a key that only certifies',
    'signing/key-cannot-sign',
    /not have the permission to sign\n.*--quick-add-key [0-9A-F]{40} ed25519 sign/,
    async () => named(await gnupg.make('cert', 'ed25519 cert 0')),
  ],
  [
    'a key whose subkey only encrypts',
    'signing/key-cannot-sign',
    /not have the permission to sign/,
    async () => {
      const key = await withSubkey(gnupg, 'encrypts', ['ed25519 cert 0', 'cv25519 encr 0'])
      return named(key)
    },
  ],
  [
    'a key without its own secret part, and no subkey that signs',
    'signing/key-not-secret',
    /no readable secret part/,
    async () => {
      const key = await withSubkey(gnupg, 'stub', ['ed25519 sign 0', 'cv25519 encr 0'])
      return { text: { armoured: await gnupg.gpg(['--armor', '--export-secret-subkeys', key.fingerprint]) }, fingerprint: key.fingerprint }
    },
  ],
  ...['rsa2048', 'dsa2048', 'nistp256', 'brainpoolP256r1', 'secp256k1'].map(
    (kind) =>
      [
        `a key of ${kind}`,
        'signing/key-weak',
        /it is (RSA with 2048 bits|DSA|ECDSA on \w+); an index needs Ed25519/,
        async () => named(await gnupg.make(kind, `${kind} sign 0`)),
      ] as const,
  ),
  [
    'a weak key with a subkey that is strong',
    'signing/key-weak',
    /RSA with 2048 bits/,
    async () => named(await withSubkey(gnupg, 'weak-primary', ['rsa2048 cert 0', 'ed25519 sign 0'])),
  ],
  [
    'a subkey that is weak',
    'signing/key-weak',
    /RSA with 2048 bits/,
    async () => ({ text: open(await withSubkey(gnupg, 'weak-subkey', ['ed25519 cert 0', 'rsa2048 sign 0'])) }),
  ],
  [
    'a key that SHA-1 binds',
    'signing/key-weak-digest',
    /SHA-1.*\n.*--cert-digest-algo SHA512 --quick-set-expire [0-9A-F]{40} 3y/,
    async () => named(await gnupg.make('sha1', 'rsa3072 sign 0', { options: bySha1 })),
  ],
  [
    'a subkey that SHA-1 binds',
    'signing/key-weak-digest',
    /SHA-1.*\n.*--quick-add-key [0-9A-F]{40} ed25519 sign/,
    async () => ({
      text: open(await withSha1Subkey(gnupg, 'sha1-subkey')),
    }),
  ],
  [
    'a subkey whose own signature alone has SHA-1',
    'signing/key-weak-digest',
    /SHA-1.*\n.*--quick-add-key/,
    async () => {
      const { fingerprint } = await withSha1Subkey(gnupg, 'sha1-back')
      await gnupg.gpg(['--cert-digest-algo', 'SHA512', '--quick-set-expire', fingerprint, '3y', '*'])
      return { text: open(await gnupg.key('sha1-back')) }
    },
  ],
  [
    'a key of RFC 9580',
    'signing/key-new-format',
    /the ed25519 of RFC 9580, which GnuPG 2.2 and so apt of Debian 12 cannot read/,
    async () => ({
      text: { armoured: (await generateKey({ type: 'curve25519', userIDs: [{ name: 'x' }], config })).privateKey },
    }),
  ],
  [
    'a key of version 6',
    'signing/key-new-format',
    /a key of version 6/,
    async () => ({
      text: {
        armoured: (await generateKey({ type: 'curve25519', userIDs: [{ name: 'x' }], config: { ...config, v6Keys: true } })).privateKey,
      },
    }),
  ],
  ['a key of version 5', 'signing/key-new-format', /a key of version 5/, async () => ({ text: versionFive(good) })],
  [
    'a key under another’s name',
    'signing/key-damaged',
    /self-signatures are missing or wrong/,
    async () => ({
      text: withBytes(good, (packets) => Buffer.from(packets.toString('latin1').replace('good@', 'gold@'), 'latin1')),
      fingerprint: good.fingerprint,
    }),
  ],
  [
    'a key without a name',
    'signing/key-damaged',
    /self-signatures are missing or wrong/,
    async () => ({
      text: withBytes(good, (packets) => packets.subarray(0, 2 + (packets[1] ?? 0))),
      fingerprint: good.fingerprint,
    }),
  ],
  [
    'a key that only certifies, with a subkey that nothing binds',
    'signing/key-damaged',
    /self-signatures are missing or wrong/,
    async () => ({
      text: await changed(await withSubkey(gnupg, 'unbound', ['ed25519 cert 0', 'ed25519 sign 0']), async (one) => {
        for (const subkey of one.subkeys) subkey.bindingSignatures = []
        return one
      }),
    }),
  ],
  [
    'a key with the secret part of another',
    'signing/key-damaged',
    /parts do not match/,
    async () => {
      const [key, other] = [await gnupg.make('mixed', 'ed25519 sign 0'), await readPrivateKey({ armoredKey: good.secret })]
      const text = await changed(key, async (one) => {
        if ('privateParams' in one.keyPacket && 'privateParams' in other.keyPacket)
          one.keyPacket.privateParams = other.keyPacket.privateParams
        return one
      })
      return { text, fingerprint: key.fingerprint }
    },
  ],
])('%s is refused: %s', { timeout: 300_000 }, async (_what, code, message, make) => {
  const { text, fingerprint } = await make()
  await expectRefused(text, { code, message, fingerprint })
})
