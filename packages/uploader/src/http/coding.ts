import type { HttpAnswer } from './client.js'
import type { Failures } from './http-error.js'

/** Headers of every request: they ask for bytes as they are stored, not for a form that something on the way makes (RFC 9110, section 12.5.3). */
export const asStored = { 'accept-encoding': 'identity' }

/** Bytes as they are. A store that was sent a file in signed chunks may say so of the file as well, which has none of them. */
const plain = /^(?:identity|aws-chunked)?$/i

/** @throws {HttpError} a body in another coding: its bytes and its length are not those of what is there */
export function refuseCoding({ status, headers }: Pick<HttpAnswer, 'status' | 'headers'>, failures: Failures): void {
  const coding = headers['content-encoding'] ?? ''
  if (status < 200 || status >= 300 || coding.split(',').every((one) => plain.test(one.trim()))) return
  throw failures.make('http/coding', 'the answer has a Content-Encoding that was not asked for')
}
