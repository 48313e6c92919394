import { bytes, type Content, type Instant, instant, isSha256, type PackageCoordinates, type Sha256, sha256 } from '@stagegate/schema'
import { IndexBroken } from '../../contract/capabilities.js'
import { type StorePath, storePath } from '../../store/index.js'
import type { Catalogue, Entry, Listing, PlainFile, ReadFile, State, Writing } from '../indexed/layout.js'
import type { RecentCache } from '../indexed/recent.js'
import { type Kind, kinds, type PerKind } from './kinds.js'
import { type Metadata, mergePackages, noMetadata, writeDocument } from './metadata.js'
import { expectNamed, type PackedDocument, packDocument, unpackDocument } from './packed.js'
import { readMetadata } from './read-metadata.js'
import { type Repomd, writeRepomd } from './repomd.js'
import { signRepomd } from './signed-repomd.js'
import type { Checksum, YumPackage } from './yum-package.js'

/** A package as the index lists it. */
export interface YumEntry extends Entry {
  readonly listed: YumPackage
}

/** The parts of a `YumCatalogue`. */
export interface YumCatalogueParts {
  /** The folder above `repodata` in its store. */
  readonly folder: string
  readonly files: ReadFile
  /** `undefined`: the repository is new. */
  readonly repomd: Repomd | undefined
  /** The file itself, as clients read it. */
  readonly top: Buffer | undefined
  readonly former: Sha256 | undefined
  /** Whether a separate signature is wanted. */
  readonly isSigned: boolean
  /** Its packages after a change. @default those that were read */
  readonly changed?: Metadata | undefined
  /** Documents that were already parsed or written, by `nameOf`. */
  readonly parsed: RecentCache<Metadata>
}

/** One state of a repository. Its documents are read when they are needed. */
export class YumCatalogue implements Catalogue<YumEntry> {
  readonly date: Instant | undefined
  readonly former: Sha256 | undefined
  readonly #parts: YumCatalogueParts
  #metadata: Promise<Metadata> | undefined
  #keyed: Promise<ReadonlyMap<string, YumPackage>> | undefined

  constructor(parts: YumCatalogueParts) {
    this.#parts = parts
    this.date = parts.repomd && instant(parts.repomd.time * 1000)
    this.former = parts.former
  }

  async find(at: PackageCoordinates): Promise<Entry | undefined> {
    const key = keyOf(at)
    const listed = (await this.#byKey()).get(key)
    return listed && { key, place: this.#placeOf(listed), content: contentOf(listed) }
  }

  async beside(): Promise<readonly Listing[]> {
    return (await this.#read()).packages.map((one) => ({ key: keyOfListed(one), digest: `${one.checksum.type}:${one.checksum.value}` }))
  }

  async with(entries: readonly YumEntry[]): Promise<YumCatalogue> {
    const { metadata, conflicts } = mergePackages(
      await this.#read(),
      entries.map(({ listed }) => listed),
    )
    const [conflict] = conflicts
    if (conflict !== undefined) throw new IndexBroken(`${keyOfListed(conflict.added)} is listed with different bytes`)
    return new YumCatalogue({ ...this.#parts, changed: metadata })
  }

  async write({ at, former, signing }: Writing): Promise<State> {
    const { folder, repomd, parsed } = this.#parts
    const metadata = await this.#read()
    // One after the other: each is large.
    const packed: Partial<Record<Kind, PackedDocument>> = {}
    for (const kind of kinds) packed[kind] = await packDocument(kind, writeDocument(metadata, kind))
    // The cast: each kind has one now.
    const documents = packed as PerKind<PackedDocument>
    parsed.set(
      nameOf((kind) => ({ type: 'sha256', value: documents[kind].sha256 })),
      metadata,
    )
    const written = writeRepomd(documents, Date.parse(at) / 1000, repomd)
    const top = { path: below(folder, 'repodata/repomd.xml'), bytes: await signRepomd(written, former, signing, at) }
    return { lower: kinds.map((kind) => ({ path: below(folder, documents[kind].href), bytes: documents[kind].bytes })), top }
  }

  plain(): readonly PlainFile[] {
    const { folder, top, isSigned } = this.#parts
    if (top === undefined) return []
    return [{ is: 'signature', path: below(folder, 'repodata/repomd.xml.asc'), of: top, isWanted: isSigned }]
  }

  #read(): Promise<Metadata> {
    this.#metadata ??= this.#readDocuments().catch((error: unknown) => {
      this.#metadata = undefined
      throw error
    })
    return this.#metadata
  }

  /** Clients see the first of two with the same identity. */
  #byKey(): Promise<ReadonlyMap<string, YumPackage>> {
    this.#keyed ??= this.#read().then(({ packages }) => new Map(packages.toReversed().map((one) => [keyOfListed(one), one])))
    this.#keyed.catch(() => {
      this.#keyed = undefined
    })
    return this.#keyed
  }

  /** Reads the stored documents, and parses those that were not parsed yet. */
  async #readDocuments(): Promise<Metadata> {
    const { changed, repomd, files, folder, parsed } = this.#parts
    if (changed !== undefined) return changed
    if (repomd === undefined) return noMetadata
    const packed: Partial<Record<Kind, Buffer>> = {}
    for (const kind of kinds) {
      const record = repomd.documents[kind]
      const bytes = await files(below(folder, record.href))
      if (bytes === undefined) throw new IndexBroken(`${below(folder, record.href)} is named by repomd.xml, but is gone`)
      expectNamed(record, bytes)
      packed[kind] = bytes
    }
    const name = nameOf((kind) => repomd.documents[kind].checksum)
    const known = parsed.get(name)
    if (known !== undefined) return known
    const documents: Partial<Record<Kind, Uint8Array>> = {}
    // The cast: each kind has a file now.
    for (const kind of kinds) documents[kind] = await unpackDocument(repomd.documents[kind], packed[kind] as Buffer)
    // The cast: each kind has one now.
    const metadata = readMetadata(documents as PerKind<Uint8Array>)
    parsed.set(name, metadata)
    return metadata
  }

  #placeOf({ href, base }: YumPackage): StorePath {
    if (base !== undefined) throw new IndexBroken(`${href} is listed at another address, ${base}`)
    return below(this.#parts.folder, href.replace(/^(?:\.\/)+/, ''))
  }
}

/** The name of a set of documents: their checksums. */
function nameOf(checksumOf: (kind: Kind) => Checksum): string {
  return kinds.map((kind) => `${checksumOf(kind).type}:${checksumOf(kind).value}`).join(' ')
}

export function below(folder: string, name: string): StorePath {
  return storePath(`${folder}/${name}`)
}

/** A package's name, complete version and architecture. */
export function keyOf({ name, version, architecture }: Pick<PackageCoordinates, 'name' | 'version' | 'architecture'>): string {
  // Source packages without sources are listed like the others.
  return `${name} ${version} ${architecture === 'nosrc' ? 'src' : architecture}`
}

function keyOfListed({ name, epoch, version, release, arch }: YumPackage): string {
  return keyOf({ name, version: `${epoch === '0' ? '' : `${epoch}:`}${version}-${release}`, architecture: arch })
}

/** @throws {IndexBroken} it is listed with a different digest */
function contentOf({ name, checksum, size }: YumPackage): Content {
  if (checksum.type !== 'sha256' || !isSha256(checksum.value))
    throw new IndexBroken(`${name} is listed by its ${checksum.type} instead of its sha256, so it cannot be compared`)
  return { sha256: sha256(checksum.value), size: bytes(size ?? 0) }
}
