import { type Content, fileOf, type Instant, instant, later, type PackageCoordinates, StagegateError } from '@stagegate/schema'
import { type Call, IndexBroken, type Listed, type Written } from '../../contract/capabilities.js'
import { digestOf } from '../../contract/content-of.js'
import type { Sighting, StorePath } from '../../store/index.js'
import type { Catalogues } from './catalogues.js'
import type { Catalogue, Entry, PlainFile, ReadFile, TreeFile } from './layout.js'
import type { IndexedParts } from './parts.js'
import { bodyOf, ensureFile, firstLost, formerOf, readVersioned, refusedBy, type Versioned } from './tree.js'

/** An artifact that is to be listed. */
export interface Wanted<E> {
  readonly at: PackageCoordinates
  readonly content: Content
  /** `undefined`: it was not uploaded now, so the index must already list it. */
  readonly entry: E | undefined
}

/** In seconds. A date further ahead is a mistake of its writer. */
const mostAhead = 15 * 60
/** How many late writers of former states are overwritten. The next run corrects files that remain after that. */
const mostLate = 100

/**
 * Changes indices although several writers may do so at once: it reads the current state, writes the files of the next one, and moves the
 * top file only if it is still the one that was read.
 */
export class IndexWriter<E extends Entry> {
  readonly #parts: Pick<IndexedParts<E>, 'store' | 'layout' | 'signing' | 'checking' | 'clock' | 'keyring'>
  readonly #catalogues: Catalogues<E>

  constructor(parts: Pick<IndexedParts<E>, 'store' | 'layout' | 'signing' | 'checking' | 'clock' | 'keyring'>, catalogues: Catalogues<E>) {
    this.#parts = parts
    this.#catalogues = catalogues
  }

  /** Lists these in one index, in one change. */
  async list(index: string, wanted: readonly Wanted<E>[], call: Call): Promise<Listed> {
    const { store, layout, checking, signing } = this.#parts
    const path = layout.topOf(index)
    const seen = await readVersioned(store, path, call)
    if (seen === undefined) await this.#expectNew(index, call)
    const files: ReadFile = async (lower) => (await readVersioned(store, lower, call))?.bytes
    const now = await this.#catalogues.of(index, seen?.bytes, call)
    const written: Written[] = []
    const news: E[] = []
    for (const { at, content, entry } of wanted) {
      const listed = await now.find(at)
      if (listed === undefined && entry !== undefined) news.push(entry)
      written.push(answerFor(at, content, listed, entry))
    }
    if (news.length === 0) {
      if (seen !== undefined) await this.#bringPlain(now, { path, bytes: seen.bytes }, call)
      return { outcome: 'done', written }
    }
    const at = await this.#now(call)
    const next = dateAfter([now.date, seen?.modified], at)
    if (next > at) return { outcome: 'changed', until: waitUntil(next, at, path) }
    const former = seen === undefined ? undefined : digestOf(seen.bytes)
    const then = await now.with(news)
    await expectNothingVanished(now, then, wanted)
    const { lower, top } = await then.write({ at, former, signing: await signing() })
    if (seen !== undefined && former !== undefined) await ensureFile(store, formerOf(layout, index, former), seen.bytes, call)
    for (const file of lower) await ensureFile(store, file.path, file.bytes, call)
    await this.#bringKeyring(call)
    if (!(await this.#move(top, seen, call))) return { outcome: 'changed' }
    // From now on, a writer that finds no top file knows that there was one.
    if (seen === undefined) await ensureFile(store, formerOf(layout, index, digestOf(top.bytes)), top.bytes, call)
    const made = new Map(lower.map((file) => [file.path, file.bytes]))
    const read = await layout.read(index, top.bytes, async (file) => made.get(file) ?? files(file), checking(files))
    await this.#bringPlain(read, top, call)
    return { outcome: 'done', written }
  }

  /** @throws {StagegateError} the index existed before: a new one would hide everything that it listed */
  async #expectNew(index: string, call: Call): Promise<void> {
    const { store, layout } = this.#parts
    for await (const { path } of store.list(layout.formersOf(index), call))
      throw new StagegateError({
        code: 'repository/index-gone',
        what: `the index is gone: ${path} is an earlier version of it`,
        where: layout.topOf(index),
        next: 'Restore the last index from a backup or from the store’s object versions. Nothing was listed.',
        final: true,
      })
  }

  /** Whether the top file moved. If the answer was lost, looks at it. */
  async #move({ path, bytes }: TreeFile, seen: Versioned | undefined, call: Call): Promise<boolean> {
    const { store } = this.#parts
    try {
      const moved = await store.replaceIf(path, bodyOf(bytes), seen?.version ?? 'absent', call)
      if (moved.outcome === 'refused') throw refusedBy(moved.because)
      return moved.outcome === 'replaced'
    } catch (error) {
      const there = await readVersioned(store, path, call)
      if (there?.bytes.equals(bytes)) return true
      throw error
    }
  }

