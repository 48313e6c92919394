import type { Readable } from 'node:stream'
import { answerLimit } from './exchange.js'
import type { Failures } from './http-error.js'

/** An answer's body as text. Leaving the loop destroys the stream, so an endless answer costs no more than the limit. */
export async function answerText(stream: Readable, failures: Failures): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > answerLimit) throw failures.make('http/too-long', `expected an answer of at most ${answerLimit} bytes, got more`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
