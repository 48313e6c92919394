import type { Readable } from 'node:stream'
import { UsageError } from '@stagegate/schema'
import type { Call } from '../contract/capabilities.js'
import { RepositoryRefusal } from '../contract/refusal.js'
import { UnexpectedAnswer } from '../contract/unexpected-answer.js'
import type { HttpClient } from '../http/client.js'
import type { StorePath } from '../store/index.js'
import { encodeKey } from '../store/s3/index.js'

/** Statuses with which visitors get nothing. Without the right to list, an absent file is forbidden. */
const nothing: readonly number[] = [401, 403, 404, 410]

/** How a repository is read without its publisher's keys. */
export class Visitors {
  readonly #client: HttpClient
  readonly #path: string

  /** @param path before the paths of files, without a slash at its end */
  constructor(client: HttpClient, path: string) {
    this.#client = client
    this.#path = path
  }

  /** The address of the folder that it reads. */
  get address(): string {
    return `${this.#client.origin}${this.#path}`
  }

  async read(path: StorePath, call: Call): Promise<Readable | undefined> {
    const { status, stream } = await this.#client.download(this.#pathOf(path), call)
    if (status === 200) return stream
    stream.destroy()
    if (nothing.includes(status)) return undefined
    throw new UnexpectedAnswer({ status, what: `readers get the answer ${status}`, where: this.#where(path) })
  }

  /**
   * Looks at an object that is there.
   * @throws {RepositoryRefusal} `repository/not-private`: anybody can read it
   */
  async expectNothing(path: string, call: Call): Promise<void> {
    const { status, stream } = await this.#client.download(this.#pathOf(path), call)
    stream.destroy()
    if (status === 401 || status === 403) return
    // A visitor who is told that a file is absent may see others: this one may only be too new.
    if (status !== 200)
      throw new UnexpectedAnswer({
        status,
        what: `cannot tell whether this is public: a visitor gets ${status} for an existing file`,
        where: this.#where(path),
      })
    throw new RepositoryRefusal({
      code: 'repository/not-private',
      what: 'anybody can read this, so staged artifacts would be public at once',
      where: this.#where(path),
      next: 'Nothing else was uploaded. Stage in a bucket, or below a prefix, that nobody can read without a credential.',
    })
  }

  #pathOf(path: string): string {
    return `${this.#path}/${encodeKey(path)}`
  }

  #where(path: string): string {
    return `${this.#client.origin}${this.#pathOf(path)}`
  }
}

/** @throws {UsageError} a staging place with a public address */
export function expectNoReaders(readAt: string | undefined): void {
  if (readAt === undefined) return
  throw new UsageError({
    code: 'usage/settings',
    what: 'a staging repository is private, so it has no public address',
    where: readAt,
    next: 'Remove readAt.',
  })
}