  /** Clients find the certificates before anything is signed with them. */
  async #bringKeyring(call: Call): Promise<void> {
    const { store, keyring } = this.#parts
    if (keyring === undefined) return
    const { path, bytes } = await keyring()
    const there = await readVersioned(store, path, call)
    if (there?.bytes.equals(bytes)) return
    const moved = await store.replaceIf(path, bodyOf(bytes), there?.version ?? 'absent', call)
    if (moved.outcome === 'refused') throw refusedBy(moved.because)
  }

  /**
   * Moves the files under plain names, also those that another writer left behind. Each moves only while its top file is current: the
   * writer of the next one brings its own files.
   */
  async #bringPlain(catalogue: Catalogue<E>, top: TreeFile, call: Call): Promise<void> {
    for (const file of catalogue.plain()) {
      let moved: 'done' | 'changed' | 'passed'
      let tries = 0
      // A late writer of a former state may write its own file in between, once per file.
      do moved = await this.#bringOne(file, { top, date: catalogue.date }, call)
      while (moved === 'changed' && ++tries < mostLate)
      if (moved === 'passed') return
    }
  }

  /** @returns `passed` if the top file has changed; `changed` if another writer has written this file in the meantime */
  async #bringOne(
    file: PlainFile,
    { top, date }: { readonly top: TreeFile; readonly date: Instant | undefined },
    call: Call,
  ): Promise<'done' | 'changed' | 'passed'> {
    const { store } = this.#parts
    const there = await store.observe(file.path, call)
    const bytes = await this.#missing(file, there, date, call)
    if (bytes === undefined) return 'done'
    if (!(await readVersioned(store, top.path, call))?.bytes.equals(top.bytes)) return 'passed'
    const moved = await store.replaceIf(file.path, bodyOf(bytes), there.saw === 'absent' ? 'absent' : there.version, call)
    if (moved.outcome === 'refused') throw refusedBy(moved.because)
    return moved.outcome === 'changed' ? 'changed' : 'done'
  }

  /** The new bytes for a file under a plain name; `undefined` if it is up to date. */
  async #missing(file: PlainFile, there: Sighting, date: Instant | undefined, call: Call): Promise<Buffer | undefined> {
    const { store, signing, checking, clock } = this.#parts
    if (file.is === 'copy') return there.saw === 'present' && there.sha256 === file.sha256 ? undefined : file.bytes()
    if (there.saw === 'absent' && !file.isWanted) return undefined
    if (there.saw === 'present') {
      const signature = await readVersioned(store, file.path, call)
      const isRight = (await checking(async (path) => (await readVersioned(store, path, call))?.bytes)())
        .detached(file.of, signature?.bytes ?? Buffer.alloc(0))
        .then(
          () => true,
          () => false,
        )
      if (await isRight) return undefined
    }
    return Buffer.from(await (await signing()).detached(file.of, date ?? clock.now()))
  }

  /** The time by the server's clock, which agrees with its readers' clocks. */
  async #now(call: Call): Promise<Instant> {
    const { store, clock } = this.#parts
    return (await store.now?.(call)) ?? clock.now()
  }
}

/**
 * The date of the next state: at least a second later than the last one was made and written. apt ignores an index that is not newer than
 * its own, and compares times in seconds.
 */
function dateAfter(past: readonly (Instant | undefined)[], now: Instant): Instant {
  const second = (at: Instant) => Math.floor(Date.parse(at) / 1000)
  return instant(Math.max(Date.parse(now), ...past.map((one) => (one === undefined ? 0 : (second(one) + 1) * 1000))))
}

/** @throws {StagegateError} the index's date is too far in the future */
function waitUntil(next: Instant, now: Instant, path: StorePath): Instant {
  if (next <= later(now, mostAhead)) return next
  throw new StagegateError({
    code: 'repository/index-ahead',
    what: `the index has the date ${next}, but it is ${now} now`,
    where: path,
    next: 'The clock of its writer was wrong. Clients accept no older index, so nothing can be listed before that time. Wait, or rewrite the index by hand.',
    final: true,
  })
}

function answerFor(at: PackageCoordinates, content: Content, listed: Entry | undefined, entry: Entry | undefined): Written {
  if (listed !== undefined) return { outcome: listed.content.sha256 === content.sha256 ? 'accepted' : 'exists' }
  if (entry !== undefined) return { outcome: 'accepted' }
  return {
    outcome: 'refused',
    because: { code: 'repository/not-listed', message: `The index does not list ${fileOf(at)}, which this run did not add.` },
  }
}

/**
 * @throws {IndexBroken} the next state lacks something that this one lists, or lists different bytes for it: a bug of ours, found before
 *   users see it
 */
async function expectNothingVanished<E extends Entry>(now: Catalogue<E>, then: Catalogue<E>, wanted: readonly Wanted<E>[]): Promise<void> {
  // Only entries with the same architecture are compared.
  const oneOfEach = new Map(wanted.map(({ at }) => [at.architecture, at]))
  for (const at of oneOfEach.values()) {
    const lost = firstLost(await now.beside(at), await then.beside(at))
    if (lost !== undefined) throw new IndexBroken(`${lost.key} would disappear from the index, so the index stays unchanged`)
  }
}
