import { type Instant, instant, later, seconds } from '@stagegate/schema'
import { createMessage, readPrivateKey, readSignature, sign } from 'openpgp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Signer } from '../contract/signer.js'
import { readArmour, writeArmour } from './armour.js'
import {
  expectSigningCertificate,
  openSigner,
  openVerifier,
  type SignatureErrorCode,
  type SigningKeyErrorCode,
  type Verifier,
} from './index.js'
import { Apt, releaseText } from './testing/apt.js'
import { Gnupg, type GnupgKey, open } from './testing/gnupg.js'
import { bySha1, longAgo, withSha1 } from './testing/made-keys.js'

const names = ['ed', 'rsa', 'rsa2048', 'dsa', 'sha1', 'expired', 'revoked'] as const
type Name = (typeof names)[number]

let gnupg: Gnupg
let apt: Apt
let keys: Readonly<Record<Name | 'stranger', GnupgKey>>
let signer: Signer
let stranger: Signer
let verifier: Verifier
/** All keys but the stranger's, in one text. */
let certificates = ''
let now: Instant
let release = ''

beforeAll(async () => {
  ;[gnupg, apt] = [await Gnupg.open(), await Apt.open()]
  const [ed, rsa] = [await gnupg.make('ed', 'ed25519 sign 0'), await gnupg.make('rsa', 'rsa3072 sign 0')]
  const rsa2048 = await gnupg.make('rsa2048', 'rsa2048 sign 0', { options: longAgo })
  const dsa = await gnupg.make('dsa', 'dsa2048 sign 0')
  const sha1 = await gnupg.make('sha1', 'rsa3072 sign 0', { options: bySha1 })
  const expired = await gnupg.make('expired', 'ed25519 sign 1y', { options: longAgo })
  const revoked = await gnupg.make('revoked', 'ed25519 sign 0')
  keys = { ed, rsa, rsa2048, dsa, sha1, expired, revoked, stranger: await gnupg.make('stranger', 'ed25519 sign 0') }
  now = instant(Date.now())
  release = releaseText(now)
  ;[signer, stranger] = [await openSigner([open(ed)], now), await openSigner([open(keys.stranger)], now)]
})
// By then the keys that are revoked have signed.
beforeAll(async () => {
  await written('of an expired key', () => gnupgSigned('expired', longAgo))
  await written('of a revoked key', () => gnupgSigned('revoked'))
  await gnupg.revoke('revoked')
  certificates = await gnupg.gpg(['--armor', '--export', ...names.map((name) => `<${name}@example.org>`)])
  verifier = await openVerifier([certificates])
})
afterAll(async () => {
  await apt.close()
  await gnupg.close()
})

/** Documents that are made once. */
const documents = new Map<string, Buffer>()
async function written(what: string, make: () => Promise<string | Buffer>): Promise<Buffer> {
  const document = documents.get(what) ?? Buffer.from(await make())
  documents.set(what, document)
  return document
}

async function gnupgSigned(name: keyof typeof keys, options: readonly string[] = [], text: string | Buffer = release): Promise<Buffer> {
  return gnupg.bytes([...options, '--local-user', keys[name].fingerprint, '--output', '-', '--clearsign', await gnupg.file('text', text)])
}

/** A document whose signatures are those of several. */
async function withSignaturesOf(...all: readonly (string | Buffer)[]): Promise<string> {
  const [text = ''] = String(all[0]).split('-----BEGIN PGP SIGNATURE-----')
  const blocks = all.map((one) => readArmour(/-----BEGIN PGP SIGNATURE-----[\s\S]*/.exec(String(one))?.[0] ?? ''))
  return `${text}${writeArmour('PGP SIGNATURE', Buffer.concat(blocks.map((block) => ('packets' in block ? block.packets : Buffer.alloc(0)))))}`
}

/** A signature as GnuPG writes none: of another type or digest, or at another time. */
async function odd(name: Name, { binary = false, date = now, sha1 = false } = {}): Promise<string> {
  const [key, text] = [await readPrivateKey({ armoredKey: keys[name].secret }), release.slice(0, -1)]
  const message = binary ? await createMessage({ binary: Buffer.from(text.replaceAll('\n', '\r\n')) }) : await createMessage({ text })
  const config = sha1 ? withSha1 : { nonDeterministicSignaturesViaNotation: false }
  // The cast: what it signs is not a stream.
  const packets = (await sign({ message, signingKeys: key, detached: true, format: 'binary', date: new Date(date), config })) as Uint8Array
  const { packets: list } = await readSignature({ binarySignature: packets })
  return `-----BEGIN PGP SIGNED MESSAGE-----\nHash: ${sha1 ? 'SHA1' : 'SHA512'}\n\n${release}${writeArmour('PGP SIGNATURE', list.write())}`
}

