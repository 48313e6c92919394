import { type Problem, StagegateError } from '@stagegate/schema'
import * as v from 'valibot'
import type { Clock } from '../../clock.js'
import type { HttpAnswer, HttpClient } from '../../http/client.js'
import { retryAfter, retryAt } from '../../http/retry-after.js'
import { PutOff } from '../put-off.js'
import { RepositoryRefusal } from '../refusal.js'
import { RetryLater } from '../retry-later.js'

/** OCI distribution specification 1.1, "Error codes". */
const Errors = v.object({
  errors: v.pipe(v.array(v.object({ code: v.string(), message: v.optional(v.string()) })), v.minLength(1)),
})

/** The codes by which a registry says that something is not there; Harbor has one of its own. */
const absentCodes: ReadonlySet<string> = new Set(['MANIFEST_UNKNOWN', 'NAME_UNKNOWN', 'BLOB_UNKNOWN', 'NOT_FOUND'])
/** Those by which it says that it will never take this. */
const refusalCodes: ReadonlySet<string> = new Set(['MANIFEST_INVALID', 'NAME_INVALID', 'TAG_INVALID', 'UNSUPPORTED'])

/** Statuses by which a registry says no for good; 400 only with one of the codes above. */
const refusals: ReadonlyMap<number, readonly [code: string, what: string]> = new Map([
  [400, ['repository/refused', 'The registry does not take it']],
  [401, ['repository/unauthorized', 'The registry does not accept the account, or needs one']],
  [402, ['repository/payment-required', "The account's plan does not allow it"]],
  [403, ['repository/forbidden', 'The account may not do this here']],
  [405, ['repository/unsupported', 'The registry does not do this']],
  [413, ['repository/too-large', 'The registry does not take anything of this size']],
])

type Answered = Pick<HttpAnswer, 'status' | 'headers'> & { readonly text?: string | undefined }

/** What a registry's statuses mean, said without secrets. */
export class Answers {
  readonly #client: HttpClient
  readonly #clock: Clock

  constructor(client: HttpClient, clock: Clock) {
    this.#client = client
    this.#clock = clock
  }

  /** A 404 that says by its code that it is not there. A proxy's own 404 says nothing. */
  saysAbsent({ status, text }: Answered): boolean {
    return status === 404 && codesIn(text).some((code) => absentCodes.has(code))
  }

  /** What is none of the statuses that were expected, as an error. */
  unexpected(answer: Answered, path: string): StagegateError {
    const { status, headers } = answer
    const where = `${this.#client.origin}${path.split('?', 1)[0]}`
    const said = this.#said(answer.text)
    const now = this.#clock.now()
    if (status === 429 || codesIn(answer.text).includes('TOOMANYREQUESTS'))
      return new PutOff({
        what: `the registry is asked too often (${status})${said && `.${said}`}`,
        where,
        until: retryAt(headers['retry-after'], now),
      })
    if (status >= 500 || status === 408)
      return new RetryLater({ status, retryAfter: retryAfter(headers['retry-after'], now), where, said: said && `.${said}` })
    const refusal = this.refusal(answer)
    if (refusal !== undefined) return new RepositoryRefusal({ code: refusal.code, what: refusal.message, where })
    return new StagegateError({ code: 'repository/unexpected-answer', what: `the registry answered ${status}${said && `.${said}`}`, where })
  }

  /** The same of a store that the registry redirects to: it knows no account, and what it refuses now it may give later. */
  elsewhere(status: number, origin: string): StagegateError {
    const what = `the store that the registry redirects to answered ${status}`
    return new StagegateError({ code: 'repository/unexpected-answer', what, where: origin })
  }

  /** A no for good; `undefined` where asking again may help. */
  refusal({ status, text }: Answered): Problem | undefined {
    const refusal = refusals.get(status)
    if (refusal === undefined || (status === 400 && !codesIn(text).some((code) => refusalCodes.has(code)))) return undefined
    const [code, what] = refusal
    return { code, message: `${what} (${status}).${this.#said(text)}` }
  }

  #said(text: string | undefined): string {
    const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), Errors), text)
    if (!parsed.success) return ''
    return ` It says: ${this.#client.quote(parsed.output.errors.map(({ code, message }) => (message === undefined ? code : `${code}, ${message}`)).join('; '))}`
  }
}

function codesIn(text: string | undefined): readonly string[] {
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), Errors), text)
  return parsed.success ? parsed.output.errors.map(({ code }) => code) : []
}
