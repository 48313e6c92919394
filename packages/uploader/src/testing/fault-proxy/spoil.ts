import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { parseHead, rewritten, valuesOf } from './head.js'
import type { AnswerMisbehaviour } from './misbehaviour.js'

export interface Message {
  readonly head: Buffer
  readonly body: AsyncIterable<Buffer>
  /** Another one can follow it on the same connection. */
  readonly keep: boolean
}

/** More than one exchange may hold in memory, or make. */
export class TooMuch extends Error {}

/** The most that is kept of one message, where all of it is needed at once. */
const mostKept = 64 * 1024 * 1024

const compress = promisify(gzip)

export async function* whole(head: Buffer, body: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  yield head
  yield* body
}

/** The same bytes, but for one bit of one of them. */
export async function* flipped(source: AsyncIterable<Buffer>, at: number): AsyncGenerator<Buffer, void, undefined> {
  let passed = 0
  for await (const chunk of source) {
    const index = at - passed
    passed += chunk.length
    if (index < 0 || index >= chunk.length) yield chunk
    else yield Buffer.concat([chunk.subarray(0, index), Buffer.of(chunk.readUInt8(index) ^ 1), chunk.subarray(index + 1)])
  }
}

/** Made bytes that come until nobody wants them any more, or the most that may be made is reached. */
async function* endless(of: (count: number) => string, most: number): AsyncGenerator<Buffer, void, undefined> {
  for (let made = 0, count = 0; made < most; ) {
    const pieces: string[] = []
    while (pieces.length < 256) pieces.push(of(++count))
    const chunk = Buffer.from(pieces.join(''), 'latin1')
    made += chunk.length
    yield chunk
  }
  throw new TooMuch(`${most} bytes were made`)
}

/** Keeps a copy of what passes. */
export class Kept {
  readonly #chunks: Buffer[] = []
  #length = 0

  add(bytes: Buffer): void {
    this.#length += bytes.length
    if (this.#length > mostKept) throw new TooMuch(`more than ${mostKept} bytes were to be kept`)
    this.#chunks.push(bytes)
  }

  all(): Buffer {
    return Buffer.concat(this.#chunks)
  }
}

/**
 * An answer with another head or body. It is the last one of its connection, and says so, lest a client take the connection that
 * is about to end for one to be used again.
 */
export async function changed(message: Message, how: AnswerMisbehaviour, number: number, mostMade: number): Promise<Message> {
  const { status, headers, lengthBy, gzip: packs, endless: kind } = how
  if (kind === 'interim') return { head: Buffer.alloc(0), body: endless(() => 'HTTP/1.1 100 Continue\r\n\r\n', mostMade), keep: false }
  if ([status, headers, lengthBy, packs, kind].every((change) => change === undefined)) return message
  const head = parseHead(message.head)
  const length = valuesOf(head, 'content-length')[0]
  if (length === undefined && (packs || lengthBy !== undefined)) throw new Error('only an answer with a Content-Length can be spoilt so')
  const packed = packs ? await compressed(message.body) : undefined
  const bytes = rewritten(head, status, {
    connection: 'close',
    ...(kind === 'body' ? { 'content-length': null, 'transfer-encoding': null } : {}),
    ...(packed === undefined ? {} : { 'content-length': String(packed.length), 'content-encoding': 'gzip' }),
    ...(lengthBy === undefined ? {} : { 'content-length': String(Number(length) + lengthBy) }),
    ...Object.fromEntries(Object.entries(headers ?? {}).map(([name, value]) => [name, numbered(value, number)])),
  })
  if (kind === 'headers') {
    const line = (count: number) => `x-endless-${count}: ${'x'.repeat(100)}\r\n`
    return { head: bytes.subarray(0, -2), body: endless(line, mostMade), keep: false }
  }
  if (kind === 'body') return { head: bytes, body: endless((count) => `endless ${count} `, mostMade), keep: false }
  return { head: bytes, body: packed === undefined ? message.body : whole(packed, (async function* () {})()), keep: false }
}

function numbered<V extends string | readonly string[] | null>(value: V, number: number) {
  return value === null ? null : [value].flat().map((text) => text.replaceAll('{n}', String(number)))
}

async function compressed(body: AsyncIterable<Buffer>): Promise<Buffer> {
  const kept = new Kept()
  for await (const chunk of body) kept.add(chunk)
  return compress(kept.all())
}
