import { type Content, type Instant, isSha256, type PackageCoordinates, type Sha256, StagegateError, sha256 } from '@stagegate/schema'
import { digestOf } from '../../contract/content-of.js'
import type { Catalogue, Listing, PlainFile, ReadFile, State, Writing } from '../indexed/layout.js'
import { below, byHash, isFormOf, readIndex, type SuitePlace, writeIndex } from './index-files.js'
import { type AptEntry, keyOf } from './packages-file.js'
import { dateIn, type ReleaseFile, releaseDate, writeRelease } from './release-file.js'
import type { AptSettings } from './settings.js'

/** The parts of an `AptCatalogue`. */
export interface AptCatalogueParts {
  readonly place: SuitePlace
  readonly settings: AptSettings
  readonly files: ReadFile
  /** `undefined`: the suite is new. */
  readonly release: ReleaseFile | undefined
  /** The text of that file, as it was signed. */
  readonly text: string
  /** Indices that have changed since they were read. @default none */
  readonly changed?: ReadonlyMap<string, ReadonlyMap<string, AptEntry>>
}

type Entries = ReadonlyMap<string, AptEntry>

/** The suite before its first package. */
const nothing: ReleaseFile = { fields: new Map(), files: new Map() }

/** One state of a suite. Indices are read when they are needed. */
export class AptCatalogue implements Catalogue<AptEntry> {
  readonly date: Instant | undefined
  readonly former: Sha256 | undefined
  readonly #parts: AptCatalogueParts
  readonly #release: ReleaseFile
  readonly #read = new Map<string, Promise<Entries>>()

