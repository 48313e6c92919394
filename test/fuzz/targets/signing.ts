import { instant } from '@stagegate/schema'
import { readArmour, writeArmour } from '../../../packages/uploader/src/signing/armour.js'
import { openSigner, openVerifier, SignatureError, SigningKeyError } from '../../../packages/uploader/src/signing/index.js'
import { mustHold, type Target } from '../target.js'

/** A key of these tests alone, with a subkey that signs, as GnuPG exports it. */
const secret = Buffer.from(
  `lFgEXgvhABYJKwYBBAHaRw8BAQdACktZbjxxxVwvUCkWKedYAXqH6UFVnrdYfaQQuxq+Rx8AAQDN14V7eoGuRCtujr7gKjLF4INYr7zAcomd4RUGTCURqBAc
    tAFUiJAEExYIADgWIQTABx6AiTLgb/yGuDNX0rL+Ch7ZJgUCXgvhAAIbAwULCQgHAgYVCgkICwIEFgIDAQIeAQIXgAAKCRBX0rL+Ch7ZJmxxAQD6D4XDSbJm
    +e0Sl7JyoPG8D84X92J66nt9gp/hRYrVLgD8CpHBFGg3nhf7mWXe3C+WxEnIQaLUpLZSaimBHUWQuwycWAReC+EAFgkrBgEEAdpHDwEBB0ABqm8fYgqFFwQ7
    Z01dWlqwJzHKSA2Q0u0BjaBGPHBbygABALUhS2RGt3ABV9YgmyBSnCPhj1YYQuDtFR2e2nSffiaYDfOI7wQYFggAIBYhBMAHHoCJMuBv/Ia4M1fSsv4KHtkm
    BQJeC+EAAhsCAIEJEFfSsv4KHtkmdiAEGRYIAB0WIQQGi/ClS40ZSjzm77Woz+HeVKG8KQUCXgvhAAAKCRCoz+HeVKG8KRBsAQCKbRQHhTHwM3jqcE146b1V
    FA6cpbKeHeatWbykH8BgqgD/VCn3SQ4mNPweTwVxELH9IEA90DIaw7g5WHfGSJPumwQgKgD/cw4u+IRsRHtHMQfFpzOrYaPfJhV+U1k0jKLYof1zZ4gA/Rio
    gyQgSJfe9H62l78djA8xWKTf7mbQ21I5IceQV3cG`,
  'base64',
)
const at = instant(new Date('2026-01-31T12:00:00Z'))
const armoured = writeArmour('PGP PRIVATE KEY BLOCK', secret)
const signer = await openSigner([{ armoured }], at)
const verifier = await openVerifier([signer.certificates])
const text = 'Origin: Acme\n-- \nSHA256:\n 00ff 12 main/binary-amd64/Packages\n'
const document = Buffer.from(await signer.clearsign(text, at))
const content = Buffer.from('<repomd/>\n')
const signature = Buffer.from(await signer.detached(content, at))

const frame = ['-----BEGIN PGP SIGNED MESSAGE-----\n', '-----BEGIN PGP SIGNATURE-----\n', '-----END PGP SIGNATURE-----\n', 'Hash: SHA512\n']
const blanks = ['\n', '\r\n', '\r', ' ', '\t', '- ', '\0', '=', '====']
/** Tags of packets, and heads of signatures. */
const packets = [
  '\x88',
  '\x94',
  '\x99',
  '\xb4',
  '\x9c',
  '\xc2',
  '\xc5',
  '\x04\x00\x16\x0a',
  '\x04\x01\x16\x0a',
  '\x04\x01\x01\x02',
  '\x06',
  '\xff',
]

export const signing: readonly Target[] = [
  {
    name: 'clearsigned',
    seeds: [document, Buffer.from(document.toString().replaceAll('\n', '\r\n'))],
    dictionary: [...frame, ...blanks],
    async read(input) {
      const { text: found, by } = await verifier.cleartext(input, at)
      // A text that nobody signed must not come out, however the document was changed.
      mustHold(Buffer.from(found).toString() === text.replace('-- \n', '--\n'), 'the text that was signed')
      mustHold(by.length === 1 && by[0] === signer.fingerprints[0], 'the key that signed it')
      return 'signed'
    },
    refuses: (error) => error instanceof SignatureError,
  },
  {
    name: 'signature',
    seeds: [packetsOf(signature)],
    dictionary: packets,
    async read(input) {
      const by = await verifier.detached(content, Buffer.from(writeArmour('PGP SIGNATURE', input)), at)
      mustHold(by.length === 1 && by[0] === signer.fingerprints[0], 'the key that signed it')
      return 'signed'
    },
    refuses: (error) => error instanceof SignatureError,
  },
  {
    name: 'secret-key',
    seeds: [secret],
    dictionary: packets,
    async read(input) {
      const { fingerprints, certificates } = await openSigner([{ armoured: writeArmour('PGP PRIVATE KEY BLOCK', input) }], at)
      mustHold(fingerprints.length === 1 && certificates.startsWith('-----BEGIN PGP PUBLIC KEY BLOCK-----\n'), 'one key')
      return 'a key'
    },
    refuses: (error) => error instanceof SigningKeyError,
  },
  {
    name: 'certificate',
    seeds: [packetsOf(Buffer.from(signer.certificates))],
    dictionary: packets,
    async read(input) {
      const reader = await openVerifier([input])
      const { by } = await reader.cleartext(document, at)
      mustHold(by[0] === signer.fingerprints[0], 'the key that signed it')
      return 'a certificate'
    },
    refuses: (error) => error instanceof SigningKeyError || error instanceof SignatureError,
  },
]

function packetsOf(block: Buffer): Uint8Array {
  const read = readArmour(block.toString())
  if ('because' in read) throw new Error(read.because)
  return read.packets
}
