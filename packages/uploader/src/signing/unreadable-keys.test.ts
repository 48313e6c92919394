import { afterAll, beforeAll, expect, test } from 'vitest'
import { writeArmour } from './armour.js'
import { openSigner, openVerifier, type SigningKeyErrorCode } from './index.js'
import { Gnupg, type GnupgKey, open } from './testing/gnupg.js'
import { withBytes } from './testing/made-keys.js'
import { expectRefused, present } from './testing/refusal.js'

let gnupg: Gnupg
let good: GnupgKey

beforeAll(async () => {
  gnupg = await Gnupg.open()
  good = await gnupg.make('good', 'ed25519 sign 0')
})
afterAll(() => gnupg.close())

/** The content of a variable, the code, what the message says. */
test.each<[string, SigningKeyErrorCode, RegExp, () => string]>([
  ['a certificate', 'signing/key-not-secret', /is a certificate.*\n.*--export-secret-keys/, () => good.certificate],
  ['a path', 'signing/key-unreadable', /looks like a path.*read that file/, () => '/builds/acme/app.tmp/APT_KEY\n'],
  ['nothing', 'signing/key-unreadable', /It is empty. A protected variable/, () => ' \n'],
  ['base64 of a key', 'signing/key-unreadable', /base64-encoded key/, () => Buffer.from(good.secret).toString('base64')],
  ['a key in one line', 'signing/key-unreadable', /first|begin/, () => good.secret.replaceAll('\n', ' ')],
  ['a key with \\n for its line breaks', 'signing/key-unreadable', /does not begin/, () => good.secret.replaceAll('\n', '\\n')],
  ['a key without its blank line', 'signing/key-unreadable', /no blank line/, () => good.secret.replace('\n\n', '\n')],
  ['a key without its end', 'signing/key-unreadable', /no line -----END PGP PRIVATE/, () => good.secret.slice(0, 300)],
  ['a key without a line of it', 'signing/key-unreadable', /checksum/, () => good.secret.replace(/\n.{64}\n/, '\n')],
  ['a key with another letter in it', 'signing/key-unreadable', /not base64/, () => good.secret.replace(/\n\n./, '\n\n$')],
  ['a key with words behind it', 'signing/key-unreadable', /has text after its first block/, () => `${good.secret}\nsecret words`],
  ['a signature', 'signing/key-unreadable', /is a PGP SIGNATURE/, () => good.secret.replaceAll('PRIVATE KEY BLOCK', 'SIGNATURE')],
  ['bytes that are no packets', 'signing/key-unreadable', /damaged/, () => writeArmour('PGP PRIVATE KEY BLOCK', Buffer.from('hello'))],
  [
    'a key that ends in the middle',
    'signing/key-unreadable',
    /damaged/,
    () => withBytes(good, (packets) => packets.subarray(0, 60)).armoured,
  ],
  [
    'a certificate with the header of a secret key',
    'signing/key-not-secret',
    /no readable secret part/,
    () => good.certificate.replaceAll('PUBLIC', 'PRIVATE'),
  ],
  ['two blocks', 'signing/key-unreadable', /has text after its first block/, () => `${good.secret}${good.secret}`],
])('%s is refused: %s', async (_what, code, message, textOf) => {
  await expectRefused({ armoured: textOf() }, { code, message, secret: good.secret })
})

test('a text with two keys is refused, and names both', async () => {
  const other = await gnupg.make('other', 'ed25519 sign 0')
  const armoured = await gnupg.gpg(['--armor', '--export-secret-keys', good.fingerprint, other.fingerprint])
  const message = new RegExp(`2 keys: (${good.fingerprint}|${other.fingerprint}), [0-9A-F]{40}`)
  await expectRefused({ armoured }, { code: 'signing/key-several', message })
})

test('no key is refused, and so is one key twice', async () => {
  await expect(openSigner([], present())).rejects.toMatchObject({ code: 'signing/key-missing' })
  await expect(openSigner([open(good), open(good)], present())).rejects.toMatchObject({
    code: 'signing/key-several',
    message: expect.stringContaining(good.fingerprint),
  })
})

test.each<[string, RegExp, () => readonly (string | Uint8Array)[]]>([
  ['no certificate', /was given/, () => []],
  ['a path', /does not begin/, () => ['/etc/apt/keyrings/acme.asc']],
  ['a secret key', /is a PGP PRIVATE KEY BLOCK/, () => [good.secret]],
  ['a secret key under the header of a certificate', /contains a secret key/, () => [good.secret.replaceAll('PRIVATE', 'PUBLIC')]],
  ['other bytes', /damaged/, () => [Buffer.from('hello')]],
  ['an empty file', /damaged/, () => [Buffer.alloc(0)]],
])('a verifier refuses %s for a certificate', async (_what, message, certificates) => {
  await expect(openVerifier(certificates())).rejects.toMatchObject({
    code: 'signing/key-no-certificate',
    message: expect.stringMatching(message),
  })
})
