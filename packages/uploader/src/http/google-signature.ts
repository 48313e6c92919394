import { createHash, createHmac } from 'node:crypto'
import { digestOf, type Sign, signed, stampOf } from './aws-signature.js'

/** The HMAC key of a service account. */
export interface GoogleKey {
  /** The access ID: `GOOG1E…`. */
  readonly accessId: string
  readonly secret: string
}

const algorithm = 'GOOG4-HMAC-SHA256'
/** Google takes any location in a signature, and knows itself where a bucket is. */
const scope = ['auto', 'storage', 'goog4_request']

/**
 * Signs requests with Google's own V4, which is AWS's under other names: Google wants it beside headers that begin with `x-goog-`, and with
 * AWS's own signature it takes `x-amz-` alone. The sha256 of the body is part of it.
 *
 * @see https://docs.cloud.google.com/storage/docs/authentication/signatures
 * @see https://docs.cloud.google.com/storage/docs/aws-simple-migration
 */
export function googleSign({ accessId, secret }: GoogleKey): Sign {
  return async ({ method, url, headers, body, at }) => {
    const stamp = stampOf(at)
    const day = stamp.slice(0, 8)
    const content = digestOf(body)
    const own = { 'x-goog-content-sha256': content, 'x-goog-date': stamp }
    const kept = Object.entries({ ...headers, ...own, host: url.host }).filter(([name]) => name === 'host' || signed.test(name))
    const all = kept.sort(([one], [other]) => (one < other ? -1 : 1))
    const names = all.map(([name]) => name).join(';')
    const lines = all.map(([name, value]) => `${name}:${value.trim().replaceAll(/\s+/g, ' ')}\n`).join('')
    const canonical = [method, url.pathname, queryOf(url), lines, names, content].join('\n')
    const text = [algorithm, stamp, [day, ...scope].join('/'), createHash('sha256').update(canonical).digest('hex')].join('\n')
    const key = [day, ...scope].reduce<string | Buffer>(hmac, `GOOG4${secret}`)
    const credential = [accessId, day, ...scope].join('/')
    const signature = hmac(key, text).toString('hex')
    return { ...own, authorization: `${algorithm} Credential=${credential}, SignedHeaders=${names}, Signature=${signature}` }
  }
}

/** Sorted by name, and encoded as RFC 3986 has it. */
function queryOf({ searchParams }: URL): string {
  const words = [...searchParams].map(([name, value]) => `${encode(name)}=${encode(value)}`)
  return words.sort().join('&')
}

function encode(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`)
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}
