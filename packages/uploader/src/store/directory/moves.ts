import { lstat, readdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { StagegateError } from '@stagegate/schema'
import { makeFolder } from '../../make-folder.js'
import { ownFolder, type StorePath } from '../path.js'
import { below, isMissing } from './below.js'
import { type Chunks, linkNew, syncFolder, writePart } from './create-file.js'

/** The state of a file that moves: its number in the chain, and the path of its bytes. */
export interface State {
  readonly number: number
  readonly file: string
}

/**
 * Files that move, shared by all processes that write to one folder, without a lock that a crash could leave behind.
 *
 * The states of a file are a chain of numbered files, each made once: the process that makes the next number has moved the file. It then
 * renames its token, the file that it wrote for that state, to the public name. A token can be renamed only once, and a state is added only
 * when the token of the previous state is gone. So the public name goes through the states in order, and never back, however long a process
 * sleeps between two steps. If a crash prevented the rename, the next process does it.
 */
export class Moves {
  readonly #root: string
  readonly #forEverybody: boolean

  /** @param forEverybody whether everybody may read the files, whatever the umask is */
  constructor(root: string, forEverybody = true) {
    this.#root = root
    this.#forEverybody = forEverybody
  }

  /** The state of a file, shown under its public name. `undefined`: it has never moved. */
  async settled(path: StorePath, signal: AbortSignal): Promise<State | undefined> {
    const folder = await this.#chainOf(path)
    const open = await below(this.#root, path)
    for (;;) {
      signal.throwIfAborted()
      const number = lastIn(await namesIn(folder))
      if (number === 0) return undefined
      const state = { number, file: join(folder, numbered(number)) }
      // Once more, now that the state is known: its token existed before it.
      await show(state, open, { tokens: await tokensIn(folder, number), forEverybody: this.#forEverybody })
      if (await isSame(state.file, open)) return state
      if (lastIn(await namesIn(folder)) === number) throw changedOutside(path, open, state.file)
    }
  }

  /** Makes a file that existed before anything moved it the first state. False: a different file was made the first state. */
  async adopt(path: StorePath): Promise<boolean> {
    const folder = await this.#chainOf(path)
    await makeFolder(folder, this.#forEverybody)
    const isAdopted = await linkNew(await below(this.#root, path), join(folder, numbered(1)))
    if (isAdopted) await syncFolder(folder)
    return isAdopted
  }

  /** Adds a state after the one that was seen, 0 for none. `undefined`: there is one already. */
  async advance(path: StorePath, seen: number, content: Chunks): Promise<State | undefined> {
    const folder = await this.#chainOf(path)
    const file = join(folder, numbered(seen + 1))
    const token = await writePart(file, content, this.#forEverybody)
    try {
      if (!(await linkNew(token, file)) && !(await isSame(token, file))) return undefined
    } catch (error) {
      // A process that is further ahead has cleaned it up.
      if (isMissing(error)) return undefined
      throw error
    } finally {
      if (!(await isSame(token, file))) await rm(token, { force: true })
    }
    await syncFolder(folder)
    const open = await below(this.#root, path)
    await show({ number: seen + 1, file }, open, { tokens: [token], forEverybody: this.#forEverybody })
    return { number: seen + 1, file }
  }

  #chainOf(path: StorePath): Promise<string> {
    return below(this.#root, `${ownFolder}/moves/${path}`)
  }
}

interface Showing {
  /** The files that were written for the state, or for one before it. */
  readonly tokens: readonly string[]
  readonly forEverybody: boolean
}

/** Gives the file of a state its public name, and removes files written for it too late. */
async function show({ number, file }: State, open: string, { tokens, forEverybody }: Showing): Promise<void> {
  if (tokens.length > 0) await makeFolder(dirname(open), forEverybody)
  for (const token of tokens) {
    // A first state takes no name that a file has.
    const step = number === 1 ? () => linkNew(token, open) : () => rename(token, open)
    if ((await isSame(token, file)) && (await attempted(step()))) await syncFolder(dirname(open))
    // If both are already names of one file, rename does nothing (rename(2)), and the token must not be used again.
    if (!(await isSame(token, file)) || (await isSame(file, open))) await rm(token, { force: true })
  }
}

/** Whether a step was done; if not, another process has done it. */
async function attempted(step: Promise<unknown>): Promise<boolean> {
  try {
    await step
    return true
  } catch (error) {
    if (isMissing(error)) return false
    throw error
  }
}

const digits = 12

function numbered(number: number): string {
  return String(number).padStart(digits, '0')
}

function lastIn(names: readonly string[]): number {
  return names.filter((name) => /^\d{12}$/.test(name)).reduce((last, name) => Math.max(last, Number(name)), 0)
}

/** Files that were written for a state, or for an earlier one. */
async function tokensIn(folder: string, number: number): Promise<readonly string[]> {
  const names = await namesIn(folder)
  return names
    .filter((name) => {
      const [, of] = /^\.(\d{12})\.[0-9a-f]+\.part$/.exec(name) ?? []
      return of !== undefined && Number(of) <= number
    })
    .map((name) => join(folder, name))
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}

/** Whether two names are those of one file. */
async function isSame(one: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all([idOf(one), idOf(other)])
  return a !== undefined && a === b
}

async function idOf(path: string): Promise<string | undefined> {
  try {
    const { dev, ino } = await lstat(path, { bigint: true })
    return `${dev} ${ino}`
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

function changedOutside(path: StorePath, open: string, state: string): StagegateError {
  return new StagegateError({
    code: 'store/changed-outside',
    what: `somebody else changed or removed ${path}, and Stagegate does not overwrite that`,
    where: open,
    next: `Find out who it was. To continue with the last state, restore it: ln -f ${state} ${open}`,
    final: true,
  })
}
