import { answerText } from './answer-text.js'
import type { HttpAnswer } from './client.js'
import { Fetching } from './download.js'
import { type Exchange, flatten } from './exchange.js'

/** A request with a text for a body, or with none. A redirect is an answer like any other. */
export async function control(exchange: Exchange, text: string | undefined): Promise<HttpAnswer> {
  const body = await new Fetching(exchange, text).begun
  const { statusCode = 0, headers } = body.response
  return { status: statusCode, headers: flatten(headers), text: await answerText(body, exchange.failures) }
}
