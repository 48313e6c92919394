import type { IncomingMessage } from 'node:http'

/** A repository on the emulator, and who may use it. */
export interface RepositoryOptions {
  /** The API token. */
  readonly token: string
  /** Downloads need a token, too. @default false */
  readonly private?: boolean | undefined
  /** A token for package managers: downloads, and nothing of the API. */
  readonly readToken?: string | undefined
}

/** Who may do what. The same token can belong to several repositories. */
export class Accounts {
  readonly #repositories: Readonly<Record<string, RepositoryOptions>>

  constructor(repositories: Readonly<Record<string, RepositoryOptions>>) {
    this.#repositories = repositories
  }

  isPrivate(repository: string): boolean {
    return this.#repositories[repository]?.private === true
  }

  /** A token of the API that some repository has, in Basic authentication with an empty password. */
  isKnown(request: IncomingMessage): boolean {
    const token = tokenOf(request)
    return Object.values(this.#repositories).some((repository) => repository.token === token)
  }

  /** A token for another repository does not see this one: as if it did not exist. */
  maySee(request: IncomingMessage, repository: string): boolean {
    return this.#repositories[repository]?.token === tokenOf(request)
  }

  /** Whether one may download: 401 asks for a token. */
  download(request: IncomingMessage, repository: string): 'yes' | 401 | 404 {
    const options = this.#repositories[repository]
    if (options === undefined) return 404
    if (options.private !== true) return 'yes'
    const token = tokenOf(request)
    return token !== undefined && (token === options.token || token === options.readToken) ? 'yes' : 401
  }
}

function tokenOf({ headers }: IncomingMessage): string | undefined {
  const encoded = /^Basic ([A-Za-z0-9+/=]+)$/.exec(headers.authorization ?? '')?.[1]
  const [token, password, ...more] = encoded === undefined ? [] : Buffer.from(encoded, 'base64').toString().split(':')
  return token !== '' && password === '' && more.length === 0 ? token : undefined
}
