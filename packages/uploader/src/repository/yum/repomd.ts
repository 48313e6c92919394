import { reading } from './broken.js'
import { inAttribute } from './escape.js'
import { attributeOf, checksumIn, onlyField, wholeNumber } from './fields.js'
import { type Kind, kinds, ofEach, type PerKind } from './kinds.js'
import type { PackedDocument, RepomdRecord } from './packed.js'
import { type Attributes, type Child, readChildren } from './xml.js'

/** A repomd.xml: the file that names all others of a repository. */
export interface Repomd {
  /** The attributes of its root. */
  readonly attributes: Attributes
  /** The documents that list its packages. */
  readonly documents: PerKind<RepomdRecord>
  /**
   * Everything else that stays true when packages are added, unchanged: first the description of the repository, then its other documents.
   */
  readonly kept: { readonly heads: readonly Uint8Array[]; readonly records: readonly Uint8Array[] }
  /** The types of the records that `writeRepomd` leaves out. */
  readonly outdated: readonly string[]
  /** The latest time in it, the revision's or a document's, in seconds since 1970. */
  readonly time: number
}

const rootAttributes: Attributes = { xmlns: 'http://linux.duke.edu/metadata/repo', 'xmlns:rpm': 'http://linux.duke.edu/metadata/rpm' }
/** In bytes. Those of large distributions have about 10 KiB. */
const largest = 1024 * 1024
const fields: ReadonlySet<string> = new Set(['checksum', 'location', 'timestamp', 'size', 'open-size'])
const name = 'repomd.xml'

/**
 * Reads a repomd.xml, whichever tool wrote it.
 * @throws {IndexBroken} if it is not well-formed, or does not name exactly one document of each kind by its checksum and a path
 */
export function readRepomd(bytes: Uint8Array): Repomd {
  return reading(name, () => {
    if (bytes.length > largest) throw new Error(`it has more than ${largest} bytes`)
    const documents = new Map<string, RepomdRecord>()
    const heads: Uint8Array[] = []
    const records: Uint8Array[] = []
    const outdated: string[] = []
    let time = 0
    const onChild = (child: Child) => {
      time = Math.max(time, timeIn(child))
      if (child.name === 'revision' || child.name === 'contenthash') return
      if (child.name !== 'data') {
        heads.push(child.bytes)
        return
      }
      const type = attributeOf(child, 'type')
      if (documents.has(type)) throw new Error(`it names ${type} twice`)
      if (isKind(type)) documents.set(type, recordIn(child))
      else if (copies.test(type)) outdated.push(type)
      else records.push(child.bytes)
    }
    const attributes = readChildren(bytes, { root: 'repomd', fields, onChild })
    const found = ofEach((kind) => {
      const record = documents.get(kind)
      if (record === undefined) throw new Error(`it does not name ${kind}`)
      return record
    })
    return { attributes, documents: found, kept: { heads, records }, outdated, time }
  })
}

/**
 * The same packages in another form: sqlite for yum 3, zchunk, files with hashes. Clients that know a form prefer it (librepo takes
 * `primary_zck` for `primary`, yum 3 takes `primary_db`), and would not see added packages. Without the form they read the document.
 */
const copies = new RegExp(`^(${kinds.join('|')})[_-]`)

function isKind(type: string): type is Kind {
  return kinds.some((kind) => kind === type)
}

function recordIn(child: Child): RepomdRecord {
  const location = onlyField(child, 'location')
  const href = attributeOf(location, 'href')
  const isBelow = location.attributes['xml:base'] === undefined && href.split('/').every((part) => !/^\.{0,2}$/.test(part))
  // A store refuses such a path, or it means something else in a URL.
  if (!isBelow || /[^\x21-\x7e]|[\\?#%:]/.test(href))
    throw new Error(`it names a document at ${location.attributes['xml:base'] ?? ''} ${href}`)
  const size = (name: string) => {
    const field = child.fields.find((one) => one.name === name)
    return field === undefined ? undefined : wholeNumber(field.text, `<${name}>`)
  }
  return { checksum: checksumIn(onlyField(child, 'checksum')), size: size('size'), openSize: size('open-size'), href }
}

/** 0 if there is none, or a revision is a word. createrepo_c allows any text, and rounds no time down. */
function timeIn(child: Child): number {
  const text = child.name === 'revision' ? textOf(child) : child.fields.find((field) => field.name === 'timestamp')?.text
  return /^\s*\d{1,12}(\.\d+)?\s*$/.test(text ?? '') ? Math.ceil(Number(text)) : 0
}

/** The text of an element that has nothing else. */
function textOf({ bytes }: Child): string {
  const text = Buffer.from(bytes).toString('utf8')
  return text.slice(text.indexOf('>') + 1, text.lastIndexOf('<'))
}

/**
 * Writes a repomd.xml that names these documents. Its time is later than everything in the previous one, so no client takes it for older.
 * @param now in seconds since 1970
 */
export function writeRepomd(documents: PerKind<PackedDocument>, now: number, before?: Repomd): Buffer {
  const time = Math.max(Math.floor(now), (before?.time ?? -1) + 1)
  const attributes = Object.entries(before?.attributes ?? rootAttributes).map(([name, value]) => ` ${name}="${inAttribute(value)}"`)
  const lines = (parts: readonly Uint8Array[] = []) => parts.flatMap((part) => [Buffer.from('  '), part, Buffer.from('\n')])
  return Buffer.concat([
    Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n<repomd${attributes.join('')}>\n  <revision>${time}</revision>\n`),
    ...lines(before?.kept.heads),
    ...kinds.map((kind) => Buffer.from(record(kind, documents[kind], time))),
    ...lines(before?.kept.records),
    Buffer.from('</repomd>\n'),
  ])
}

function record(kind: Kind, document: PackedDocument, time: number): string {
  return `  <data type="${kind}">
    <checksum type="sha256">${document.sha256}</checksum>
    <open-checksum type="sha256">${document.open.sha256}</open-checksum>
    <location href="${inAttribute(document.href)}"/>
    <timestamp>${time}</timestamp>
    <size>${document.bytes.length}</size>
    <open-size>${document.open.size}</open-size>
  </data>
`
}
