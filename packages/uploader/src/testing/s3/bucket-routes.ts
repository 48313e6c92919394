import type { Answer, Asked } from '../server/respond.js'
import { accessDenied, elementsOf, noSuchKey, preconditionFailed, S3Refusal, xml } from './errors.js'
import { md5Of, type Objects, type S3Object, sha256Of } from './objects.js'
import type { S3Options } from './options.js'
import type { S3Account } from './signature.js'
import { Uploads } from './uploads.js'

/** A request to a bucket, with who asks. */
export interface BucketRequest {
  readonly asked: Asked
  readonly key: string
  readonly body: Buffer
  /** `undefined`: a visitor. */
  readonly account: S3Account | undefined
}

/** The answers of one bucket. */
export class BucketRoutes {
  readonly #name: string
  readonly #objects: Objects
  readonly #all: ReadonlyMap<string, Objects>
  readonly #options: S3Options
  readonly #uploads: Uploads

  constructor(name: string, objects: Objects, all: ReadonlyMap<string, Objects>, options: S3Options) {
    this.#name = name
    this.#objects = objects
    this.#all = all
    this.#options = options
    this.#uploads = new Uploads(options.smallestPart ?? 5 * 1024 ** 2)
  }

  answer(request: BucketRequest): Answer {
    const { asked, key, account } = request
    const { searchParams } = asked.url
    const { method = '' } = asked.request
    if (method === 'GET' && key === '') return this.#list(searchParams, account)
    if (key === '' || key.startsWith('/') || /(?:^|\/)\.{0,2}(?:\/|$)/.test(key))
      throw new S3Refusal(400, 'InvalidURI', 'Could not parse the specified URI.')
    if (method === 'GET' || method === 'HEAD') return this.#get(request)
    if (account?.may === 'read') throw accessDenied()
    this.#expectBody(request)
    if (method === 'POST' && searchParams.has('uploads')) return this.#begin(request)
    if (method === 'PUT' && searchParams.has('partNumber')) return this.#part(request)
    if (method === 'POST' && searchParams.has('uploadId')) return this.#complete(request)
    if (method === 'PUT' && searchParams.size === 0) return this.#put(request)
    throw new S3Refusal(405, 'MethodNotAllowed', 'The specified method is not allowed against this resource.')
  }

  #get({ asked, key, account }: BucketRequest): Answer {
    const { headers } = asked.request
    const isPublic = (this.#options.publicPrefixes ?? []).some((prefix) => key.startsWith(prefix))
    if (account === undefined && !isPublic) throw accessDenied()
    const object = this.#objects.seen(key)
    if (object === undefined) throw account !== undefined && account.mayList !== false ? noSuchKey() : accessDenied()
    if (headers['if-match'] !== undefined && headers['if-match'] !== object.etag) throw preconditionFailed()
    const shown = {
      ...object.headers,
      etag: object.etag,
      'content-length': String(object.data.length),
      ...(headers['x-amz-checksum-mode'] === 'ENABLED' && checksumHeaders(object)),
    }
    return asked.request.method === 'HEAD' ? { status: 200, headers: shown } : { status: 200, headers: shown, data: object.data }
  }

  #put({ asked, key, body }: BucketRequest): Answer {
    const { headers } = asked.request
    if (body.length > (this.#options.largestObject ?? 5 * 1024 ** 3))
      throw new S3Refusal(400, 'EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size')
    this.#expectCondition(asked, key)
    const { data, storeAs, isForgotten } = stored(asked, body)
    const object: S3Object = {
      data,
      etag: `"${md5Of(data)}"`,
      headers: keptHeaders(asked),
      ...(this.#options.keepsChecksums !== false &&
        headers['x-amz-checksum-sha256'] !== undefined && { checksum: sha256Of(data, 'base64') }),
    }
    if (!isForgotten) this.#objects.put(storeAs ?? key, object)
    return { status: 200, headers: { etag: object.etag } }
  }

  #begin({ asked, key }: BucketRequest): Answer {
    const algorithm = asked.request.headers['x-amz-checksum-algorithm']
    if (algorithm !== undefined && algorithm !== 'SHA256')
      throw new S3Refusal(400, 'InvalidRequest', 'Checksum algorithm provided is unsupported.')
    const id = this.#uploads.begin(key, keptHeaders(asked), algorithm !== undefined && this.#options.keepsChecksums !== false)
    return said('InitiateMultipartUploadResult', { Bucket: this.#name, Key: key, UploadId: id })
  }

  #part({ asked, key, body, account }: BucketRequest): Answer {
    const { searchParams } = asked.url
    const upload = this.#uploads.find(searchParams.get('uploadId') ?? '', key)
    const source = asked.request.headers['x-amz-copy-source']
    const number = Number(searchParams.get('partNumber'))
    if (source !== undefined) {
      const data = this.#copied(asked, decodeURIComponent(String(source)), account)
      const checksum = upload.hasChecksums ? sha256Of(data, 'base64') : undefined
      const etag = this.#uploads.put(upload, number, { data, checksum })
      const sum = checksum === undefined ? {} : { ChecksumSHA256: checksum }
      return said('CopyPartResult', { LastModified: '2026-01-31T12:00:00.000Z', ETag: etag, ...sum })
    }
    const sum = asked.request.headers['x-amz-checksum-sha256']
    if (upload.hasChecksums && sum === undefined)
      throw new S3Refusal(400, 'InvalidRequest', 'The upload was created using a sha256 checksum, and this part has none.')
    const { data } = stored(asked, body)
    const etag = this.#uploads.put(upload, number, { data, checksum: sha256Of(data, 'base64') })
    return { status: 200, headers: { etag } }
  }

  #copied({ request: { headers } }: Asked, source: string, account: S3Account | undefined): Buffer {
    const [, bucket = '', key = ''] = /^\/?([^/]+)\/(.+)$/.exec(source) ?? []
    const object = this.#all.get(bucket)?.all.get(key)
    if (object === undefined || account === undefined) throw noSuchKey()
    const expected = headers['x-amz-copy-source-if-match']
    if (expected !== undefined && expected !== object.etag) throw preconditionFailed()
    if (object.data.length === 0)
      throw new S3Refusal(400, 'InvalidRequest', 'The specified copy source is not supported as a byte-range copy source')
    const range = headers['x-amz-copy-source-range']
    if (range === undefined) return object.data
    const [, start, end] = /^bytes=(\d+)-(\d+)$/.exec(String(range)) ?? []
    if (start === undefined || Number(end) >= object.data.length)
      throw new S3Refusal(400, 'InvalidArgument', 'Range specified is not valid for source object')
    return object.data.subarray(Number(start), Number(end) + 1)
  }