const ours = async () => written('ours', () => signer.clearsign(release, now))
const edited = async (edit: (document: string) => string) => edit(String(await ours()))

/** A document; the error, or the keys that signed it; who takes it: apt of Debian 12 asks gpgv about the text that it has cut out, apt of Debian 13 sqv; how it is made. */
const table: readonly (readonly [
  string,
  SignatureErrorCode | readonly Name[],
  'apt' | 'gpgv' | 'sqv' | 'nobody',
  () => Promise<string | Buffer>,
])[] = [
  ['of ours', ['ed'], 'apt', ours],
  ['of GnuPG', ['rsa'], 'apt', () => gnupgSigned('rsa')],
  ['of an RSA key with 2048 bits', ['rsa2048'], 'apt', () => gnupgSigned('rsa2048')],
  ['with line breaks of Windows', ['ed'], 'apt', () => edited((document) => document.replaceAll('\n', '\r\n'))],
  ['without its last line break', ['ed'], 'apt', () => edited((document) => document.trimEnd())],
  [
    'with blanks that nobody signed',
    ['ed'],
    'apt',
    () => edited((document) => document.replace('\nSuite: stable', ' \t\nSuite: stable  ')),
  ],
  ['of a known and an unknown key', ['ed'], 'apt', async () => withSignaturesOf(await ours(), await stranger.clearsign(release, now))],
  ['of an unknown and a known key', ['ed'], 'apt', async () => withSignaturesOf(await stranger.clearsign(release, now), await ours())],
  ['of two known keys', ['rsa', 'ed'], 'apt', async () => withSignaturesOf(await gnupgSigned('rsa'), await ours())],
  [
    'with a signature that counts and one by SHA-1',
    ['ed'],
    'apt',
    async () => withSignaturesOf(await ours(), await odd('rsa', { sha1: true })),
  ],
  [
    'with a signature that counts and one of an expired key',
    ['ed'],
    'apt',
    async () => withSignaturesOf(await ours(), await written('of an expired key', ours)),
  ],
  ['of an unknown key alone', 'signing/unknown-signer', 'nobody', () => stranger.clearsign(release, now)],
  ['with another text', 'signing/bad-signature', 'nobody', () => edited((document) => document.replace('Acme', 'Evil'))],
  ['with a line more', 'signing/bad-signature', 'nobody', () => edited((document) => document.replace('Suite', 'Label: x\nSuite'))],
  ['with a blank in front of a line', 'signing/bad-signature', 'nobody', () => edited((document) => document.replace('Suite', ' Suite'))],
  [
    'with a signature that counts and a wrong one',
    'signing/bad-signature',
    'sqv',
    async () => withSignaturesOf(await ours(), await gnupgSigned('rsa', [], 'other')),
  ],
  ['by SHA-1', 'signing/worthless-signature', 'nobody', () => odd('rsa', { sha1: true })],
  ['of an expired key', 'signing/worthless-signature', 'sqv', () => written('of an expired key', ours)],
  ['of a revoked key', 'signing/worthless-signature', 'nobody', () => written('of a revoked key', ours)],
  [
    'whose signature has expired',
    'signing/worthless-signature',
    'nobody',
    () => gnupgSigned('rsa2048', [...longAgo, '--default-sig-expire', '1y']),
  ],
  ['of DSA', 'signing/worthless-signature', 'gpgv', () => gnupgSigned('dsa')],
  ['of a key that SHA-1 binds', 'signing/worthless-signature', 'gpgv', () => gnupgSigned('sha1')],
  ['signed tomorrow', 'signing/worthless-signature', 'gpgv', () => odd('ed', { date: later(now, seconds(86_400)) })],
  ['with a signature over bytes', 'signing/worthless-signature', 'nobody', () => odd('ed', { binary: true })],
  ['that is empty', 'signing/malformed', 'nobody', async () => ''],
  ['that is a page of a proxy', 'signing/malformed', 'nobody', async () => '<html><body>Sign in</body></html>'],
  ['that nobody signed', 'signing/malformed', 'nobody', async () => release],
  [
    'without its signature',
    'signing/malformed',
    'nobody',
    () => edited((document) => document.replace(/-----BEGIN PGP SIGNATURE-----[\s\S]*/, '')),
  ],
  ['that ends in the middle', 'signing/malformed', 'nobody', () => edited((document) => document.slice(0, -60))],
  ['with a line in front', 'signing/malformed', 'nobody', () => edited((document) => `Origin: Evil\n${document}`)],
  ['with an empty line in front', 'signing/malformed', 'nobody', () => edited((document) => `\n${document}`)],
  ['with a line behind', 'signing/malformed', 'nobody', () => edited((document) => `${document}Origin: Evil\n`)],
  ['with an empty line behind', 'signing/malformed', 'nobody', () => edited((document) => `${document}\n`)],
  ['that is there twice', 'signing/malformed', 'nobody', () => edited((document) => `${document}${document}`)],
  [
    'with two blocks of signatures',
    'signing/malformed',
    'apt',
    () => edited((document) => `${document}${document.slice(document.indexOf('-----BEGIN PGP SIGNATURE'))}`),
  ],
  ['without a header', 'signing/malformed', 'apt', () => edited((document) => document.replace('Hash: SHA512\n', ''))],
  [
    'with the name of another digest in its header',
    'signing/worthless-signature',
    'apt',
    () => edited((document) => document.replace('SHA512', 'SHA256')),
  ],
  ['with a text in a header', 'signing/malformed', 'apt', () => edited((document) => document.replace('Hash: SHA512', 'Origin: Evil'))],
  ['with a dash that is not escaped', 'signing/malformed', 'nobody', () => edited((document) => document.replace('Suite', '-Suite'))],
  ['with a NUL in it', 'signing/malformed', 'nobody', () => edited((document) => document.replace('Acme', 'Ac\0me'))],
  ['whose signature is not base64', 'signing/malformed', 'nobody', () => edited((document) => document.replace(/\n\nw/, '\n\n§'))],
  [
    'whose signature is a certificate',
    'signing/malformed',
    'nobody',
    () => edited((document) => document.replace(/-----BEGIN PGP SIGNATURE-----[\s\S]*/, certificates)),
  ],
]

