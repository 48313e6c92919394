import type { Instant, JsonValue, StagegateError } from '@stagegate/schema'
import { isJsonObject, jsonObjectIn } from '../contract/json-object.js'
import { PutOff } from '../contract/put-off.js'
import { quote, redactor } from '../contract/quote.js'
import { RepositoryRefusal } from '../contract/refusal.js'
import { RetryLater } from '../contract/retry-later.js'
import type { HttpAnswer } from './client.js'
import { accountIn, askerIn, jobOver, protectedRepository, unknownJob } from './gitlab-issuer.js'
import { retryAfter, retryAt } from './retry-after.js'

/** A request for a token, as far as it explains a refusal. */
export interface TokenRequest {
  /** The issuer's address, without the query. */
  readonly where: string
  readonly basic: string | undefined
  readonly isGitlab: boolean
  /** The issuer has given this account a token before. */
  readonly wasKnown: boolean
}

/** The error for an answer that has no token. */
export function issuerRefusal(answer: HttpAnswer, request: TokenRequest, now: Instant): StagegateError {
  const { status, headers } = answer
  const { where } = request
  if (status === 429)
    return new PutOff({ what: 'the token issuer is limiting requests (429)', where, until: retryAt(headers['retry-after'], now) })
  if (status >= 500 || status === 408)
    return new RetryLater({ status, retryAfter: retryAfter(headers['retry-after'], now), where, said: '' })
  // A redirect is not followed: where it leads would be given the account.
  if (status !== 401 && status !== 403)
    return new RepositoryRefusal({ code: 'repository/realm', what: `the token issuer answered ${status} without a token`, where })
  if (status === 401 && request.wasKnown && request.isGitlab && askerIn(request.basic) === 'job') return jobOver(where)
  return new RepositoryRefusal({
    code: 'repository/unauthorized',
    what: `the token issuer refused ${request.basic === undefined ? 'a request without an account' : 'the account or its request'} (${status})${said(answer, request)}`,
    where,
    next: advice(status, request),
  })
}

function advice(status: number, { basic, isGitlab }: TokenRequest): string {
  if (basic === undefined) return 'Make the image public, or give the address an account.'
  if (isGitlab && status === 403) return protectedRepository
  if (isGitlab && askerIn(basic) === 'job') return unknownJob
  return 'Check the user name, the password and the permissions of the account.'
}

/** The issuer's own words, without the account. */
function said({ text }: HttpAnswer, { basic }: TokenRequest): string {
  const errors = jsonObjectIn(text)?.['errors']
  const [first] = Array.isArray(errors) ? errors : []
  const words = isJsonObject(first) ? [first['code'], first['message']].filter(isWord) : []
  const [, password = ''] = /^[^:]*:(.*)$/s.exec(basic === undefined ? '' : accountIn(basic)) ?? []
  return words.length === 0 ? '' : `. Its answer: ${quote(words.join(', '), redactor([password]))}`
}

function isWord(value: JsonValue | undefined): value is string {
  return typeof value === 'string' && value !== ''
}
