import type { Readable } from 'node:stream'
import { bytes, type Coordinates } from '@stagegate/schema'
import {
  type Body,
  type Call,
  type Item,
  NotThere,
  type Observation,
  type Sink,
  type Source,
  type Written,
} from '../contract/capabilities.js'
import type { HttpClient } from '../http/client.js'
import { defineRepository } from '../repository/define.js'

/** Plain files on a WebDAV server, below a path: a repository as a module of somebody else's defines it. Servers say no digest; the core reads the file back. */
export const webdav = defineRepository<string>({
  type: 'webdav',
  formats: ['file'],
  parse({ path = '/', ...rest }) {
    if (typeof path !== 'string' || !/^\/(.*\/)?$/.test(path) || Object.keys(rest).length > 0)
      throw new Error('it has one setting, a path that begins and ends with a slash')
    return path
  },
  open({ settings, origin, credentials: [token] }, environment) {
    const credential = token === undefined ? undefined : ({ scheme: 'bearer', token: { variable: token } } as const)
    return new Webdav(settings, environment.http(origin, credential))
  },
})

class Webdav implements Source, Sink {
  readonly #path: string
  readonly #client: HttpClient

  constructor(path: string, client: HttpClient) {
    this.#path = path
    this.#client = client
  }

  async observe(at: Coordinates, call: Call): Promise<Observation> {
    const { status, headers } = await this.#client.send({ method: 'HEAD', path: this.#locationOf(at) }, call)
    if (status === 404) return { saw: 'absent' }
    if (status !== 200) throw new Error(`Expected 200 or 404, and the server answered ${status}`)
    const length = headers['content-length']
    return {
      saw: 'present',
      sha256: undefined,
      size: length === undefined ? undefined : bytes(Number(length)),
      location: this.#locationOf(at),
    }
  }

  async read(location: string, call: Call): Promise<Readable> {
    const { status, stream } = await this.#client.download(location, call)
    if (status === 200) return stream
    stream.destroy()
    throw status === 404 ? new NotThere(`${location} is no longer there`) : new Error(`Expected 200, and the server answered ${status}`)
  }

  async create({ coordinates }: Item, body: Body, call: Call): Promise<Written> {
    const path = this.#locationOf(coordinates)
    const { status, text } = await this.#client.send({ method: 'PUT', path, headers: { 'if-none-match': '*' }, body }, call)
    if (status === 201 || status === 204) return { outcome: 'accepted', location: path }
    // 412 is what RFC 9110, section 13.1.2, asks for; servers whose guard is their own configuration say 409.
    if (status === 409 || status === 412) return { outcome: 'exists' }
    if (status !== 401 && status !== 403 && status !== 413) throw new Error(`Expected 201, and the server answered ${status}`)
    return {
      outcome: 'refused',
      because: { code: 'webdav/refused', message: `The server answered ${status}: ${this.#client.quote(text)}` },
    }
  }

  #locationOf(at: Coordinates): string {
    if (at.format !== 'file') throw new Error(`Expected a plain file, and not a ${at.format}`)
    return this.#path + at.path.split('/').map(encodeURIComponent).join('/')
  }
}
