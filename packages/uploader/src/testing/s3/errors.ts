import type { Answer } from '../server/respond.js'

/** An answer in the words of S3's API: the status, the code and the message. */
export class S3Refusal extends Error {
  readonly status: number
  readonly code: string
  /** More elements of the body: `Region`. */
  readonly more: Readonly<Record<string, string>>

  constructor(status: number, code: string, message: string, more: Readonly<Record<string, string>> = {}) {
    super(message)
    this.status = status
    this.code = code
    this.more = more
  }

  /** As it is sent. The answer to a HEAD has no body. */
  answer(method: string): Answer {
    const region = this.more['Region']
    const headers = { 'content-type': 'application/xml', ...(region !== undefined && { 'x-amz-bucket-region': region }) }
    if (method === 'HEAD') return { status: this.status, headers }
    const elements = { Code: this.code, Message: this.message, ...this.more, RequestId: 'ABCDEF0123456789' }
    return { status: this.status, headers, data: xml('Error', elementsOf(elements)) }
  }
}

/** A document with one root. */
export function xml(root: string, content: string): Buffer {
  return Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n<${root}>${content}</${root}>`)
}

/** Elements with a text each. */
export function elementsOf(texts: Readonly<Record<string, string>>): string {
  return Object.entries(texts)
    .map(
      ([name, text]) =>
        `<${name}>${text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&#34;')}</${name}>`,
    )
    .join('')
}

export const accessDenied = () => new S3Refusal(403, 'AccessDenied', 'Access Denied')
export const preconditionFailed = () =>
  new S3Refusal(412, 'PreconditionFailed', 'At least one of the pre-conditions you specified did not hold')
export const noSuchKey = () => new S3Refusal(404, 'NoSuchKey', 'The specified key does not exist.')
