import { randomUUID } from 'node:crypto'
import { bodyIn } from '../server/body.js'
import type { Answer, Asked } from '../server/respond.js'
import { refusal } from './errors.js'
import { digestOf, type StoredImage } from './image.js'

/** Uploads of blobs, whole or in pieces ("Pushing blobs"). A location is good for one request. */
export class Uploads {
  readonly #begun = new Map<string, { readonly name: string; data: Buffer; state: number }>()
  /** @default 0 */
  readonly #leastPiece: number

  constructor(leastPiece: number) {
    this.#leastPiece = leastPiece
  }

  open(name: string): Answer {
    const id = randomUUID()
    this.#begun.set(id, { name, data: Buffer.alloc(0), state: 0 })
    const least: Record<string, string> = this.#leastPiece === 0 ? {} : { 'oci-chunk-min-length': String(this.#leastPiece) }
    return { status: 202, headers: { ...this.#place(id), ...least } }
  }

  async answer(asked: Asked, name: string, id: string, image: StoredImage): Promise<Answer | undefined> {
    const { request, url, fault } = asked
    const upload = this.#begun.get(id)
    if (upload?.name !== name) return refusal(404, 'BLOB_UPLOAD_UNKNOWN')
    if (request.method === 'GET') return { status: 204, headers: { ...this.#place(id), range: `0-${Math.max(0, upload.data.length - 1)}` } }
    if (url.searchParams.get('state') !== String(upload.state)) return refusal(404, 'BLOB_UPLOAD_INVALID')
    const range = request.headers['content-range']
    const digest = url.searchParams.get('digest')
    if (range !== undefined && !range.startsWith(`${upload.data.length}-`)) return refusal(416, 'BLOB_UPLOAD_INVALID')
    if (request.method === 'PUT' && digest === null) return refusal(400, 'DIGEST_INVALID')
    const data = await bodyIn(asked)
    if (data === undefined) return undefined
    if (range !== undefined && range !== `${upload.data.length}-${upload.data.length + data.length - 1}`)
      return refusal(416, 'SIZE_INVALID')
    upload.data = Buffer.concat([upload.data, data])
    upload.state++
    if (request.method === 'PATCH') return { status: 202, headers: { ...this.#place(id), range: `0-${upload.data.length - 1}` } }
    if (request.method !== 'PUT' || digest === null) return refusal(405, 'UNSUPPORTED')
    this.#begun.delete(id)
    if (digestOf(upload.data) !== digest) return refusal(400, 'DIGEST_INVALID')
    if (!fault.acceptAndForget) image.blobs.set(digest, upload.data)
    return { status: 201, headers: { location: `/v2/${name}/blobs/${digest}`, 'docker-content-digest': digest } }
  }

  /** Relative to the request's own address. */
  #place(id: string): Record<string, string> {
    return { location: `${id}?state=${this.#begun.get(id)?.state}` }
  }
}
