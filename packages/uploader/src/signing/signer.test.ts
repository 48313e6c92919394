import { createHash } from 'node:crypto'
import { instant, later, seconds } from '@stagegate/schema'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Signer } from '../contract/signer.js'
import { canonicalText, openSigner, openVerifier } from './index.js'
import { Gnupg, type GnupgKey, open } from './testing/gnupg.js'
import { withStrangeDigest } from './testing/made-keys.js'

const release = 'Origin: Acme\nSuite: stable\nDate: Sat, 31 Jan 2026 12:00:00 UTC\nSHA256:\n 00ff  12 main/binary-amd64/Packages\n'
const phrase = 'über “allem” 語 $x'

let gnupg: Gnupg
let made: Readonly<Record<'ed25519' | 'rsa3072' | 'locked' | 'subkey' | 'stub', GnupgKey>>
let now = instant(0)

beforeAll(async () => {
  gnupg = await Gnupg.open()
  const ed25519 = await gnupg.make('ed', 'ed25519 default 0')
  const rsa3072 = await gnupg.make('rsa', 'rsa3072 default 2y')
  const locked = await gnupg.make('locked', 'ed25519 sign 1y', { passphrase: phrase })
  const { fingerprint } = await gnupg.make('parts', 'rsa3072 cert 0')
  await gnupg.gpg(['--quick-add-key', fingerprint, 'ed25519', 'sign', '1y'])
  await gnupg.gpg(['--quick-add-key', fingerprint, 'cv25519', 'encr', '1y'])
  const subkey = await gnupg.key('parts')
  const stub = { ...subkey, secret: await gnupg.gpg(['--armor', '--export-secret-subkeys', '<parts@example.org>']) }
  made = { ed25519, rsa3072, locked, subkey, stub }
  now = instant(Date.now())
})
afterAll(() => gnupg.close())

const textOf = (name: keyof typeof made) => (name === 'locked' ? { armoured: made[name].secret, passphrase: phrase } : open(made[name]))

describe.each(['ed25519', 'rsa3072', 'locked', 'subkey', 'stub'] as const)('the key %s', (name) => {
  let signer: Signer
  let keyring = ''
  beforeAll(async () => {
    signer = await openSigner([textOf(name)], now)
    keyring = await gnupg.keyring(name, signer.certificates)
  })

  test('signs a document that gpgv accepts', async () => {
    const document = await signer.clearsign(release, now)
    expect(await gnupg.extract(keyring, document)).toBe(release)
    expect(document).not.toContain('\r')
    expect(document).toContain('\nHash: SHA512\n')
  })

  test('signs bytes, as gpgv and sqv accept', async () => {
    const bytes = Buffer.from('<repomd>\r\n \n</repomd>')
    const signature = await signer.detached(bytes, now)
    for (const verifier of ['gpgv', 'sqv'] as const) {
      expect(await gnupg.takes(verifier, keyring, signature, bytes), verifier).toBe(true)
      expect(await gnupg.takes(verifier, keyring, signature, Buffer.from('other')), verifier).toBe(false)
    }
  })

  test('signs the same text at the same time by the same bytes', async () => {
    const again = await openSigner([textOf(name)], now)
    expect(await again.clearsign(release, now)).toBe(await signer.clearsign(release, now))
  })

  test('shows its certificate, and nothing secret', async () => {
    const listed = await gnupg.gpg(['--list-packets', await gnupg.file('shown.asc', signer.certificates)])
    expect(listed).toMatch(/^:public key packet:/m)
    expect(listed).not.toContain('secret')
    // What GnuPG exports, byte for byte, but for the headers of packets.
    const own = await gnupg.gpg(['--list-packets', await gnupg.file('own.asc', made[name].certificate)])
    const packets = (text: string) => text.split('\n').filter((line) => !line.startsWith('# off='))
    expect(packets(listed)).toEqual(packets(own))
  })
})

test('the newest subkey that may sign does so, and the primary key where there is none', async () => {
  const [one, other] = [await openSigner([textOf('subkey')], now), await openSigner([textOf('ed25519')], now)]
  const listed = await gnupg.gpg(['--with-colons', '--list-keys', made.subkey.fingerprint])
  expect(one.fingerprints).toEqual([/^sub:(?:[^:]*:){10}s:.*\nfpr:+([0-9A-F]{40})/m.exec(listed)?.[1]])
  expect(other.fingerprints).toEqual([made.ed25519.fingerprint])
})

test('a signature has the time that was given, in whole seconds and never ahead of it', async () => {
  const signer = await openSigner([textOf('ed25519')], now)
  const at = instant(Date.parse(later(now, seconds(5))) + 999 - (Date.parse(now) % 1000))
  const listed = await gnupg.gpg(['--list-packets', await gnupg.file('timed', await signer.detached(Buffer.from('x'), at))])
  expect(listed).toContain(`created ${Math.floor(Date.parse(at) / 1000)},`)
  expect(listed).toContain('digest algo 10,')
})

test('a key that expires is refused when it signs after its end', async () => {
  const signer = await openSigner([textOf('locked')], now)
  const after = later(now, seconds(366 * 86_400))
  await expect(signer.clearsign(release, after)).rejects.toMatchObject({ code: 'signing/key-expired', fingerprint: signer.fingerprints[0] })
  await expect(signer.detached(Buffer.from('x'), instant(0))).rejects.toMatchObject({ code: 'signing/key-not-yet' })
})

