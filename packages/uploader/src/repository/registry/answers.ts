import { type Problem, StagegateError } from '@stagegate/schema'
import * as v from 'valibot'
import type { Clock } from '../../contract/clock.js'
import { PutOff } from '../../contract/put-off.js'
import { RepositoryRefusal } from '../../contract/refusal.js'
import { RetryLater } from '../../contract/retry-later.js'
import { UnexpectedAnswer } from '../../contract/unexpected-answer.js'
import type { HttpAnswer, HttpClient } from '../../http/client.js'
import { retryAfter, retryAt } from '../../http/retry-after.js'

/** OCI distribution specification 1.1, "Error codes". In practice each part may be missing or null. */
const Part = v.fallback(v.string(), '')
/** A detail may be anything. GitLab's registry uses it to name the tag that a rule refuses. */
const Errors = v.object({ errors: v.array(v.object({ code: Part, message: Part, detail: Part })) })

/** The codes with which a registry says that something does not exist; Harbor has its own. */
const absentCodes: ReadonlySet<string> = new Set(['MANIFEST_UNKNOWN', 'NAME_UNKNOWN', 'BLOB_UNKNOWN', 'NOT_FOUND'])
/** Codes with which a registry refuses for good. */
const refusalCodes: ReadonlySet<string> = new Set(['MANIFEST_INVALID', 'NAME_INVALID', 'TAG_INVALID', 'UNSUPPORTED'])

/** Statuses with which a registry refuses for good; 400 only with one of the codes above. */
const refusals: ReadonlyMap<number, readonly [code: string, what: string]> = new Map([
  [400, ['repository/refused', 'The registry does not accept it']],
  [401, ['repository/unauthorized', 'The registry refuses the account, or requires one']],
  [402, ['repository/payment-required', "The account's plan does not allow it"]],
  [403, ['repository/forbidden', 'The account does not have permission for this']],
  [405, ['repository/unsupported', 'The registry does not support this']],
  // Harbor's answer for an immutable tag.
  [412, ['repository/refused', 'The registry does not allow writing it']],
  [413, ['repository/too-large', 'The registry does not accept anything of this size']],
])

/** GitLab's registry answers 401 if a rule refuses a tag (`TestManifestAPI_Put_ProtectedTags` in its registry/handlers). */
const tagRefused = ['repository/forbidden', 'The registry does not allow this account to set the tag'] as const

type Answered = Pick<HttpAnswer, 'status' | 'headers'> & { readonly text?: string | undefined }

/** The meaning of a registry's statuses, as errors without secrets. */
export class Answers {
  readonly #client: HttpClient
  readonly #clock: Clock

  constructor(client: HttpClient, clock: Clock) {
    this.#client = client
    this.#clock = clock
  }

  /** A 404 with a code that means absence. A proxy's own 404 proves nothing. */
  saysAbsent({ status, text }: Answered): boolean {
    return status === 404 && codesIn(text).some((code) => absentCodes.has(code))
  }

  /** The error for an unexpected status. */
  unexpected(answer: Answered, path: string): StagegateError {
    const { status, headers } = answer
    const where = `${this.#client.origin}${path.split('?', 1)[0]}`
    const said = this.#said(answer.text)
    const now = this.#clock.now()
    if (status === 429 || codesIn(answer.text).includes('TOOMANYREQUESTS'))
      return new PutOff({
        what: `the registry is limiting requests (${status})${said && `.${said}`}`,
        where,
        until: retryAt(headers['retry-after'], now),
      })
    if (status >= 500 || status === 408)
      return new RetryLater({ status, retryAfter: retryAfter(headers['retry-after'], now), where, said: said && `.${said}` })
    const refusal = this.refusal(answer)
    if (refusal !== undefined) return new RepositoryRefusal({ code: refusal.code, what: refusal.message, where })
    return new UnexpectedAnswer({ status, what: `the registry answered ${status}${said && `.${said}`}`, where })
  }

  /** A 200 that no registry can have sent. */
  strange({ status, headers }: Answered, path: string, expected: string): StagegateError {
    const type = this.#client.quote(headers['content-type'] ?? 'something else')
    return new UnexpectedAnswer({
      status,
      what: `expected ${expected}, got ${type}`,
      where: `${this.#client.origin}${path.split('?', 1)[0]}`,
    })
  }

  /** The same for a store to which the registry redirects: it knows no account, and may later give what it refuses now. */
  elsewhere(status: number, origin: string): StagegateError {
    const what = `the storage that the registry redirects to answered ${status}`
    return new StagegateError({ code: 'repository/unexpected-answer', what, where: origin })
  }

  /** A final refusal of a tag or of content; `undefined` if asking again may help. */
  refusal({ status, text }: Answered, to: 'tag' | 'content' = 'content'): Problem | undefined {
    const refusal = to === 'tag' && status === 401 ? tagRefused : refusals.get(status)
    if (refusal === undefined || (status === 400 && !codesIn(text).some((code) => refusalCodes.has(code)))) return undefined
    const [code, what] = refusal
    return { code, message: `${what} (${status}).${this.#said(text)}` }
  }

  #said(text: string | undefined): string {
    const said = errorsIn(text).flatMap(
      ({ code, message, detail }) => [code, message, detail].filter((part) => part !== '').join(', ') || [],
    )
    return said.length === 0 ? '' : ` Its answer: ${this.#client.quote(said.join('; '))}`
  }
}

/** The reason is the account, or that there is none. */
export function isRefusal(error: unknown): boolean {
  return error instanceof RepositoryRefusal && ['repository/unauthorized', 'repository/forbidden'].includes(error.code)
}

/**
 * An HTML page, such as a portal or a proxy sends instead of a registry. Artifacts may be pages too, so an answer that names its digest is
 * not one: nobody else names it.
 */
export function isPage({ headers }: Pick<HttpAnswer, 'headers'>): boolean {
  return (
    /^\s*(?:text\/html|application\/xhtml\+xml)\b/i.test(headers['content-type'] ?? '') && headers['docker-content-digest'] === undefined
  )
}

/** With the specification's capitals, whatever the registry uses. */
function codesIn(text: string | undefined): readonly string[] {
  return errorsIn(text).map(({ code }) => code.toUpperCase())
}

function errorsIn(text: string | undefined): v.InferOutput<typeof Errors>['errors'] {
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), Errors), text)
  return parsed.success ? parsed.output.errors : []
}
