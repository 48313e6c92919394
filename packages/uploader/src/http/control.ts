import got, { type Response } from 'got'
import { answerText } from './answer-text.js'
import type { HttpAnswer } from './client.js'
import { type Exchange, flatten, refuseUpgrade } from './exchange.js'
import { Lifetime } from './lifetime.js'

/** A request with a text for a body, or with none. */
export async function control(exchange: Exchange, text: string | undefined): Promise<HttpAnswer> {
  const { url, method, headers, call, clock, limits, failures, agents } = exchange
  const lifetime = new Lifetime(call, clock, failures, (reason) => stream.destroy(reason))
  const stream = got.stream(url, {
    // The cast: got names the methods it knows, HttpRequest's are among them.
    method: method as 'GET',
    headers,
    // Without a body, got waits for one to be written to the stream.
    ...(method === 'GET' || method === 'HEAD' ? {} : { body: text ?? '' }),
    agent: agents,
    followRedirect: false,
    retry: { limit: 0 },
    throwHttpErrors: false,
    http2: false,
    // Not asked for, so that the bound on the answer is a bound on what was received.
    decompress: false,
    timeout: {
      lookup: limits.connect,
      connect: limits.connect,
      secureConnect: limits.connect,
      response: limits.answer,
      socket: limits.idle,
    },
  })
  stream.once('request', refuseUpgrade)
  let response: Response | undefined
  stream.once('response', (received: Response) => {
    response = received
  })
  // An error after the loop was left has nowhere to go; without a listener it would end the process.
  stream.on('error', () => undefined)
  try {
    const body = await answerText(stream, failures)
    if (response === undefined) throw failures.make('http/failed', 'no answer came')
    return { status: response.statusCode, headers: flatten(response.headers), text: body }
  } catch (error) {
    throw lifetime.reason(error)
  } finally {
    lifetime.release()
  }
}
