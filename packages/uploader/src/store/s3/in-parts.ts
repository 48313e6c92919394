import { Readable } from 'node:stream'
import { StagegateError } from '@stagegate/schema'
import type { Body, Call, Written } from '../../contract/capabilities.js'
import { contentOf } from '../../contract/content-of.js'
import { isConditionFalse } from './answers.js'
import { base64Of } from './checksum.js'
import type { Wire } from './wire.js'
import { escapeXml, parseXml, textIn } from './xml.js'

/** The sizes at which S3 needs a different method. */
export interface S3Limits {
  /** The largest object of one PUT, and the largest part of a copy. */
  readonly single: number
  /** The size of parts. One part at a time is in memory, since its digest is sent first. */
  readonly part: number
}

/** S3 user guide, "Multipart upload limits": parts of 5 MiB to 5 GiB. */
export const s3Limits: S3Limits = { single: 5 * 1024 ** 3, part: 16 * 1024 ** 2 }

/** The largest object of Google's storage, however it is sent (its "Quotas & limits"); it takes all of it in one request. */
export const googleLimits: S3Limits = { single: 5 * 1024 ** 4, part: s3Limits.part }

/** As many parts as an object can have (ibid.). */
const mostParts = 10_000

/** A part that the server has. */
export interface Part {
  readonly etag: string
  readonly checksum?: string | undefined
}

/** An upload in parts. Nothing is visible before it is complete; the bucket cleans up the parts of one that never is. */
export class InParts {
  readonly #wire: Wire
  readonly #key: string
  readonly #upload: string

  private constructor(wire: Wire, key: string, upload: string) {
    this.#wire = wire
    this.#key = key
    this.#upload = upload
  }

  static async begin(wire: Wire, key: string, headers: Readonly<Record<string, string>>, call: Call): Promise<InParts> {
    const answer = await wire.ask({ method: 'POST', key, query: { uploads: '' }, headers }, call)
    const upload = textIn(parseXml(answer.text ?? ''), 'UploadId')
    if (answer.status !== 200 || answer.error !== undefined || upload === undefined) throw wire.unexpected(answer, key)
    return new InParts(wire, key, upload)
  }

  /** Sends a part; it has its digest with it. */
  async send(number: number, data: Buffer, call: Call): Promise<Part> {
    const content = contentOf(data)
    const checksum = base64Of(content.sha256)
    const body = { content, stream: () => Readable.from([data]) }
    const answer = await this.#part(number, { 'x-amz-checksum-sha256': checksum }, call, body)
    const { etag } = answer.headers
    if (answer.status !== 200 || etag === undefined) throw this.#wire.unexpected(answer, this.#key)
    return { etag, checksum }
  }

  /** Makes the server copy a part from another object. `undefined`: that object has changed, or may not be read from here. */
  async copy(number: number, headers: Readonly<Record<string, string>>, call: Call): Promise<Part | undefined> {
    const answer = await this.#part(number, headers, call)
    // MinIO answers 400 to a copied part if the upload has checksums.
    if (isConditionFalse(answer) || [400, 403, 404, 501].includes(answer.status)) return undefined
    const copied = parseXml(answer.text ?? '')
    const [etag, checksum] = [textIn(copied, 'ETag'), textIn(copied, 'ChecksumSHA256')]
    if (answer.status !== 200 || answer.error !== undefined || etag === undefined) throw this.#wire.unexpected(answer, this.#key)
    return { etag, checksum }
  }

  /** Makes one object from the parts, unless it exists. */
  async complete(parts: readonly Part[], call: Call): Promise<Written> {
    const list = parts.map(({ etag, checksum }, index) => {
      const sum = checksum === undefined ? '' : `<ChecksumSHA256>${checksum}</ChecksumSHA256>`
      return `<Part><PartNumber>${index + 1}</PartNumber><ETag>${escapeXml(etag)}</ETag>${sum}</Part>`
    })
    const body = `<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${list.join('')}</CompleteMultipartUpload>`
    const headers = { 'if-none-match': '*', 'content-type': 'application/xml' }
    const answer = await this.#wire.ask({ method: 'POST', key: this.#key, query: { uploadId: this.#upload }, headers, body }, call)
    if (isConditionFalse(answer)) return { outcome: 'exists' }
    // The status is sent before the work is done, so the body decides.
    const root = parseXml(answer.text ?? '')
    if (answer.status === 200 && root?.name === 'CompleteMultipartUploadResult') return { outcome: 'accepted' }
    throw this.#wire.unexpected(answer, this.#key)
  }

  #part(number: number, headers: Readonly<Record<string, string>>, call: Call, body?: Body) {
    const query = { partNumber: String(number), uploadId: this.#upload }
    return this.#wire.ask({ method: 'PUT', key: this.#key, query, headers, body }, call)
  }
}

/** The number of parts for so many bytes; `undefined` if an object cannot have as many. */
export function countParts(size: number, part: number): number | undefined {
  const count = Math.max(1, Math.ceil(size / part))
  return count > mostParts ? undefined : count
}

/** The bytes of a body in parts, all of the same length except the last. */
export async function* partsOf(body: Body, part: number): AsyncGenerator<Buffer> {
  let held: Buffer[] = []
  let length = 0
  let came = 0
  for await (const chunk of body.stream() as AsyncIterable<Buffer>) {
    came += chunk.length
    for (let start = 0; start < chunk.length; ) {
      const piece = chunk.subarray(start, start + part - length)
      held.push(piece)
      length += piece.length
      start += piece.length
      if (length < part) continue
      yield Buffer.concat(held)
      held = []
      length = 0
    }
  }
  if (came !== body.content.size)
    throw new StagegateError({ code: 'http/failed', what: `expected a body of ${body.content.size} bytes, but its stream had ${came}` })
  if (length > 0 || came === 0) yield Buffer.concat(held)
}