  #complete({ asked, key, body }: BucketRequest): Answer {
    const id = asked.url.searchParams.get('uploadId') ?? ''
    const upload = this.#uploads.find(id, key)
    const object = this.#uploads.complete(upload, body.toString())
    this.#expectCondition(asked, key)
    this.#uploads.all.delete(id)
    this.#objects.put(key, object)
    return said('CompleteMultipartUploadResult', { Bucket: this.#name, Key: key, ETag: object.etag })
  }

  #list(query: URLSearchParams, account: S3Account | undefined): Answer {
    if (account === undefined || account.mayList === false) throw accessDenied()
    if (query.get('list-type') !== '2') throw new S3Refusal(501, 'NotImplemented', 'Only ListObjectsV2 is implemented.')
    const prefix = query.get('prefix') ?? ''
    const after = Buffer.from(query.get('continuation-token') ?? '', 'base64')
    const keys = [...this.#objects.all.keys()].filter((key) => key.startsWith(prefix)).map((key) => Buffer.from(key))
    const left = keys.sort(Buffer.compare).filter((key) => Buffer.compare(key, after) > 0)
    const page = left.slice(0, this.#options.maxPerPage ?? 1000)
    const last = page.at(-1)
    const entries = page.map(
      (key) =>
        `<Contents>${elementsOf({ Key: key.toString(), Size: String(this.#objects.all.get(key.toString())?.data.length ?? 0) })}</Contents>`,
    )
    const isTruncated = left.length > page.length
    const more = {
      IsTruncated: String(isTruncated),
      ...(isTruncated && last !== undefined && { NextContinuationToken: last.toString('base64') }),
    }
    return {
      status: 200,
      headers: { 'content-type': 'application/xml' },
      data: xml('ListBucketResult', entries.join('') + elementsOf(more)),
    }
  }

  #expectCondition({ request: { headers } }: Asked, key: string): void {
    this.#objects.expect(key, { ifNoneMatch: headers['if-none-match'], ifMatch: headers['if-match'] })
  }

  /** Holds the body against the digests that it came with. */
  #expectBody({ asked, body }: BucketRequest): void {
    const { headers } = asked.request
    if (headers['x-amz-content-sha256'] !== sha256Of(body))
      throw new S3Refusal(400, 'XAmzContentSHA256Mismatch', "The provided 'x-amz-content-sha256' header does not match what was computed.")
    const sum = headers['x-amz-checksum-sha256']
    if (sum !== undefined && !/^[A-Za-z0-9+/]{43}=$/.test(String(sum)))
      throw new S3Refusal(400, 'InvalidRequest', 'Value for x-amz-checksum-sha256 header is invalid.')
    if (sum !== undefined && sum !== sha256Of(body, 'base64'))
      throw new S3Refusal(400, 'BadDigest', 'The SHA256 you specified did not match the calculated checksum.')
  }
}

function checksumHeaders({ checksum }: S3Object): Record<string, string> {
  if (checksum === undefined) return {}
  return { 'x-amz-checksum-sha256': checksum, 'x-amz-checksum-type': checksum.includes('-') ? 'COMPOSITE' : 'FULL_OBJECT' }
}

function keptHeaders({ request: { headers } }: Asked): Readonly<Record<string, string>> {
  const kept = Object.entries(headers).filter(([name]) => /^(?:x-amz-meta-.+|content-type|cache-control)$/.test(name))
  return Object.fromEntries(kept.map(([name, value]) => [name, String(value)]))
}

/** The bytes that are kept, as badly as the fault wants it. */
function stored({ fault }: Asked, body: Buffer) {
  const data = Buffer.from(body)
  if (fault.storeOtherBytes && data.length > 0) data.writeUInt8(data.readUInt8(data.length - 1) ^ 1, data.length - 1)
  return { data, storeAs: fault.storeAs, isForgotten: fault.acceptAndForget === true }
}

function said(root: string, elements: Readonly<Record<string, string>>): Answer {
  return { status: 200, headers: { 'content-type': 'application/xml' }, data: xml(root, elementsOf(elements)) }
}
