/** The parts of a clearsigned document. */
export interface Clearsigned {
  /** The text in its canonical form. */
  readonly text: Uint8Array
  /** The bytes that the signatures cover. */
  readonly signed: Uint8Array
  /** The armoured signatures. */
  readonly signature: string
  /** The digests that the header names: `SHA512`. gpgv refuses a signature with another one. */
  readonly hashes: readonly string[]
}

/** Why bytes are not one clearsigned document, as a clause without a subject. */
export interface NotClearsigned {
  readonly because: string
}

const first = '-----BEGIN PGP SIGNED MESSAGE-----'
const middle = '-----BEGIN PGP SIGNATURE-----'
const last = '-----END PGP SIGNATURE-----'

/**
 * A text as readers of a clearsigned document get it: LF at line ends, no spaces, tabs or CRs before them, and an LF at the end. Nothing
 * else of a text is signed (RFC 9580, section 7.2).
 */
export function canonicalText(text: string): string {
  const lines = text.split('\n').map(trimmed)
  if (lines.length > 1 && lines.at(-1) === '') lines.pop()
  return `${lines.join('\n')}\n`
}

/** GnuPG refuses a line of 20,000 bytes or more in a clearsigned document (MAX_LINELEN of its armour filter). */
const longestLine = 19_000

/** Why readers would get a different text than this canonical one, as a clause without a subject. */
export function faultOfText(text: string): string | undefined {
  if (text.includes('\0')) return 'contains a NUL character'
  const at = text.split('\n').findIndex((line) => Buffer.byteLength(line) > longestLine)
  return at === -1 ? undefined : `has more than ${longestLine} bytes in line ${at + 1}`
}

/** Writes a clearsigned document. The text is canonical; the hashes are the signatures': `SHA512`. */
export function writeClearsigned(text: string, hashes: readonly string[], signature: string): string {
  const escaped = text.replaceAll(/^-/gm, '- -')
  return `${first}\nHash: ${hashes.join(',')}\n\n${escaped}${signature}`
}

/** Reads a document that is exactly one clearsigned text: nothing surrounds it, and everything that looks signed is signed. */
export function readClearsigned(document: Uint8Array): Clearsigned | NotClearsigned {
  // Every byte is one character, so bytes that are not UTF-8 stay as they are.
  const text = Buffer.from(document).toString('latin1')
  // apt ignores the rest of the line.
  if (text.includes('\0')) return { because: 'contains a NUL character' }
  const lines = text.split('\n').map((line) => line.replace(/\r$/, ''))
  if (lines.at(-1) === '') lines.pop()
  if (lines[0] !== first) return { because: `does not begin with the line ${first}` }
  const blank = lines.indexOf('')
  const headers = lines.slice(1, Math.max(blank, 1))
  if (blank < 2 || !headers.every((line) => /^Hash: [A-Z0-9, -]+$/.test(line)))
    return { because: 'has no Hash header above its text, or has other headers' }
  const border = lines.indexOf(middle, blank)
  if (border === -1) return { because: 'has no signature' }
  if (lines.indexOf(last) !== lines.length - 1) return { because: 'does not end with its signature' }
  const body = lines.slice(blank + 1, border)
  if (body.some((line) => /^-(?! )/.test(line))) return { because: 'contains a line that begins with an unescaped dash' }
  return {
    ...textOf(body),
    signature: lines.slice(border).join('\n'),
    hashes: headers.flatMap((line) => line.slice('Hash: '.length).split(/, ?/)),
  }
}

function textOf(body: readonly string[]): Pick<Clearsigned, 'text' | 'signed'> {
  const lines = body.map((line) => trimmed(line.replace(/^- /, '')))
  return { text: Buffer.from(`${lines.join('\n')}\n`, 'latin1'), signed: Buffer.from(lines.join('\r\n'), 'latin1') }
}

/** Without trailing blanks. A loop, since an expression would check every blank before other text again and again. */
function trimmed(line: string): string {
  let end = line.length
  while (end > 0 && ' \t\r'.includes(line.charAt(end - 1))) end--
  return line.slice(0, end)
}