  constructor(parts: AptCatalogueParts) {
    this.#parts = parts
    this.#release = parts.release ?? nothing
    this.date = dateIn(this.#release, this.#where)
    const former = this.#release.fields.get('X-Stagegate-Former') ?? ''
    this.former = isSha256(former) ? sha256(former) : undefined
  }

  async find(at: PackageCoordinates): Promise<AptEntry | undefined> {
    for (const index of this.#indicesFor(at.architecture)) {
      const found = (await this.#entriesOf(index)).get(keyOf(at))
      if (found !== undefined) return found
    }
    return undefined
  }

  async beside(at: PackageCoordinates): Promise<readonly Listing[]> {
    const each = await Promise.all(this.#indicesFor(at.architecture).map((index) => this.#entriesOf(index)))
    return each.flatMap((entries) => [...entries.values()].map(({ key, content }) => ({ key, digest: content.sha256 })))
  }

  async with(entries: readonly AptEntry[]): Promise<AptCatalogue> {
    this.#expectSameFields()
    const its = new Set(entries.map(({ architecture }) => architecture).filter((one) => one !== 'all'))
    if (this.#parts.release === undefined) for (const one of this.#parts.settings.architectures ?? ['amd64', 'arm64']) its.add(one)
    const indices = new Set([...this.#indices, ...[...its].map((one) => this.#indexFor(one))])
    const forAll = entries.filter(({ architecture }) => architecture === 'all')
    const changed = new Map(this.#parts.changed)
    for (const index of indices) {
      const isNew = !this.#indices.includes(index)
      const news = entries.filter(({ architecture }) => this.#indexFor(architecture) === index)
      if (!isNew && news.length === 0 && forAll.length === 0) continue
      const before = isNew ? await this.#forAll() : await this.#entriesOf(index)
      changed.set(index, new Map([...before, ...[...news, ...forAll].map((entry) => [entry.key, entry] as const)]))
    }
    return new AptCatalogue({ ...this.#parts, changed })
  }

  async write({ at, former, signing }: Writing): Promise<State> {
    const { place, changed = new Map<string, Entries>() } = this.#parts
    const kept = [...this.#release.files].filter(([name]) => ![...changed.keys()].some((index) => isFormOf(index, name)))
    const made = await Promise.all([...changed].map(([index, entries]) => writeIndex(index, entries.values(), place)))
    const files = new Map<string, Content>([...kept, ...made.flatMap(({ listed }) => listed)])
    const text = writeRelease({ fields: this.#fieldsOf([...files.keys()], at, former), files })
    const top = { path: below(place, 'InRelease'), bytes: Buffer.from(await signing.clearsign(text, at), 'utf8') }
    return { lower: made.flatMap(({ lower }) => lower), top }
  }

  plain(): readonly PlainFile[] {
    const { place, files, settings, text } = this.#parts
    if (settings.plainNames === false) return []
    const release = Buffer.from(text, 'utf8')
    const copies = [...this.#release.files].flatMap(([name, content]): readonly PlainFile[] =>
      name.endsWith('/Packages.gz')
        ? [{ is: 'copy', path: below(place, name), sha256: content.sha256, bytes: () => files(byHash(place, name, content)) }]
        : [],
    )
    return [
      ...copies,
      { is: 'copy', path: below(place, 'Release'), sha256: digestOf(release), bytes: async () => release },
      { is: 'signature', path: below(place, 'Release.gpg'), of: release, isWanted: true },
    ]
  }

  get #where(): string {
    return below(this.#parts.place, 'InRelease')
  }

  get #component(): string {
    return this.#parts.settings.component ?? 'main'
  }

  /** The indices of the component. */
  get #indices(): readonly string[] {
    const pattern = /^(.+\/binary-[^/]+)\/Packages(?:\.\w+)?$/
    const listed = [...this.#release.files.keys()].flatMap((name) => pattern.exec(name)?.[1] ?? [])
    const all = new Set([...listed, ...(this.#parts.changed?.keys() ?? [])])
    return [...all].filter((index) => index.startsWith(`${this.#component}/binary-`)).sort()
  }

  #indexFor(architecture: string): string {
    return `${this.#component}/binary-${architecture}`
  }

  /** The indices that list a package of this architecture. A package for all architectures is in each of them. */
  #indicesFor(architecture: string): readonly string[] {
    return architecture === 'all' ? this.#indices : this.#indices.filter((index) => index === this.#indexFor(architecture))
  }

  #entriesOf(index: string): Promise<Entries> {
    const { changed, place, files } = this.#parts
    const known = this.#read.get(index)
    if (known !== undefined) return known
    const now = changed?.get(index)
    const entries = now === undefined ? readIndex(index, this.#release.files, place, files) : Promise.resolve(now)
    this.#read.set(index, entries)
    // An index that could not be read is read again.
    entries.catch(() => this.#read.delete(index))
    return entries
  }

  /** A new index has the packages for all architectures from the start. */
  async #forAll(): Promise<Entries> {
    const each = await Promise.all(this.#indices.map((index) => this.#entriesOf(index)))
    return new Map(each.flatMap((entries) => [...entries].filter(([, { architecture }]) => architecture === 'all')))
  }

  #fieldsOf(names: readonly string[], at: Instant, former: Sha256 | undefined): ReadonlyMap<string, string> {
    const { place, settings, release } = this.#parts
    const { fields } = this.#release
    const indices = names.flatMap((name) => {
      const [, component, architecture] = /^(.+)\/binary-([^/]+)\/Packages/.exec(name) ?? []
      return component !== undefined && architecture !== undefined ? [{ component, architecture }] : []
    })
    const first = new Map<string, string>([
      ['Suite', place.suite],
      ['Codename', place.suite],
    ])
    for (const [field, value] of Object.entries({ Origin: settings.origin, Label: settings.label, Description: settings.description }))
      if (value !== undefined) first.set(field, value)
    const all = new Map(release === undefined ? first : fields)
    // An index that is only written now and then cannot promise to be renewed by then.
    all.delete('Valid-Until')
    all.delete('X-Stagegate-Former')
    all.set('Date', releaseDate(at))
    const extend = (field: string, more: readonly string[]) =>
      all.set(field, [...new Set([...(fields.get(field)?.split(/\s+/) ?? []), ...more])].sort().join(' '))
    extend(
      'Architectures',
      indices.map(({ architecture }) => architecture),
    )
    extend(
      'Components',
      indices.map(({ component }) => component),
    )
    all.set('Acquire-By-Hash', 'yes')
    if (former !== undefined) all.set('X-Stagegate-Former', former)
    return all
  }

  /** Clients that have seen a suite refuse one with a different Origin, Label or Codename (apt-secure(8)). */
  #expectSameFields(): void {
    const { release, settings } = this.#parts
    if (release === undefined) return
    for (const [field, value] of Object.entries({ Origin: settings.origin, Label: settings.label })) {
      const now = release.fields.get(field) ?? ''
      if (value === undefined || value === now) continue
      throw new StagegateError({
        code: 'repository/index-fixed',
        what: `the suite has the ${field} ${JSON.stringify(now)}, not ${JSON.stringify(value)}: existing clients would refuse the change`,
        where: this.#where,
        next: `Set the ${field} that the suite has, or leave it out. Nothing was listed.`,
        final: true,
      })
    }
  }
}
