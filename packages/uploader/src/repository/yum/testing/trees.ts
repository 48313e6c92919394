import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { sha256 } from '@stagegate/schema'
import { inMemory } from '../../../package/bytes.js'
import { describeRpm } from '../../../package/rpm-describe.js'
import { entryOf } from '../entry.js'
import { type Kind, kinds, type PerKind } from '../kinds.js'
import { type Metadata, writeDocument } from '../metadata.js'
import { type PackedDocument, packDocument, unpackDocument } from '../packed.js'
import { readMetadata } from '../read-metadata.js'
import { type Repomd, readRepomd, writeRepomd } from '../repomd.js'
import type { YumPackage } from '../yum-package.js'

/** The entry of a file, by its path in a folder. */
export async function entryIn(folder: string, href: string): Promise<YumPackage> {
  const bytes = await readFile(join(folder, href))
  const digest = sha256(createHash('sha256').update(bytes).digest('hex'))
  return entryOf(await describeRpm(inMemory(href, bytes)), { sha256: digest, size: bytes.length, href })
}

/** The entries of all packages below a folder. */
export async function entriesIn(folder: string): Promise<readonly YumPackage[]> {
  const paths = (await readdir(folder, { recursive: true })).filter((path) => path.endsWith('.rpm')).sort()
  return Promise.all(paths.map((path) => entryIn(folder, path)))
}

/** All of an index, as a repository reads it. */
export async function readTree(folder: string): Promise<{ readonly repomd: Repomd; readonly metadata: Metadata }> {
  const repomd = readRepomd(await readFile(join(folder, 'repodata/repomd.xml')))
  const documents = await ofEachKind(async (kind) => {
    const record = repomd.documents[kind]
    return unpackDocument(record, await readFile(join(folder, record.href)))
  })
  return { repomd, metadata: readMetadata(documents) }
}

/** Writes an index into a folder, as a repository does. */
export async function writeTree(folder: string, metadata: Metadata, now: number, before?: Repomd): Promise<PerKind<PackedDocument>> {
  const packed = await ofEachKind((kind) => packDocument(kind, writeDocument(metadata, kind)))
  const files = [...kinds.map((kind) => [packed[kind].href, packed[kind].bytes] as const)]
  for (const [path, bytes] of [...files, ['repodata/repomd.xml', writeRepomd(packed, now, before)] as const]) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), bytes)
  }
  return packed
}

async function ofEachKind<T>(make: (kind: Kind) => Promise<T>): Promise<PerKind<T>> {
  return { primary: await make('primary'), filelists: await make('filelists'), other: await make('other') }
}
