/** The kinds of armoured text that this folder reads. */
export type ArmourKind = 'PGP PRIVATE KEY BLOCK' | 'PGP PUBLIC KEY BLOCK' | 'PGP SIGNATURE'

/** One armoured block: its kind, from the first line, and its packets. */
export interface Armoured {
  readonly kind: string
  readonly packets: Uint8Array
}

/** Why a text is not one armoured block, as a clause without a subject. It quotes nothing, since the text can be a secret. */
export interface NotArmoured {
  readonly because: string
}

/**
 * Reads a text that is exactly one armoured block: only white space may surround it. The library has a reader too, but it skips text around
 * the block, ignores a second block, and quotes lines in its errors.
 */
export function readArmour(text: string): Armoured | NotArmoured {
  const lines = text
    .trim()
    .split('\n')
    .map((line) => line.trimEnd())
  const kind = /^-----BEGIN (PGP [A-Z ]{1,40})-----$/.exec(lines[0] ?? '')?.[1]
  if (kind === undefined) return { because: 'does not begin with the line -----BEGIN PGP ...-----' }
  const end = lines.indexOf(`-----END ${kind}-----`)
  if (end === -1) return { because: `has no line -----END ${kind}-----` }
  if (end !== lines.length - 1) return { because: 'has text after its first block' }
  const blank = lines.indexOf('')
  if (blank === -1 || !lines.slice(1, blank).every((line) => /^[A-Za-z]+: /.test(line)))
    return { because: 'has no blank line between its first line and its content' }
  return decode(kind, lines.slice(blank + 1, end))
}

function decode(kind: string, lines: readonly string[]): Armoured | NotArmoured {
  const checksum = /^=([A-Za-z0-9+/]{4})$/.exec(lines.at(-1) ?? '')?.[1]
  const base64 = (checksum === undefined ? lines : lines.slice(0, -1)).join('')
  const padding = base64.endsWith('==') ? 2 : base64.endsWith('=') ? 1 : 0
  // Searches for one wrong character: a pattern for all of a long text would need a deep stack.
  if (base64.length % 4 !== 0 || base64.length === padding || /[^A-Za-z0-9+/]/.test(base64.slice(0, base64.length - padding)))
    return { because: 'has content that is not base64' }
  const packets = Buffer.from(base64, 'base64')
  if (checksum !== undefined && Buffer.from(checksum, 'base64').readUIntBE(0, 3) !== crc24(packets))
    return { because: 'does not match its own checksum' }
  return { kind, packets }
}

/** Writes a block as GnuPG does: older versions require the checksum, and apt of Debian 11 a blank line after the first. */
export function writeArmour(kind: ArmourKind, packets: Uint8Array): string {
  const bytes = Buffer.from(packets)
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? []
  const checksum = Buffer.alloc(3)
  checksum.writeUIntBE(crc24(bytes), 0, 3)
  return [`-----BEGIN ${kind}-----`, '', ...lines, `=${checksum.toString('base64')}`, `-----END ${kind}-----`, ''].join('\n')
}

/** RFC 9580, section 6.1.1. */
function crc24(bytes: Uint8Array): number {
  let crc = 0xb704ce
  for (const byte of bytes) {
    crc ^= byte << 16
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x800000 ? ((crc << 1) ^ 0x864cfb) & 0xffffff : crc << 1
  }
  return crc
}
