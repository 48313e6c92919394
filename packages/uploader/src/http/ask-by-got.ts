import http from 'node:http'
import https from 'node:https'
import { answerText } from './answer-text.js'
import type { HttpAnswer } from './client.js'
import { type Exchange, flatten } from './exchange.js'
import { Lifetime } from './lifetime.js'

/**
 * A request with a text for a body, or with none, sent by got: as `control`, over the same connections. Who retries, who follows a redirect
 * and what an answer means is decided above.
 */
export async function askByGot(exchange: Exchange, text: string | undefined): Promise<HttpAnswer> {
  const { method, url, call, clock, limits, failures, connections } = exchange
  connections.expectAllowed(url)
  // Only GitLab's API needs it.
  const { got } = await import('got')
  const { request } = url.protocol === 'https:' ? https : http
  const lifetime = new Lifetime(call, clock, failures, (reason) => stream.destroy(reason))
  const stream = got.stream(url, {
    method: methodOf(method),
    headers: method === 'GET' || text !== undefined ? exchange.headers : { ...exchange.headers, 'content-length': '0' },
    ...(text !== undefined && { body: text }),
    request: (address, options, onAnswer) => request(address, { ...options, ...connections.optionsFor(url, 'asking') }, onAnswer),
    retry: { limit: 0 },
    followRedirect: false,
    throwHttpErrors: false,
    decompress: false,
    timeout: { connect: limits.connect, secureConnect: limits.connect, response: limits.answer, socket: limits.idle },
  })
  try {
    const answer = await answerText(stream, failures)
    const { statusCode = 0, headers = {} } = stream.response ?? {}
    return { status: statusCode, headers: flatten(headers), text: answer }
  } catch (error) {
    throw lifetime.reason(reasonOf(error))
  } finally {
    lifetime.release()
  }
}

/** The methods of an API that answers texts. */
function methodOf(method: string): 'GET' | 'POST' | 'PUT' | 'PATCH' {
  if (method === 'GET' || method === 'POST' || method === 'PUT' || method === 'PATCH') return method
  throw new TypeError(`Expected a request whose answer is text, got ${method}`)
}

/** The error that got has wrapped. */
function reasonOf(error: unknown): unknown {
  return error instanceof Error && error.cause instanceof Error && ['ReadError', 'RequestError', 'TimeoutError'].includes(error.name)
    ? error.cause
    : error
}