describe('a document', () => {
  test.each(table)('%s: %s; %s takes it', async (_what, expected, taker, make) => {
    const document = Buffer.from(await make())
    const checking = verifier.cleartext(document, instant(Date.now()))
    if (typeof expected === 'string') {
      const next = expect.stringMatching(/\.$/)
      await expect(checking).rejects.toMatchObject({ name: 'SignatureError', code: expected, next, final: true })
    } else {
      const { text, by } = await checking
      expect(by).toEqual(expected.map((name) => keys[name].fingerprint))
      expect(Buffer.from(text).toString()).toBe(release)
    }
    expect(await apt.takes({ InRelease: document }, certificates), `${apt.verifier} takes it`).toBe(
      taker === 'apt' || taker === apt.verifier,
    )
  })

  test('of bytes that are not UTF-8 gives those bytes', async () => {
    const bytes = Buffer.from('Origin: Acm\xe9\n- dash\n\xff\n', 'latin1')
    const { text } = await verifier.cleartext(await gnupgSigned('ed', [], bytes), instant(Date.now()))
    expect(Buffer.from(text).equals(bytes)).toBe(true)
  })

  test('is refused before its signer was, by a clock that is far behind, and taken by one that is a little behind', async () => {
    const document = await ours()
    await expect(verifier.cleartext(document, instant(Date.parse(now) - 11_000))).rejects.toMatchObject({
      code: 'signing/worthless-signature',
    })
    await expect(verifier.cleartext(document, instant(Date.parse(now) - 2_000))).resolves.toMatchObject({ by: [keys.ed.fingerprint] })
  })
})

describe('apt', () => {
  test('takes an InRelease that two keys have signed, whichever of them it knows', async () => {
    const both = await openSigner([open(keys.rsa), open(keys.ed)], now)
    const files = { InRelease: await both.clearsign(release, now) }
    for (const known of [keys.rsa.certificate, keys.ed.certificate, both.certificates, certificates])
      expect(await apt.takes(files, known)).toBe(true)
    expect(await apt.takes(files, keys.stranger.certificate)).toBe(false)
  })

  test('takes a Release with its Release.gpg, by either key, and no other', async () => {
    const both = await openSigner([open(keys.rsa), open(keys.ed)], now)
    const files = { Release: release, 'Release.gpg': await both.detached(Buffer.from(release), now) }
    for (const known of [keys.rsa.certificate, keys.ed.certificate, both.certificates]) expect(await apt.takes(files, known)).toBe(true)
    expect(await apt.takes({ ...files, Release: release.replace('Acme', 'Evil') }, both.certificates)).toBe(false)
  })
})

