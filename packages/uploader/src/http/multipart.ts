import { randomBytes } from 'node:crypto'
import type { Body } from '../contract/capabilities.js'

/** A multipart/form-data body with one file; its length is known before it is sent. */
export interface Multipart {
  /** Texts of the form, in this order, before the file. */
  readonly fields: readonly (readonly [name: string, value: string])[]
  /** The file: the name of its field, its own name, and its bytes. */
  readonly file: { readonly field: string; readonly filename: string; readonly body: Body }
}

/** A body with what stands before and after it on the wire. */
export interface Payload {
  readonly contentType: string
  readonly head: Buffer
  readonly body: Body
  readonly tail: Buffer
}

/** The fields in their order, then the file. `boundary` must not occur in any of them: 128 random bits do not. */
function framed({ fields, file }: Multipart, boundary = `stagegate-${randomBytes(16).toString('hex')}`): Payload {
  const parts = fields.map(
    ([name, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${escaped(name)}"\r\n\r\n${value}\r\n`,
  )
  const disposition = `form-data; name="${escaped(file.field)}"; filename="${escaped(file.filename)}"`
  parts.push(`--${boundary}\r\nContent-Disposition: ${disposition}\r\nContent-Type: application/octet-stream\r\n\r\n`)
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    head: Buffer.from(parts.join('')),
    body: file.body,
    tail: Buffer.from(`\r\n--${boundary}--\r\n`),
  }
}

/** The same, which says when its body is begun. */
export function telling(payload: Payload, onBegin: () => void): Payload {
  const { body } = payload
  const stream = () => {
    onBegin()
    return body.stream()
  }
  return { ...payload, body: { content: body.content, stream } }
}

/** The bytes of a file, or a form with one. */
export function payloadOf(body: Body | Multipart): Payload {
  if ('file' in body) return framed(body)
  return { contentType: 'application/octet-stream', head: Buffer.alloc(0), body, tail: Buffer.alloc(0) }
}

/** As browsers do it (HTML, multipart/form-data encoding algorithm). */
function escaped(name: string): string {
  return name.replaceAll('\r', '%0D').replaceAll('\n', '%0A').replaceAll('"', '%22')
}
