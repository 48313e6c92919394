import { readPrivateKey } from 'openpgp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openSigner } from './index.js'
import { Gnupg, open } from './testing/gnupg.js'
import { bySha1, longAgo, withSha1Subkey, withSubkey } from './testing/made-keys.js'
import { present } from './testing/refusal.js'

let gnupg: Gnupg

beforeAll(async () => {
  gnupg = await Gnupg.open()
})
afterAll(() => gnupg.close())

describe('the advice is followed:', () => {
  test('a key that SHA-1 bound signs after gpg has renewed it', async () => {
    const { fingerprint } = await gnupg.make('renewed', 'rsa3072 sign 0', { options: [...bySha1, ...longAgo] })
    await gnupg.gpg(['--cert-digest-algo', 'SHA512', '--quick-set-expire', fingerprint, '3y'])
    expect((await openSigner([open(await gnupg.key('renewed'))], present())).fingerprints).toEqual([fingerprint])
  })

  test('an expired key, and an expired subkey, sign after gpg has extended them', async () => {
    const { fingerprint } = await gnupg.make('extended', 'ed25519 sign 1y', { options: longAgo })
    await gnupg.gpg(['--quick-set-expire', fingerprint, '3y'])
    expect((await openSigner([open(await gnupg.key('extended'))], present())).fingerprints).toEqual([fingerprint])
    const key = await withSubkey(gnupg, 'extended-subkey', ['ed25519 cert 0', 'ed25519 sign 1y'], longAgo)
    const [subkey = ''] = (await readPrivateKey({ armoredKey: key.secret })).subkeys.map((one) => one.getFingerprint().toUpperCase())
    await gnupg.gpg(['--quick-set-expire', key.fingerprint, '3y', subkey])
    expect((await openSigner([open(await gnupg.key('extended-subkey'))], present())).fingerprints).toEqual([subkey])
  })

  test('a key that only certified, and one whose subkey SHA-1 bound, sign after gpg has added a subkey', async () => {
    for (const key of [await gnupg.make('added', 'ed25519 cert 0'), await withSha1Subkey(gnupg, 'replaced')]) {
      await gnupg.gpg(['--cert-digest-algo', 'SHA512', '--quick-add-key', key.fingerprint, 'ed25519', 'sign', '3y'])
      const secret = await gnupg.gpg(['--armor', '--export-secret-keys', key.fingerprint])
      const { fingerprints, certificates } = await openSigner([{ armoured: secret }], present())
      expect(fingerprints).not.toEqual([key.fingerprint])
      expect(certificates).toContain('BEGIN PGP PUBLIC KEY BLOCK')
    }
  })
})

test('a newer subkey that has expired gives way to an older one, as with gpg', async () => {
  const { fingerprint } = await withSubkey(gnupg, 'two', ['ed25519 cert 0', 'ed25519 sign 0'], ['--faked-system-time=20190101T000000!'])
  await gnupg.gpg([...longAgo, '--quick-add-key', fingerprint, 'ed25519', 'sign', '1y'])
  const { subkeys } = await readPrivateKey({ armoredKey: (await gnupg.key('two')).secret })
  const oldest = subkeys.toSorted((a, b) => a.getCreationTime().getTime() - b.getCreationTime().getTime())[0]
  expect((await openSigner([open(await gnupg.key('two'))], present())).fingerprints).toEqual([oldest?.getFingerprint().toUpperCase()])
})
