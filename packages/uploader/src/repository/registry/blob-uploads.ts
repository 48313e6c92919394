import { type PartCoordinates, type Problem, parseUrl } from '@stagegate/schema'
import type { Body, Call, Written } from '../../contract/capabilities.js'
import { RepositoryRefusal } from '../../contract/refusal.js'
import { RetryLater } from '../../contract/retry-later.js'
import type { HttpAnswer } from '../../http/client.js'
import { Chunks } from './chunks.js'
import { type Site, scope } from './site.js'

/** Larger blobs are sent in pieces, so that a broken connection costs one piece. */
const usualPiece = 256 * 1024 * 1024

/** The blob that is uploaded. */
type Blob = Pick<PartCoordinates, 'image' | 'digest'>

interface Session {
  /** Path and query; they change with every answer. */
  readonly path: string
  /** How many bytes the registry has. */
  readonly offset: number
  /** Only the last piece may be smaller. */
  readonly leastPiece: number
  /** Nothing was sent to it yet. */
  readonly fresh: boolean
}

type Opened = { readonly session: Session } | { readonly refused: Problem }

/** Uploads of blobs to one registry, some of them started earlier. */
export class BlobUploads {
  readonly #site: Site
  readonly #pieceSize: number
  readonly #sessions = new Map<string, Session>()

  constructor(site: Site, pieceSize = usualPiece) {
    this.#site = site
    this.#pieceSize = pieceSize
  }

