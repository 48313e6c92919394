import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import type { Content } from '@stagegate/schema'
import { IndexBroken } from '../../contract/capabilities.js'
import { contentOf } from '../../contract/content-of.js'
import { type Compression, decompress } from '../../package/decompress.js'
import { type StorePath, storePath } from '../../store/index.js'
import type { ReadFile, TreeFile } from '../indexed/layout.js'
import { type AptEntry, parsePackages, writePackages } from './packages-file.js'

/** The packed forms of an index that can be read; the first one is written. */
const forms: readonly Compression[] = ['.gz', '', '.xz', '.zst']
/** In bytes, unpacked: about 200,000 packages. */
const largest = 512 * 1024 * 1024

/** The place of a suite. */
export interface SuitePlace {
  /** The folder of the tree in its store, with a slash at its end, or empty. */
  readonly root: string
  readonly suite: string
}

export function below({ root, suite }: SuitePlace, name: string): StorePath {
  return storePath(`${root}dists/${suite}/${name}`)
}

/** Next to an index, under the digest of the stored bytes. */
export function byHash(place: SuitePlace, name: string, { sha256 }: Pick<Content, 'sha256'>): StorePath {
  const folder = name.includes('/') ? name.slice(0, name.lastIndexOf('/') + 1) : ''
  return below(place, `${folder}by-hash/SHA256/${sha256}`)
}

/** The packages of one index, `main/binary-amd64`, also of a tree that another tool wrote. */
export async function readIndex(
  index: string,
  listed: ReadonlyMap<string, Content>,
  place: SuitePlace,
  files: ReadFile,
): Promise<ReadonlyMap<string, AptEntry>> {
  const its = forms.flatMap((form) => {
    const content = listed.get(`${index}/Packages${form}`)
    return content === undefined ? [] : [{ form, name: `${index}/Packages${form}`, content }]
  })
  if (its.some(({ content }) => content.size === 0)) return new Map()
  const where = below(place, `${index}/Packages`)
  for (const { form, name, content } of its) {
    const packed = await readListed(name, content, place, files)
    if (packed !== undefined) return parsePackages((await unpacked(packed, form, where)).toString('latin1'), place.root, where)
  }
  throw new IndexBroken(
    its.length === 0 ? `${where} is not listed in any readable form` : `${where} is listed, but every readable form of it is gone`,
  )
}

/** @throws {IndexBroken} different bytes are there */
async function readListed(name: string, content: Content, place: SuitePlace, files: ReadFile): Promise<Buffer | undefined> {
  const hashed = await files(byHash(place, name, content))
  const found = hashed ?? (await files(below(place, name)))
  if (found === undefined || contentOf(found).sha256 === content.sha256) return found
  throw new IndexBroken(`${below(place, name)} differs from what is listed`)
}

async function unpacked(packed: Buffer, form: Compression, where: string): Promise<Buffer> {
  try {
    if (form === '.gz') return await promisify(gunzip)(packed, { maxOutputLength: largest })
    return Buffer.from(await decompress(packed, form, largest, where))
  } catch {
    throw new IndexBroken(`${where}${form} cannot be decompressed`)
  }
}

/** The files of one index, and their entries in the Release file. The unpacked form is listed, as clients need that, but is not stored. */
export async function writeIndex(
  index: string,
  entries: Iterable<AptEntry>,
  place: SuitePlace,
): Promise<{ readonly listed: readonly (readonly [string, Content])[]; readonly lower: readonly TreeFile[] }> {
  const plain = writePackages(entries)
  const name = `${index}/Packages.gz`
  const packed = await promisify(gzip)(plain, { level: 6 })
  const content = contentOf(packed)
  return {
    listed: [
      [`${index}/Packages`, contentOf(plain)],
      [name, content],
    ],
    lower: [{ path: byHash(place, name, content), bytes: packed }],
  }
}

/** Whether a file belongs to an index and would be out of date once the index has changed: other packed forms, and lists of differences. */
export function isFormOf(index: string, name: string): boolean {
  return /^Packages(?:\.(?:gz|xz|bz2|lzma|lz4|zst)|\.diff\/.*)?$/.test(name.startsWith(`${index}/`) ? name.slice(index.length + 1) : '')
}
