import type { StagegateError } from '@stagegate/schema'
import type { Body, Call } from '../../contract/capabilities.js'
import type { Clock } from '../../contract/clock.js'
import type { HttpAnswer, HttpClient, HttpDownload } from '../../http/client.js'
import { ownFolder, type StorePath } from '../path.js'
import { encodeKey } from '../s3/index.js'
import { unexpected } from './answers.js'

/** A folder of a web server, and the way we talk to it. */
export class Site {
  readonly client: HttpClient
  readonly clock: Clock
  readonly #folder: string
  /** Folders that exist, or that the server makes itself. */
  readonly #made = new Set<string>()

  /** @param folder its path on the server, without a slash at its end */
  constructor(client: HttpClient, folder: string, clock: Clock) {
    this.client = client
    this.clock = clock
    this.#folder = folder
  }

  /** For messages. */
  where(path: string): string {
    return `${this.client.origin}${this.#at(path)}`
  }

  unexpected(answer: Pick<HttpAnswer, 'status' | 'headers'>, path: string): StagegateError {
    return unexpected(answer, this.where(path), this.clock.now())
  }

  head(path: StorePath, call: Call): Promise<HttpAnswer> {
    return this.client.send({ method: 'HEAD', path: this.#at(path) }, call)
  }

  get(path: string, call: Call): Promise<HttpDownload> {
    return this.client.download(this.#at(path), call)
  }

  /** Sends a file; servers that obey the condition replace nothing (RFC 9110, section 13.1.2). */
  async put(path: string, body: Body | string, call: Call): Promise<HttpAnswer> {
    await this.#makeFolders(path, call)
    const headers = { 'if-none-match': '*', 'content-type': 'application/octet-stream' }
    return this.client.send({ method: 'PUT', path: this.#at(path), headers, body }, call)
  }

  /** Gives a file another name, and replaces nothing (RFC 4918, section 9.9.3). */
  async move(from: string, to: string, call: Call): Promise<HttpAnswer> {
    await this.#makeFolders(to, call)
    const headers = { destination: this.where(to), overwrite: 'F' }
    return this.client.send({ method: 'MOVE', path: this.#at(from), headers }, call)
  }

  /** Makes the folders of a file. Many servers make them themselves, or have no folders: if one is missing, the next write says so. */
  async #makeFolders(path: string, call: Call): Promise<void> {
    for (let end = path.indexOf('/'); end !== -1; end = path.indexOf('/', end + 1)) {
      const folder = path.slice(0, end)
      if (this.#made.has(folder)) continue
      const { status } = await this.client.send({ method: 'MKCOL', path: `${this.#at(folder)}/` }, call)
      if (status < 500) this.#made.add(folder)
    }
  }

  #at(path: string): string {
    return `${this.#folder}/${encodeKey(path)}`
  }
}

/** The path of the test file on a server. */
export const probePath = `${ownFolder}/probe`