describe('a detached signature', () => {
  const bytes = Buffer.from('<repomd>\r\n </repomd>  \n')

  test('names its signer over these bytes, and nobody over others', async () => {
    const signature = Buffer.from(await signer.detached(bytes, now))
    expect(await verifier.detached(bytes, signature, now)).toEqual([keys.ed.fingerprint])
    // Line breaks and blanks are bytes like others.
    for (const other of ['', String(bytes).trimEnd(), String(bytes).replace('\r', '')])
      await expect(verifier.detached(Buffer.from(other), signature, now)).rejects.toMatchObject({ code: 'signing/bad-signature' })
  })

  test('of GnuPG counts, and one over text does not: it would hold with other line breaks', async () => {
    const words = ['--local-user', keys.rsa.fingerprint, '--armor', '--output', '-', '--detach-sign', await gnupg.file('bytes', bytes)]
    expect(await verifier.detached(bytes, await gnupg.bytes(words), instant(Date.now()))).toEqual([keys.rsa.fingerprint])
    const overText = await gnupg.bytes(['--textmode', ...words])
    await expect(verifier.detached(bytes, overText, instant(Date.now()))).rejects.toMatchObject({ code: 'signing/worthless-signature' })
  })

  test.each<[string, SignatureErrorCode, () => Promise<string>]>([
    ['of a stranger', 'signing/unknown-signer', () => stranger.detached(bytes, now)],
    ['that is empty', 'signing/malformed', async () => ''],
    ['that is a page of a proxy', 'signing/malformed', async () => '<html>'],
    ['that is a document', 'signing/malformed', () => signer.clearsign('x', now)],
    ['that is a certificate', 'signing/malformed', async () => certificates],
    ['that is there twice', 'signing/malformed', async () => (await signer.detached(bytes, now)).repeat(2)],
    ['without packets', 'signing/malformed', async () => writeArmour('PGP SIGNATURE', Buffer.from('hello'))],
  ])('%s is refused: %s', async (_what, code, make) => {
    await expect(verifier.detached(bytes, Buffer.from(await make()), now)).rejects.toMatchObject({ code })
  })

  test('of a version that nobody knows here is the same as none', async () => {
    const read = readArmour(await signer.detached(bytes, now))
    const packets = Buffer.from('packets' in read ? read.packets : [])
    // Behind the packet's tag and length, of one byte each for so short a one.
    packets[2] = 9
    const signature = Buffer.from(writeArmour('PGP SIGNATURE', packets))
    await expect(verifier.detached(bytes, signature, now)).rejects.toMatchObject({
      code: 'signing/unknown-signer',
      message: expect.stringContaining('known form'),
    })
  })
})

describe('certificates of which one has to be of a key that can sign an index', () => {
  test.each<readonly [Name, SigningKeyErrorCode, RegExp]>([
    ['rsa2048', 'signing/key-weak', /RSA with 2048 bits/],
    ['dsa', 'signing/key-weak', /DSA/],
    ['sha1', 'signing/key-weak-digest', /apt of Debian 13 refuses.*--cert-digest-algo SHA512/s],
    ['expired', 'signing/key-expired', /--quick-set-expire/],
  ])('%s', async (name, code, words) => {
    const { certificate, fingerprint } = keys[name]
    await expect(expectSigningCertificate(certificate, now)).rejects.toMatchObject({
      code,
      fingerprint,
      message: expect.stringMatching(words),
    })
    // An old one may stand beside it, for an index that is to be taken over.
    for (const all of [
      [certificate, keys.ed.certificate],
      [keys.rsa.certificate, certificate],
    ])
      await expect(expectSigningCertificate(all.join('\n'), now)).resolves.toBeUndefined()
  })

  test.each([
    ['nothing', ''],
    ['a secret key', () => keys.ed.secret],
    ['half of one', () => keys.ed.certificate.slice(0, 300)],
  ])('%s', async (_, text) => {
    await expect(expectSigningCertificate(typeof text === 'string' ? text : text(), now)).rejects.toMatchObject({
      code: 'signing/key-no-certificate',
    })
  })
})
