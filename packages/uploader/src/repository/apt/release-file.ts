import { type Bytes, bytes, type Content, type Instant, instant, isSha256, sha256 } from '@stagegate/schema'
import { IndexBroken } from '../../contract/capabilities.js'

/** A Release file: https://wiki.debian.org/DebianRepository/Format#A.22Release.22_files */
export interface ReleaseFile {
  /** All fields except the lists of digests, as they are written and in their order. */
  readonly fields: ReadonlyMap<string, string>
  /** The files that it lists, by their paths below the suite. */
  readonly files: ReadonlyMap<string, Content>
}

/** Lists of digests. Only SHA256 is read and written: clients use the strongest that is listed. */
const digests: readonly string[] = ['MD5Sum', 'SHA1', 'SHA256', 'SHA512']

/** @throws {IndexBroken} if two readers could understand the text differently */
export function parseRelease(text: string, where: string): ReleaseFile {
  const broken = (what: string) => new IndexBroken(`${where} ${what}`)
  const fields = new Map<string, string>()
  let last: string | undefined
  for (const line of text.replace(/\r\n/g, '\n').replace(/\n+$/, '').split('\n')) {
    if (/^[ \t]/.test(line) && last !== undefined) fields.set(last, `${fields.get(last)}\n${line}`)
    else {
      const [, name, value = ''] = /^([!-9;-~]+):[ \t]*(.*)$/.exec(line) ?? []
      if (name === undefined) throw broken(`has a line that is not a field: ${JSON.stringify(line.slice(0, 100))}`)
      last = known(name)
      if (fields.has(last)) throw broken(`has two fields ${last}`)
      fields.set(last, value.trimEnd())
    }
  }
  const list = fields.get('SHA256')
  if (list === undefined) throw broken('lists no files by SHA256')
  for (const name of digests) fields.delete(name)
  return { fields, files: new Map(list.split('\n').flatMap((line) => listed(line, broken))) }
}

function listed(line: string, broken: (what: string) => Error): readonly [string, Content][] {
  if (line.trim() === '') return []
  const [digest = '', size = '', name = '', ...more] = line.trim().split(/[ \t]+/)
  if (!isSha256(digest) || !/^\d{1,15}$/.test(size) || name === '' || more.length > 0)
    throw broken(`lists a file in an unknown form: ${JSON.stringify(line.slice(0, 200))}`)
  return [[name, { sha256: sha256(digest), size: bytes(Number(size)) }]]
}

/** Names of fields are not case-sensitive. */
function known(name: string): string {
  return order.find((own) => own.toLowerCase() === name.toLowerCase()) ?? name
}

const order = [
  'Origin',
  'Label',
  'Suite',
  'Codename',
  'Version',
  'Date',
  'NotAutomatic',
  'ButAutomaticUpgrades',
  'Acquire-By-Hash',
  'Architectures',
  'Components',
  'Description',
  'X-Stagegate-Former',
  ...digests,
]

/** Writes a Release file. The same content gives the same text. */
export function writeRelease({ fields, files }: ReleaseFile): string {
  const rank = (name: string) => (order.includes(name) ? order.indexOf(name) : order.length)
  const sorted = [...fields].sort(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1))
  const list = [...files].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, { sha256, size }]) => ` ${sha256} ${pad(size)} ${name}`)
  return `${[...sorted.map(([name, value]) => `${name}: ${value}`.trimEnd()), 'SHA256:', ...list].join('\n')}\n`
}

function pad(size: Bytes): string {
  return String(size).padStart(8)
}

/** A date in the form of Release files: `Mon, 30 Nov 2026 00:00:00 +0000`. */
export function releaseDate(at: Instant): string {
  return new Date(at).toUTCString().replace('GMT', '+0000')
}

/** The date of a Release file; `undefined` if there is none. */
export function dateIn({ fields }: ReleaseFile, where: string): Instant | undefined {
  const text = fields.get('Date')
  if (text === undefined) return undefined
  const time = Date.parse(text)
  if (Number.isNaN(time)) throw new IndexBroken(`${where} has a Date that cannot be read: ${JSON.stringify(text.slice(0, 100))}`)
  return instant(time)
}