test('a key whose owner prefers another digest signs by that, and the document says so', async () => {
  const key = await gnupg.make('prefers', 'rsa3072 sign 0', { options: ['--default-preference-list', 'SHA384 AES256'] })
  const signer = await openSigner([open(key)], instant(Date.now()))
  const document = await signer.clearsign(release, instant(Date.now()))
  expect(document).toContain('\nHash: SHA384\n')
  expect(await gnupg.extract(await gnupg.keyring('prefers', signer.certificates), document)).toBe(release)
})

test('a signature that clients could not check does not leave', async () => {
  const text = await withStrangeDigest(await gnupg.make('strange', 'rsa3072 sign 0'))
  const signer = await openSigner([text], instant(Date.now()))
  const refusal = { name: 'SignatureError', code: 'signing/not-confirmed', cause: { name: 'SignatureError' } }
  await expect(signer.clearsign(release, instant(Date.now()))).rejects.toMatchObject(refusal)
  await expect(signer.detached(Buffer.from(release), instant(Date.now()))).rejects.toMatchObject(refusal)
})

test('a text that GnuPG could not read back is not signed', async () => {
  const signer = await openSigner([textOf('ed25519')], now)
  for (const text of ['a\0', 'x'.repeat(20_000)])
    await expect(signer.clearsign(text, now)).rejects.toMatchObject({ code: 'signing/unsignable' })
})

test('a passphrase is read without the line break at its end', async () => {
  const { fingerprints } = await openSigner([{ armoured: made.locked.secret, passphrase: `${phrase}\r\n` }], now)
  expect(fingerprints).toEqual([made.locked.fingerprint])
})

test('a key is read with line breaks of Windows, blanks around it and comments in it', async () => {
  const text = made.ed25519.secret.replace('\n\n', '\nComment: of Acme\nVersion: 1\n\n')
  const { fingerprints } = await openSigner([{ armoured: `\n  ${text.replaceAll('\n', ' \r\n')}\n\n` }], now)
  expect(fingerprints).toEqual([made.ed25519.fingerprint])
})

test('in a rollover two keys sign, and each is enough for gpgv and sqv', async () => {
  const both = await openSigner([textOf('rsa3072'), textOf('ed25519')], now)
  expect(both.fingerprints).toEqual([made.rsa3072.fingerprint, made.ed25519.fingerprint])
  const [document, signature] = [await both.clearsign(release, now), await both.detached(Buffer.from(release), now)]
  for (const name of ['rsa3072', 'ed25519'] as const) {
    const keyring = await gnupg.keyring('one', made[name].certificate)
    // gpgv exits 2 when it lacks one of the keys; apt reads its status lines instead, which a test of apt shows.
    expect(await gnupg.takes('sqv', keyring, signature, Buffer.from(release)), name).toBe(true)
    const { text, by } = await (await openVerifier([made[name].certificate])).cleartext(Buffer.from(document), now)
    expect([Buffer.from(text).toString(), by]).toEqual([release, [made[name].fingerprint]])
  }
  const keyring = await gnupg.keyring('both', both.certificates)
  expect(await gnupg.extract(keyring, document)).toBe(release)
  expect(both.certificates.match(/-----BEGIN/g)).toHaveLength(1)
})

describe('any text', () => {
  const line = fc.oneof(
    { weight: 3, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }).map((text) => text.replaceAll('\0', '')) },
    fc.constantFrom(
      '',
      '-',
      '- ',
      '- -',
      '--',
      ' ',
      '\t',
      ' \t ',
      '\r',
      'a\r',
      'a \r',
      'a\rb',
      '\ufeff',
      '\u2028',
      '\u0085',
      '\u00a0',
      '\f',
      '\v',
    ),
    fc.constantFrom(
      '-----BEGIN PGP SIGNED MESSAGE-----',
      '-----BEGIN PGP SIGNATURE-----',
      '-----END PGP SIGNATURE-----',
      'Hash: SHA1',
      'From me',
    ),
  )
  const texts = fc.array(line, { maxLength: 6 }).map((lines) => lines.join('\n'))

  test('that is clearsigned comes out of gpgv in its canonical form, and out of the verifier', { timeout: 300_000 }, async () => {
    const signer = await openSigner([textOf('ed25519')], now)
    const keyring = await gnupg.keyring('any', signer.certificates)
    const verifier = await openVerifier([signer.certificates])
    await fc.assert(
      fc.asyncProperty(texts, async (text) => {
        const document = await signer.clearsign(text, now)
        const canonical = canonicalText(Buffer.from(text).toString())
        expect(await gnupg.extract(keyring, document)).toBe(canonical)
        expect(Buffer.from((await verifier.cleartext(Buffer.from(document), now)).text).toString()).toBe(canonical)
      }),
      { numRuns: 150 },
    )
  })

  test('of 5 MB is signed, and so is a line of 15,000 characters', async () => {
    const signer = await openSigner([textOf('ed25519')], now)
    const keyring = await gnupg.keyring('large', signer.certificates)
    const text = `${'x'.repeat(15_000)}\n${' 00ff 12 main/binary-amd64/Packages\n'.repeat(140_000)}`
    const found = await gnupg.extract(keyring, await signer.clearsign(text, now))
    const digest = (one: string) => createHash('sha256').update(one).digest('hex')
    expect(digest(found)).toBe(digest(text))
  })
})
