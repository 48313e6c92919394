import { createReadStream } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type PackageCoordinates, StagegateError } from '@stagegate/schema'
import { answerOf } from '../contract/call.js'
import type { Call } from '../contract/capabilities.js'
import type { Brought, PackageClient } from '../contract/package-manager.js'
import { readDigest } from '../contract/read-digest.js'
import type { PrivateRoot } from './private-root.js'
import type { Ended } from './run-program.js'

/** How one package manager does what all of them do. */
export interface Dialect {
  /** A root that has read nothing yet. */
  root(): Promise<PrivateRoot>
  /** Reads the index. */
  update(root: PrivateRoot, call: Call): Promise<Ended>
  /** Brings a package into a folder. */
  download(root: PrivateRoot, at: PackageCoordinates, folder: string, call: Call): Promise<Ended>
  /** Whether a file that was brought can be a package's: some package managers take names for patterns. */
  isOf(file: string, at: PackageCoordinates): boolean
  /** Whether the index that was read lists a package. */
  lists(root: PrivateRoot, at: PackageCoordinates, call: Call): Promise<boolean>
}

/** One reading of an index, in a root of its own: no cache of an earlier one hides what is new. */
interface Reading {
  readonly number: number
  /** The root, and the words of a package manager that did not take the index. */
  readonly read: Promise<{ readonly root: PrivateRoot; readonly refusal: string | undefined }>
  users: number
}

/** A package manager's view of one source. One program runs at a time, as they lock what they share. */
export class Client implements PackageClient {
  readonly #dialect: Dialect
  /** The reading that each package was looked for in last. */
  readonly #seen = new Map<string, number>()
  readonly #readings = new Set<Reading>()
  #current: Reading | undefined
  #turn: Promise<unknown> = Promise.resolve()

  constructor(dialect: Dialect) {
    this.#dialect = dialect
  }

  async fetch(at: PackageCoordinates, call: Call): Promise<Brought> {
    const reading = this.#readingFor(at, call)
    reading.users++
    try {
      const { root, refusal } = await answerOf(call, reading.read)
      if (refusal !== undefined) return { got: 'refusal', words: refusal }
      return await this.#inTurn(call, () => this.#download(root, at, call))
    } finally {
      reading.users--
      if (reading.users === 0 && reading !== this.#current) await this.#forget(reading)
    }
  }

  async close(): Promise<void> {
    this.#current = undefined
    await Promise.all([...this.#readings].map((reading) => this.#forget(reading)))
  }

  #readingFor(at: PackageCoordinates, call: Call): Reading {
    const key = JSON.stringify(at)
    const last = this.#current
    if (last !== undefined && this.#seen.get(key) !== last.number) {
      this.#seen.set(key, last.number)
      return last
    }
    const reading: Reading = { number: (last?.number ?? 0) + 1, read: this.#update(call), users: 0 }
    reading.read.catch(() => undefined)
    this.#readings.add(reading)
    this.#current = reading
    this.#seen.set(key, reading.number)
    if (last?.users === 0) void this.#forget(last)
    return reading
  }

  async #update(call: Call): Promise<Awaited<Reading['read']>> {
    const root = await this.#dialect.root()
    try {
      const { code, words } = await this.#inTurn(call, () => this.#dialect.update(root, call))
      return { root, refusal: code === 0 ? undefined : words }
    } catch (error) {
      await root.remove()
      throw error
    }
  }

  async #download(root: PrivateRoot, at: PackageCoordinates, call: Call): Promise<Brought> {
    const folder = await root.forDownload()
    try {
      const { code, words } = await this.#dialect.download(root, at, folder, call)
      if (code !== 0) return (await this.#dialect.lists(root, at, call)) ? { got: 'refusal', words } : { got: 'nothing' }
      const files = await readdir(folder)
      const [name, ...more] = files.filter((file) => this.#dialect.isOf(file, at))
      if (more.length > 0) throw unexpected(files)
      if (name === undefined) return { got: 'nothing' }
      return { got: 'package', content: await readDigest(createReadStream(join(folder, name))) }
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }

  #inTurn<T>(call: Call, run: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(run)
    this.#turn = turn.catch(() => undefined)
    return answerOf(call, turn)
  }

  async #forget(reading: Reading): Promise<void> {
    this.#readings.delete(reading)
    const read = await reading.read.catch(() => undefined)
    await read?.root.remove()
  }
}

function unexpected(files: readonly string[]): StagegateError {
  return new StagegateError({
    code: 'repository/unexpected-answer',
    what: `one package was requested, but the package manager downloaded ${files.slice(0, 5).join(', ')}`,
  })
}
