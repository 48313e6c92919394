import { createHash } from 'node:crypto'
import { type Instant, UsageError } from '@stagegate/schema'
import { AwsV4Signer } from 'aws4fetch'
import type { HttpRequest } from './client.js'

/** The keys of an account, and what they sign for. */
export interface AwsKeys {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  /** Temporary keys come with it. @default they are not temporary */
  readonly sessionToken?: string
  readonly region: string
  readonly service: string
}

/** A request to be signed. */
interface Signable {
  readonly method: string
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body: HttpRequest['body']
  /** The time by the server's clock. */
  readonly at: Instant
}

/** Returns the headers that sign a request. */
export type Sign = (request: Signable) => Promise<Readonly<Record<string, string>>>

/** Nothing on the way may change these unseen. Proxies change others, such as Accept-Encoding, and the request would be refused. */
export const signed = /^(?:x-(?:amz|goog)-.+|if-.+|content-type|content-md5|cache-control|range)$/

/**
 * Signs requests with Signature Version 4. The sha256 of the body is part of it, so that the server refuses other bytes, and a body that was
 * broken off.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
 */
export function awsSign(keys: AwsKeys): Sign {
  // The keys that are derived for a day.
  const cache = new Map<string, ArrayBuffer>()
  return async ({ method, url, headers, body, at }) => {
    const content = { 'x-amz-content-sha256': digestOf(body) }
    const kept = Object.entries(headers).filter(([name]) => signed.test(name))
    const signer = new AwsV4Signer({
      ...keys,
      method,
      url: url.href,
      headers: { ...Object.fromEntries(kept), ...content },
      datetime: stampOf(at),
      allHeaders: true,
      cache,
    })
    const { headers: all } = await signer.sign()
    const own = ['authorization', 'x-amz-date', 'x-amz-security-token'].flatMap((name) => {
      const value = all.get(name)
      return value === null ? [] : [[name, value] as const]
    })
    return { ...content, ...Object.fromEntries(own) }
  }
}

/** A time as signatures have it: `20130524T000000Z`. */
export function stampOf(at: Instant): string {
  return at.replace(/[:-]|\.\d{3}/g, '')
}

/** The sha256 of a body. @throws {UsageError} a form, whose digest is not known before it is sent */
export function digestOf(body: HttpRequest['body']): string {
  if (typeof body === 'object' && 'file' in body)
    throw new UsageError({ code: 'usage/body', what: 'a form with a file cannot be signed', next: 'Send the file itself.' })
  if (typeof body === 'object') return body.content.sha256
  return createHash('sha256')
    .update(body ?? '')
    .digest('hex')
}
