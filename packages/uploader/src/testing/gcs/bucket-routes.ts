import { elementsOf, xml } from '../s3/errors.js'
import type { Answer, Asked } from '../server/respond.js'
import type { GcsAccount } from './caller.js'
import { accessDenied, noSuchKey, refusal } from './errors.js'
import { type Objects, shown } from './objects.js'
import type { GcsOptions } from './options.js'

/** A request to a bucket, with who asks. */
export interface BucketRequest {
  readonly asked: Asked
  readonly key: string
  readonly body: Buffer
  /** `undefined`: a visitor. */
  readonly caller: GcsAccount | undefined
}

/** The answers of one bucket. */
export class BucketRoutes {
  readonly #objects: Objects
  readonly #options: GcsOptions

  constructor(objects: Objects, options: GcsOptions) {
    this.#objects = objects
    this.#options = options
  }

  answer(request: BucketRequest): Answer {
    const { asked, key, caller } = request
    const { method = '' } = asked.request
    if (method === 'GET' && key === '') return this.#list(asked.url.searchParams, caller)
    if (method === 'GET' || method === 'HEAD') return this.#get(request)
    if (method !== 'PUT' || key === '') throw refusal(405, 'MethodNotAllowed', 'The specified method is not allowed against this resource.')
    if (caller === undefined) throw accessDenied('Anonymous caller')
    if (caller.may === 'read') throw accessDenied()
    if (asked.url.search !== '') throw refusal(400, 'InvalidArgument', 'Invalid argument.')
    return this.#put(request)
  }

  #get({ asked, key, caller }: BucketRequest): Answer {
    const isPublic = (this.#options.publicPrefixes ?? []).some((prefix) => key.startsWith(prefix))
    if (caller === undefined && !isPublic) throw accessDenied('Anonymous caller')
    const object = this.#objects.all.get(key)
    if (object === undefined) throw caller !== undefined && caller.mayList !== false ? noSuchKey() : accessDenied('Anonymous caller')
    const head = { status: 200, headers: shown(object) }
    return asked.request.method === 'HEAD' ? head : { ...head, data: object.data }
  }

  #put({ asked: { request, fault }, key, body }: BucketRequest): Answer {
    const { headers } = request
    if (headers['content-length'] === undefined)
      throw refusal(411, 'MissingContentLength', 'You must provide the Content-Length HTTP header.')
    if (body.length > (this.#options.largestObject ?? 5 * 1024 ** 4))
      throw refusal(400, 'EntityTooLarge', 'Your proposed upload exceeds the maximum allowed object size.')
    const data = Buffer.from(body)
    if (fault.storeOtherBytes && data.length > 0) data.writeUInt8(data.readUInt8(data.length - 1) ^ 1, data.length - 1)
    const kept = Object.entries(headers).filter(([name]) => /^(?:x-goog-meta-.+|content-type|cache-control|content-encoding)$/.test(name))
    const object = { data, headers: Object.fromEntries(kept.map(([name, value]) => [name, String(value)])) }
    const wanted = headers['x-goog-if-generation-match']
    const written = this.#objects.put(key, object, { wanted: wanted === undefined ? wanted : String(wanted), kept: fault.storeAs })
    if (fault.acceptAndForget) this.#objects.all.delete(fault.storeAs ?? key)
    const { etag = '', 'x-goog-generation': generation = '', 'x-goog-hash': hash = '' } = shown(written)
    return { status: 200, headers: { etag, 'x-goog-generation': generation, 'x-goog-metageneration': '1', 'x-goog-hash': hash } }
  }

  /** https://docs.cloud.google.com/storage/docs/xml-api/get-bucket-list */
  #list(query: URLSearchParams, caller: GcsAccount | undefined): Answer {
    if (caller === undefined || caller.mayList === false) throw accessDenied()
    if (query.get('list-type') !== '2') throw refusal(501, 'NotImplemented', 'Only the second version of a list is there.')
    const after = Buffer.from(query.get('continuation-token') ?? '', 'base64').toString()
    const keys = [...this.#objects.all.keys()].filter((key) => key.startsWith(query.get('prefix') ?? '') && key > after).sort()
    const page = keys.slice(0, this.#options.maxPerPage ?? 1000)
    const entries = page.map((Key) => {
      const { generation = '', data } = this.#objects.all.get(Key) ?? {}
      return `<Contents>${elementsOf({ Key, Generation: generation, MetaGeneration: '1', Size: String(data?.length ?? 0) })}</Contents>`
    })
    const isTruncated = keys.length > page.length
    const more = {
      KeyCount: String(page.length),
      IsTruncated: String(isTruncated),
      ...(isTruncated && { NextContinuationToken: Buffer.from(page.at(-1) ?? '').toString('base64') }),
    }
    const headers = { 'content-type': 'application/xml; charset=UTF-8' }
    return { status: 200, headers, data: xml('ListBucketResult', elementsOf(more) + entries.join('')) }
  }
}