  /**
   * Asks to mount a blob of another image, by the name on this host. If the registry opens an upload instead, the next `upload` uses it.
   */
  async mount(blob: Blob, fromImage: string, call: Call): Promise<Written | { readonly outcome: 'unsupported' }> {
    const { client, answers } = this.#site
    const { image, digest } = blob
    const parameters = new URLSearchParams({ mount: `sha256:${digest}`, from: fromImage })
    const path = this.#site.path(image, `blobs/uploads/?${parameters}`)
    const scopes = [this.#site.push(image), scope(fromImage, 'pull')]
    const answer = await client.send({ method: 'POST', path, scopes }, call).catch(refusedToken)
    // There is no token for both images, or the registry refuses it: the bytes can be sent with one for this image alone.
    if (answer === undefined) return { outcome: 'unsupported' }
    if (answer.status === 201) return { outcome: 'accepted' }
    if (answer.status === 429 || answer.status >= 500) throw answers.unexpected(answer, path)
    const opened = answer.status === 202 ? this.#opened(answer, path) : undefined
    if (opened !== undefined && 'session' in opened) this.#sessions.set(keyOf(blob), opened.session)
    // Some registries refuse a mount that the token does not cover, but accept the bytes.
    return { outcome: 'unsupported' }
  }

  /**
   * Sends a blob, or the rest of it after an earlier upload.
   * @throws {StagegateError} if it is unknown whether the blob is there
   */
  async upload(blob: Blob, body: Body, call: Call): Promise<Written> {
    const { image } = blob
    const key = keyOf(blob)
    const known = this.#sessions.get(key)
    this.#sessions.delete(key)
    const usable = known === undefined || known.fresh ? known : await this.#resumed(known, image, call)
    const opened = usable === undefined ? await this.#open(image, call) : { session: usable }
    if ('refused' in opened) return { outcome: 'refused', because: opened.refused }
    const { session } = opened
    if (session.offset === 0 && body.content.size <= this.#piece(session)) return this.#finish(session, blob, body, call)
    return this.#inPieces(session, blob, body, call)
  }

  async #open(image: string, call: Call): Promise<Opened> {
    const { client, answers } = this.#site
    const path = this.#site.path(image, 'blobs/uploads/')
    const answer = await client.send({ method: 'POST', path, scopes: [this.#site.push(image)] }, call)
    const refused = answers.refusal(answer)
    if (refused !== undefined) return { refused }
    // Some require that it is created first.
    if (answers.saysAbsent(answer))
      return { refused: { code: 'repository/no-such-image', message: `The registry has no repository for ${this.#site.name(image)}.` } }
    if (answer.status !== 202) throw answers.unexpected(answer, path)
    return this.#opened(answer, path)
  }

  /** Nothing has been sent yet, so an upload at another origin is simply refused. */
  #opened(answer: HttpAnswer, path: string): Opened {
    const place = this.#location(answer, path)
    const least = Number(answer.headers['oci-chunk-min-length'] ?? 0)
    const leastPiece = Number.isSafeInteger(least) ? least : 0
    return place === undefined
      ? { refused: { code: 'repository/upload-elsewhere', message: 'The registry redirects the upload to another host.' } }
      : { session: { path: place, offset: 0, leastPiece, fresh: true } }
  }

  /** The whole body, or nothing after all pieces. */
  async #finish({ path }: Session, { image, digest }: Blob, body: Body | '', call: Call): Promise<Written> {
    const { client, answers } = this.#site
    // The rest of the address belongs to the registry, and stays unchanged.
    const target = `${path}${path.includes('?') ? '&' : '?'}digest=${encodeURIComponent(`sha256:${digest}`)}`
    const answer = await client.send({ method: 'PUT', path: target, body, headers: octets, scopes: [this.#site.push(image)] }, call)
    if (answer.status === 201) return { outcome: 'accepted' }
    const because = answers.refusal(answer)
    if (because !== undefined) return { outcome: 'refused', because }
    throw answers.unexpected(answer, target)
  }

  async #inPieces(begun: Session, blob: Blob, body: Body, call: Call): Promise<Written> {
    const { client, answers } = this.#site
    const { size } = body.content
    const key = keyOf(blob)
    const scopes = [this.#site.push(blob.image)]
    const chunks = new Chunks(body)
    let session = begun
    try {
      await chunks.skip(session.offset)
      while (session.offset < size) {
        const length = Math.min(this.#piece(session), size - session.offset)
        const headers = { ...octets, 'content-range': `${session.offset}-${session.offset + length - 1}` }
        // Known from here on: if the connection breaks, the registry is asked how much it got.
        this.#sessions.set(key, { ...session, fresh: false })
        const { path } = session
        const piece = chunks.next(length)
        const answer = await client.send({ method: 'PATCH', path, body: piece, headers, scopes }, call)
        const because = answers.refusal(answer)
        if (because !== undefined) return { outcome: 'refused', because }
        const next = answer.status === 202 ? this.#location(answer, path) : undefined
        if (next === undefined) throw answers.unexpected(answer, path)
        session = { ...session, path: next, offset: session.offset + length }
      }
      // The body ends only if every byte was right.
      await chunks.end()
      this.#sessions.set(key, { ...session, fresh: false })
      const written = await this.#finish(session, blob, '', call)
      this.#sessions.delete(key)
      return written
    } finally {
      chunks.close()
    }
  }

  /** The state of an earlier upload, if the registry still has it. */
  async #resumed(known: Session, image: string, call: Call): Promise<Session | undefined> {
    const answer = await this.#site.client.send({ method: 'GET', path: known.path, scopes: [this.#site.push(image)] }, call)
    // docker-registry 2.8 loses an upload if a piece breaks off: then it starts again.
    if (answer.status !== 204) return undefined
    const end = /^(?:bytes=)?0-(\d{1,15})$/.exec(answer.headers['range'] ?? '')?.[1]
    const path = answer.headers['location'] === undefined ? known.path : this.#location(answer, known.path)
    // `0-0` may mean nothing or a single byte: then it starts again.
    return path === undefined || end === undefined || end === '0' ? undefined : { ...known, path, offset: Number(end) + 1 }
  }

  #piece({ leastPiece }: Session): number {
    return Math.max(this.#pieceSize, leastPiece)
  }

  /** On the same origin only: the bytes and the credential go nowhere else. */
  #location({ headers: { location } }: HttpAnswer, path: string): string | undefined {
    const { origin } = this.#site.client
    const from = new URL(path, origin)
    const url = location === undefined ? undefined : parseUrl(location, from)
    return url?.origin === origin ? url.pathname + url.search : undefined
  }
}

/** @throws any other error */
function refusedToken(error: unknown): undefined {
  if (error instanceof RepositoryRefusal || (error instanceof RetryLater && error.status === 401)) return undefined
  throw error
}

const octets = { 'content-type': 'application/octet-stream' }

function keyOf({ image, digest }: Blob): string {
  return `${image}@${digest}`
}
