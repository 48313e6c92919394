import { randomBytes } from 'node:crypto'
import { type Bytes, bytes, type Instant, instant } from '@stagegate/schema'
import { type Body, type Call, NotThere, type Written } from '../../contract/capabilities.js'
import { readDigest } from '../../contract/read-digest.js'
import { RepositoryRefusal } from '../../contract/refusal.js'
import { checkedBody, mismatch } from '../checked.js'
import { ownFolder, type StorePath } from '../path.js'
import { type Reading, type Sighting, type Store, type Version, version } from '../store.js'
import { refusedFile } from './answers.js'
import type { Probe } from './probe.js'
import type { Site } from './site.js'

type Headers = Readonly<Record<string, string>>

const done: readonly number[] = [200, 201, 204]

/**
 * Files on a web server that accepts PUT. Servers confirm no digest, so wrong bytes are never sent to their end. On a server with a MOVE
 * that replaces nothing, a file is read back before it gets its name.
 *
 * @see https://www.rfc-editor.org/rfc/rfc4918#section-9.9.3
 */
export class HttpStore implements Store {
  readonly host: string
  readonly #site: Site
  readonly #probe: Probe

  constructor(site: Site, probe: Probe) {
    this.host = site.client.origin
    this.#site = site
    this.#probe = probe
  }

  async observe(path: StorePath, call: Call): Promise<Sighting> {
    const answer = await this.#site.head(path, call)
    const { status, headers } = answer
    if (status === 404 || status === 410) return { saw: 'absent' }
    if (status === 200) return { saw: 'present', sha256: undefined, size: sizeIn(headers), version: versionIn(headers) }
    if ([301, 302, 307, 308].includes(status) && headers['location']?.endsWith('/') === true)
      throw new RepositoryRefusal({
        code: 'repository/refused',
        what: `there is a folder with the name of this file (${status})`,
        where: this.#site.where(path),
        next: 'Publish it under another path.',
      })
    throw this.#site.unexpected(answer, path)
  }

  async read(path: StorePath, call: Call): Promise<Reading> {
    const { status, headers, stream } = await this.#site.get(path, call)
    if (status === 200) return { stream, version: versionIn(headers), modified: timeIn(headers['last-modified']) }
    stream.destroy()
    if (status === 404 || status === 410) throw new NotThere(`${this.#site.where(path)} is no longer there`)
    throw this.#site.unexpected({ status, headers }, path)
  }

  async create(path: StorePath, body: Body, call: Call): Promise<Written> {
    const way = await this.#probe.way(call)
    if (way === 'move') return this.#moveIn(path, body, call)
    if (way === 'checked' && (await this.observe(path, call)).saw === 'present') return { outcome: 'exists' }
    const written = await this.#put(path, path, body, call)
    if (written.outcome === 'accepted' && way === 'checked') await this.#expectContent(path, body, call)
    return written
  }

  /** Uploads it under a temporary name, reads it back, and then gives it its own name. */
  async #moveIn(path: StorePath, body: Body, call: Call): Promise<Written> {
    if ((await this.observe(path, call)).saw === 'present') return { outcome: 'exists' }
    const part = `${ownFolder}/uploads/${randomBytes(12).toString('hex')}`
    const written = await this.#put(part, path, body, call)
    if (written.outcome !== 'accepted') return written
    await this.#expectContent(part, body, call)
    const moved = await this.#site.move(part, path, call)
    if (done.includes(moved.status)) return { outcome: 'accepted' }
    if (moved.status === 412) return { outcome: 'exists' }
    throw this.#site.unexpected(moved, path)
  }

  async #put(at: string, path: StorePath, body: Body, call: Call): Promise<Written> {
    const answer = await this.#site.put(at, checkedBody(body), call)
    if (done.includes(answer.status)) return { outcome: 'accepted' }
    if (answer.status === 412) return { outcome: 'exists' }
    if (answer.status === 409 && (await this.observe(path, call)).saw === 'present') return { outcome: 'exists' }
    const because = refusedFile(answer)
    if (because !== undefined) return { outcome: 'refused', because }
    throw this.#site.unexpected(answer, at)
  }

  /** @throws {StagegateError} `content/mismatch`: the server has different bytes than were sent */
  async #expectContent(at: string, { content }: Body, call: Call): Promise<void> {
    const { status, headers, stream } = await this.#site.get(at, call)
    if (status !== 200) {
      stream.destroy()
      throw this.#site.unexpected({ status, headers }, at)
    }
    if ((await readDigest(stream)).sha256 !== content.sha256) throw mismatch(content)
  }
}

function versionIn(headers: Headers): Version {
  return version(headers['etag'] ?? `${headers['last-modified'] ?? 'unknown'} ${headers['content-length'] ?? ''}`)
}

function sizeIn(headers: Headers): Bytes | undefined {
  const length = headers['content-length']
  return length === undefined || !/^\d{1,15}$/.test(length) ? undefined : bytes(Number(length))
}

function timeIn(date = ''): Instant | undefined {
  const time = Date.parse(date)
  return Number.isNaN(time) ? undefined : instant(time)
}
