import { createReadStream, type Dirent } from 'node:fs'
import { lstat, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { addAbortSignal } from 'node:stream'
import { bytes, instant, type Sha256, StagegateError } from '@stagegate/schema'
import { type Body, type Call, NotThere, type Written } from '../../contract/capabilities.js'
import { readDigest } from '../../contract/read-digest.js'
import { checked } from '../checked.js'
import { ownFolder, type StorePath, storePath } from '../path.js'
import { type Entry, type MovingStore, type Reading, type Replaced, type Sighting, type Version, version } from '../store.js'
import { below, isMissing } from './below.js'
import { createFile } from './create-file.js'
import { Moves } from './moves.js'

/** A file as it is now. */
interface Found {
  readonly file: string
  /** The number of its state; 0: it has never moved. */
  readonly number: number
}

/**
 * A folder, for a web server that runs as another user. Files are complete or absent, and on the disk before they are visible; a file that
 * moves goes from state to state without a lock (see `Moves`). The file system must support hard links.
 */
export class DirectoryStore implements MovingStore {
  readonly #root: string
  readonly #moves: Moves
  readonly #forEverybody: boolean

  /** @param forEverybody whether everybody may read it, whatever the umask is: a web server's user, above all */
  constructor(root: string, forEverybody = true) {
    this.#root = root
    this.#moves = new Moves(root, forEverybody)
    this.#forEverybody = forEverybody
  }

  async observe(path: StorePath, call: Call): Promise<Sighting> {
    const found = await this.#find(path, call)
    if (found === undefined) return { saw: 'absent' }
    const content = await this.#contentOf(found, call)
    return { saw: 'present', ...content, version: versionOf(found.number, content.sha256) }
  }

  async read(path: StorePath, call: Call): Promise<Reading> {
    const found = await this.#find(path, call)
    if (found === undefined) throw new NotThere(`${path} is no longer in ${this.#root}`)
    const { sha256 } = await this.#contentOf(found, call)
    const { mtimeMs } = await stat(found.file)
    return { stream: this.#open(found, call), version: versionOf(found.number, sha256), modified: instant(mtimeMs) }
  }

  async create(path: StorePath, body: Body, { signal }: Call): Promise<Written> {
    const stream = addAbortSignal(signal, body.stream())
    const isNew = await createFile(await below(this.#root, path), checked(stream, body.content), { forEverybody: this.#forEverybody })
    return { outcome: isNew ? 'accepted' : 'exists' }
  }

  async replaceIf(path: StorePath, body: Body, seen: Version | 'absent', call: Call): Promise<Replaced> {
    const now = await this.#find(path, call)
    const isAsSeen = now === undefined ? seen === 'absent' : versionOf(now.number, (await this.#contentOf(now, call)).sha256) === seen
    if (!isAsSeen) return { outcome: 'changed' }
    // From here on its states are numbered.
    if (now?.number === 0 && !(await this.#adopt(path, seen, call))) return { outcome: 'changed' }
    const last = now === undefined ? 0 : Math.max(now.number, 1)
    const state = await this.#moves.advance(path, last, checked(addAbortSignal(call.signal, body.stream()), body.content))
    if (state === undefined) return { outcome: 'changed' }
    return { outcome: 'replaced', version: versionOf(state.number, body.content.sha256) }
  }

  async *list(folder: StorePath | undefined, { signal }: Call): AsyncIterable<Entry> {
    for await (const path of this.#walk(folder ?? '', signal)) {
      const { size } = await stat(join(this.#root, path))
      yield { path, size: bytes(size) }
    }
  }

  async *#walk(folder: string, signal: AbortSignal): AsyncGenerator<StorePath> {
    signal.throwIfAborted()
    for (const entry of await this.#entriesOf(folder)) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (path === ownFolder || /^\..*\.part$/.test(entry.name)) continue
      if (entry.isDirectory()) yield* this.#walk(path, signal)
      else if (entry.isFile()) yield storePath(path)
    }
  }

  async #entriesOf(folder: string): Promise<readonly Dirent[]> {
    try {
      const entries = await readdir(folder === '' ? this.#root : await below(this.#root, folder), { withFileTypes: true })
      return entries.sort((a, b) => (a.name < b.name ? -1 : 1))
    } catch (error) {
      if (isMissing(error)) return []
      throw error
    }
  }

  async #find(path: StorePath, { signal }: Call): Promise<Found | undefined> {
    const state = await this.#moves.settled(path, signal)
    if (state !== undefined) return state
    const file = await below(this.#root, path)
    try {
      if ((await lstat(file)).isFile()) return { file, number: 0 }
    } catch (error) {
      if (isMissing(error)) return undefined
      throw error
    }
    throw new StagegateError({ code: 'directory/not-a-file', what: 'expected a regular file', where: file, final: true })
  }

  async #adopt(path: StorePath, seen: Version | 'absent', call: Call): Promise<boolean> {
    if (!(await this.#moves.adopt(path))) return false
    const first = await this.#moves.settled(path, call.signal)
    if (first?.number !== 1) return false
    const { sha256 } = await this.#contentOf(first, call)
    return versionOf(0, sha256) === seen
  }

  #contentOf(found: Found, call: Call) {
    return readDigest(this.#open(found, call))
  }

  #open({ file }: Found, { signal }: Call) {
    return createReadStream(file, { signal, highWaterMark: 256 * 1024 })
  }
}

/** The version includes the digest: people can change a file in place, and its number stays. */
function versionOf(number: number, sha256: Sha256): Version {
  return version(`${number} ${sha256}`)
}
