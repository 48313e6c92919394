import { StagegateError } from '@stagegate/schema'
import * as v from 'valibot'
import type { HttpAnswer } from '../http/client.js'

/** The form of GitLab's own refusals: a text, or messages by field. */
const Refusal = v.union([
  v.object({ message: v.union([v.string(), v.record(v.string(), v.union([v.string(), v.array(v.string())]))]) }),
  v.pipe(
    v.object({ error: v.string() }),
    v.transform(({ error }) => ({ message: error })),
  ),
])

/** GitLab, or what stands before it, has answered with a status that is no success. */
export class GitlabRefusal extends StagegateError {
  /** The HTTP status: 403. */
  readonly status: number
  /** GitLab's own words; `undefined` where the answer has not the form of its refusals. */
  readonly said: string | undefined
  /** The address that it redirects to, if it does. */
  readonly location: string | undefined

  constructor({ status, headers, text }: HttpAnswer, where: string, quote: (text: string) => string) {
    const said = saidIn(text)
    const words = said === undefined ? undefined : quote(said)
    const what = status < 400 ? `the server redirects (${status}), and Stagegate does not follow that` : `the server answered ${status}`
    super({ code: 'gitlab/refused', what: words === undefined ? what : `${what}: ${words}`, where })
    this.status = status
    this.said = words
    this.location = headers['location']
  }
}

/** The refusal, if it has one of these statuses. @throws {unknown} any other error */
export function refusalWith(statuses: readonly number[], error: unknown): GitlabRefusal {
  if (error instanceof GitlabRefusal && statuses.includes(error.status)) return error
  throw error
}

/** GitLab's words in the text of a refusal; `undefined` where it has not their form. */
export function saidIn(text: string): string | undefined {
  const refusal = v.safeParse(v.pipe(v.string(), v.parseJson(), Refusal), text)
  if (!refusal.success) return undefined
  const { message } = refusal.output
  if (typeof message === 'string') return message
  return Object.entries(message)
    .map(([field, said]) => `${field}: ${[said].flat().join(', ')}`)
    .join('; ')
}
