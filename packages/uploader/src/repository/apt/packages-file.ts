import { bytes, type Content, isSha256, sha256 } from '@stagegate/schema'
import { IndexBroken } from '../../contract/capabilities.js'
import { storePath } from '../../store/index.js'
import type { Entry } from '../indexed/layout.js'

/** A package as a Packages file lists it. */
export interface AptEntry extends Entry {
  readonly name: string
  readonly version: string
  readonly architecture: string
  /** All fields as they are written, one character for each byte, without the empty line after them. */
  readonly stanza: string
}

/** Fields that the index sets, whatever the package says. */
const ours: ReadonlySet<string> = new Set(['filename', 'size', 'md5sum', 'sha1', 'sha256', 'sha512', 'status'])

/** The fields of a stanza that identify it. */
const wanted = /^(Package|Version|Architecture|Filename|Size|SHA256):[ \t]*(.*)$/i

export function keyOf({ name, version, architecture }: { readonly name: string; readonly version: string; readonly architecture: string }) {
  return `${name} ${version} ${architecture}`
}

/** A stanza from a package's control file. */
export function stanzaOf(control: string, filename: string, { sha256, size }: Content): string {
  const fields: string[] = []
  for (const line of control.replace(/\n+$/, '').split('\n')) {
    if (/^[ \t]/.test(line)) fields.push(`${fields.pop() ?? ''}\n${line}`)
    else fields.push(line)
  }
  const nameOf = (field: string) => field.slice(0, field.indexOf(':')).toLowerCase()
  const its = fields.filter((field) => !ours.has(nameOf(field)))
  const first = its.filter((field) => nameOf(field) === 'package')
  const others = its.filter((field) => nameOf(field) !== 'package')
  return [...first, ...others, `Filename: ${filename}`, `Size: ${size}`, `SHA256: ${sha256}`].join('\n')
}

/**
 * The packages of a Packages file.
 * @param root the folder of the tree in its store, with a slash at its end, or empty
 * @throws {IndexBroken} a stanza without a field that clients need, or two stanzas of one package with different bytes
 */
export function parsePackages(text: string, root: string, where: string): ReadonlyMap<string, AptEntry> {
  const entries = new Map<string, AptEntry>()
  for (const stanza of text.replace(/\r\n/g, '\n').split(/\n(?:[ \t]*\n)+/)) {
    const trimmed = stanza.replace(/^\n+|\n+$/g, '')
    if (trimmed === '') continue
    const entry = entryOf(trimmed, root, where)
    const known = entries.get(entry.key)
    // Clients use the first of two.
    if (known !== undefined && known.content.sha256 !== entry.content.sha256)
      throw new IndexBroken(`${where} lists ${entry.key} twice, with different bytes`)
    if (known === undefined) entries.set(entry.key, entry)
  }
  return entries
}

function entryOf(stanza: string, root: string, where: string): AptEntry {
  const fields = new Map<string, string>()
  for (const line of stanza.split('\n')) {
    const [, name, value] = wanted.exec(line) ?? []
    if (name !== undefined && value !== undefined) fields.set(name.toLowerCase(), value.trimEnd())
  }
  const field = (name: string): string => {
    const value = fields.get(name.toLowerCase())
    if (value === undefined || value === '') throw new IndexBroken(`${where} has a package without ${name}: ${shown(stanza)}`)
    return value
  }
  const [name, version, architecture] = [field('Package'), field('Version'), field('Architecture')]
  const [digest, size] = [field('SHA256').toLowerCase(), field('Size')]
  if (!isSha256(digest) || !/^\d{1,15}$/.test(size)) throw new IndexBroken(`${where} has a package with an invalid digest or size: ${name}`)
  const place = storePath(root + Buffer.from(field('Filename').replace(/^(?:\.\/)+/, ''), 'latin1').toString('utf8'))
  const content = { sha256: sha256(digest), size: bytes(Number(size)) }
  return { key: keyOf({ name, version, architecture }), place, content, name, version, architecture, stanza }
}

function shown(stanza: string): string {
  return JSON.stringify(stanza.slice(0, 100))
}

/** Writes a Packages file. The same packages give the same bytes. */
export function writePackages(entries: Iterable<AptEntry>): Buffer {
  const sorted = [...entries].sort(
    (a, b) => compare(a.name, b.name) || compare(a.version, b.version) || compare(a.architecture, b.architecture),
  )
  return Buffer.from(sorted.map(({ stanza }) => `${stanza}\n\n`).join(''), 'latin1')
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
