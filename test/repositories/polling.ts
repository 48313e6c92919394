import { get } from 'node:https'
import { buffer } from 'node:stream/consumers'
import { ca } from '../authority.js'

/** The seed of this run: SEED repeats one. */
export const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31)
let state = seed
export function random(below: number): number {
  state = (Math.imul(state, 1103515245) + 12345) >>> 0
  return Math.floor(((state >>> 8) / 2 ** 24) * below)
}

/** A file that a reader asks for, and that has not been fetched yet. */
class Wanted extends Error {
  readonly path: string

  constructor(path: string) {
    super(path)
    this.path = path
  }
}

/** How a tree is polled. */
export interface Polling {
  /** Where its readers find it. */
  readonly url: string
  /** Whether a file is named by its digest, or is a package: then it is asked for once. */
  readonly isKept: (path: string) => boolean
  /** The statuses of what is not there. */
  readonly absent: readonly number[]
}

/** Reads a tree again and again over HTTPS, by a reader that asks for its files one by one. */
export class Poller {
  readonly #polling: Polling
  readonly #kept = new Map<string, Buffer | undefined>()

  constructor(polling: Polling) {
    this.#polling = polling
  }

  /** The answer of the reader, which throws where a client would find the index broken. */
  async look<T>(read: (get: (path: string) => Buffer | undefined) => T): Promise<T> {
    const { url, isKept } = this.#polling
    const now = new Map<string, Buffer | undefined>()
    for (;;) {
      try {
        return read((path) => this.#read(path, now))
      } catch (error) {
        if (!(error instanceof Wanted)) throw error
        const files = isKept(error.path) ? this.#kept : now
        files.set(error.path, await this.#fetch(`${url}/${error.path}`))
      }
    }
  }

  #read(path: string, now: ReadonlyMap<string, Buffer | undefined>): Buffer | undefined {
    for (const files of [this.#kept, now]) if (files.has(path)) return files.get(path)
    throw new Wanted(path)
  }

  #fetch(url: string): Promise<Buffer | undefined> {
    return new Promise((resolve, reject) => {
      get(url, { ca, agent: false, timeout: 30_000 }, (answer) => {
        const { statusCode = 0 } = answer
        if (statusCode === 200) return void buffer(answer).then(resolve, reject)
        answer.resume()
        if (this.#polling.absent.includes(statusCode)) resolve(undefined)
        else reject(new Error(`${url} answered ${statusCode}`))
      }).once('error', reject)
    })
  }
}
