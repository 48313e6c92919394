import { lstat, readFile } from 'node:fs/promises'
import { addAbortSignal, type Readable } from 'node:stream'
import { type Coordinates, type Sha256, StagegateError } from '@stagegate/schema'
import {
  type Body,
  type Call,
  IndexBroken,
  type Item,
  NotThere,
  type Observation,
  type PublicRepository,
  type StagingRepository,
  type Written,
} from '../../contract/capabilities.js'
import { readDigest } from '../../contract/read-digest.js'
import { below, isMissing } from '../../store/directory/below.js'
import { createFile, replaceFile } from '../../store/directory/create-file.js'
import { openRegular } from '../../store/directory/open-regular.js'
import { defineRepository } from '../define.js'
import { pathSettings } from '../settings.js'
import { indexPathOf, pathOf } from './path.js'

/**
 * A plain directory: the built-in default, for examples, tests and air-gapped networks. Each file's digest is written to `.sha256/` before
 * the file gets its name, for `sha256sum --check`. Stagegate reads a file to know whether it is the right one, and never relies on that
 * index.
 */
export const directory = defineRepository({
  type: 'directory',
  formats: ['deb', 'rpm', 'file'],
  parse: pathSettings('a directory repository'),
  open: ({ settings, role }, environment) => new Directory(environment.directory(settings.path), role === 'public'),
})

class Directory implements StagingRepository, PublicRepository {
  readonly #root: string
  /** A web server's user can read it. */
  readonly #forEverybody: boolean

  constructor(root: string, forEverybody: boolean) {
    this.#root = root
    this.#forEverybody = forEverybody
  }

  async observe(at: Coordinates, { signal }: Call): Promise<Observation> {
    const location = pathOf(at)
    const stream = await this.#open(location, signal)
    if (stream === undefined) return { saw: 'absent' }
    return { saw: 'present', ...(await readDigest(stream)), location }
  }

  async read(location: string, { signal }: Call): Promise<Readable> {
    const stream = await this.#open(location, signal)
    if (stream === undefined) throw new NotThere(`${location} is no longer in ${this.#root}`)
    return stream
  }

  async create({ coordinates, content }: Item, body: Body, { signal }: Call): Promise<Written> {
    const location = pathOf(coordinates)
    const path = await below(this.#root, location)
    const index = await below(this.#root, indexPathOf(location))
    const line = indexLine(content.sha256, location)
    const stream = addAbortSignal(signal, body.stream())
    const forEverybody = this.#forEverybody
    const beforeVisible = async () => {
      // The index of an existing file is not ours to write.
      if (!(await isThere(path))) await replaceFile(index, [Buffer.from(line)], { forEverybody })
    }
    const created = await createFile(path, stream, { beforeVisible, forEverybody })
    // Another writer of the same name may have written its digest there in the meantime: the index follows the file.
    if (created) await this.#indexAs(index, line)
    else await this.#repairIndex(location, index, signal)
    return created ? { outcome: 'accepted', location } : { outcome: 'exists' }
  }

  /** Writes the digest of a file that is there where somebody removed it, or a tool that copied the files left it out. */
  async complete({ coordinates, content }: Item): Promise<void> {
    const location = pathOf(coordinates)
    const index = await below(this.#root, indexPathOf(location))
    if (await isThere(index)) return
    await createFile(index, [Buffer.from(indexLine(content.sha256, location))], { forEverybody: this.#forEverybody })
  }

  async served(at: Coordinates, call: Call): Promise<Readable | undefined> {
    const location = pathOf(at)
    const stream = await this.#open(location, call.signal)
    if (stream === undefined) return undefined
    const { sha256 } = await readDigest(stream)
    const index = await below(this.#root, indexPathOf(location))
    const line = await textOf(index)
    if (line !== indexLine(sha256, location)) {
      const first = line === undefined ? 'Publish' : `Remove ${index}, then publish`
      const next = `${first} the same release again: that writes the digest of the released file.`
      throw new IndexBroken(`${index} does not list ${location} with the sha256 ${sha256}`, next, sha256)
    }
    return this.read(location, call)
  }

  /** Repairs an index after a crash between the two steps. */
  async #repairIndex(location: string, index: string, signal: AbortSignal): Promise<void> {
    const stream = await this.#open(location, signal)
    if (stream !== undefined) await this.#indexAs(index, indexLine((await readDigest(stream)).sha256, location))
  }

  async #indexAs(index: string, line: string): Promise<void> {
    if ((await textOf(index)) !== line) await replaceFile(index, [Buffer.from(line)], { forEverybody: this.#forEverybody })
  }

  async #open(location: string, signal: AbortSignal): Promise<Readable | undefined> {
    const path = await below(this.#root, location)
    return openRegular(path, signal, (found) => {
      if (!found.isFile())
        throw new StagegateError({ code: 'directory/not-a-file', what: 'expected a regular file', where: path, final: true })
    })
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path)
    return true
  } catch (error) {
    if (isMissing(error)) return false
    throw error
  }
}

function indexLine(sha256: Sha256, location: string): string {
  return `${sha256}  ${location}\n`
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}
