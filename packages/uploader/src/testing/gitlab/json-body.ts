import { bodyIn } from '../server/body.js'
import { type Found, refusal } from './answers.js'
import type { GitlabAsked } from './start.js'

/** The fields of a body. */
export type Fields = Readonly<Record<string, unknown>>

/** A JSON body without the parameters that this version does not know; `undefined` is a connection that was reset. */
export async function jsonBody(asked: GitlabAsked): Promise<Found<Fields> | undefined> {
  const type = asked.request.headers['content-type'] ?? ''
  if (!/^application\/json\b/.test(type))
    return { refused: { status: 415, json: { error: `The provided content-type '${type}' is not supported.` } } }
  const data = await bodyIn(asked)
  if (data === undefined) return undefined
  const unreadable = { refused: refusal(400, '400 Bad request - message body does not match declared format') }
  try {
    const body: unknown = JSON.parse(data.toString(), (key, value: unknown) => (asked.unknownParameters.has(key) ? undefined : value))
    return isFields(body) ? { found: body } : unreadable
  } catch {
    return unreadable
  }
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A text, or a number that stands for one as Grape has it; `undefined` for anything else. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : undefined
}
