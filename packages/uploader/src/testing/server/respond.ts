import { createReadStream } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Misbehaviour } from './faults.js'

/** What a route gives for an answer. */
export interface Answer {
  /** The status code. */
  readonly status: number
  /** Further headers. @default none */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** What becomes JSON, or bytes as they are, or a file. */
  readonly json?: unknown
  /** Bytes as they are. */
  readonly data?: Buffer | undefined
  /** A file's bytes, as many as `size` says. */
  readonly file?: { readonly path: string; readonly size: number } | undefined
}

/** A request with what it is to suffer. */
export interface Asked {
  /** Its head; the body is still to be read. */
  readonly request: IncomingMessage
  /** Its address, complete. */
  readonly url: URL
  /** The misbehaviour that its answer suffers. */
  readonly fault: Misbehaviour
  /** Says `100 Continue` where that is waited for. */
  readonly goAhead: () => void
}

/** Sends an answer, as badly as the fault wants it. */
export async function respond(response: ServerResponse, answer: Answer, fault: Misbehaviour): Promise<void> {
  const { status, headers, json, data, file } = answer
  const text =
    data === undefined
      ? Buffer.from(json === undefined ? '' : typeof json === 'string' ? json : JSON.stringify(json))
      : altered(data, fault)
  const length = file?.size ?? text.length
  const type = file === undefined ? 'application/json; charset=utf-8' : 'application/octet-stream'
  response.writeHead(status, { 'content-type': type, 'content-length': String(length), ...headers })
  const end = Math.min(length, fault.truncateAnswer ?? length)
  if (file === undefined) response.write(text.subarray(0, end))
  else if (end > 0) await sendFile(response, file.path, end, fault.serveOtherBytes === true)
  if (end === length) response.end()
  // A write of nothing is called back when all before it is on its way.
  else response.write('', () => response.destroy())
}

function altered(data: Buffer, { serveOtherBytes }: Misbehaviour): Buffer {
  const copy = Buffer.from(data)
  if (serveOtherBytes && copy.length > 0) copy.writeUInt8(copy.readUInt8(copy.length - 1) ^ 1, copy.length - 1)
  return copy
}

async function sendFile(response: ServerResponse, path: string, end: number, altered: boolean): Promise<void> {
  let sent = 0
  let wake: () => void = () => undefined
  const awake = () => wake()
  response.on('drain', awake).once('close', awake)
  for await (const chunk of createReadStream(path, { end: end - 1 }) as AsyncIterable<Buffer>) {
    sent += chunk.length
    if (altered && sent === end) chunk.writeUInt8(chunk.readUInt8(chunk.length - 1) ^ 1, chunk.length - 1)
    if (response.destroyed) return
    const more = new Promise<void>((resolve) => {
      wake = resolve
    })
    if (!response.write(chunk)) await more
  }
}
