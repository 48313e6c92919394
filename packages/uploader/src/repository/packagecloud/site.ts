import { type Problem, StagegateError } from '@stagegate/schema'
import * as v from 'valibot'
import type { Call } from '../../contract/capabilities.js'
import type { Clock } from '../../contract/clock.js'
import { PutOff } from '../../contract/put-off.js'
import { RepositoryRefusal } from '../../contract/refusal.js'
import { RetryLater } from '../../contract/retry-later.js'
import type { HttpAnswer, HttpClient, HttpDownload } from '../../http/client.js'
import { retryAfter, retryAt } from '../../http/retry-after.js'
import { Complaints } from './wire.js'

/** One server and the requests to it: the meaning of its statuses, reported without secrets. */
export class Site {
  readonly client: HttpClient
  readonly #repository: string
  readonly #variable: string | undefined
  readonly #clock: Clock

  constructor(client: HttpClient, repository: string, variable: string | undefined, clock: Clock) {
    this.client = client
    this.#repository = repository
    this.#variable = variable
    this.#clock = clock
  }

  /** For messages: the address without its query. */
  where(path: string): string {
    return `${this.client.origin}${path.split('?', 1)[0]}`
  }

  /** @throws {StagegateError} any status except 200: the state is then unknown */
  async get(path: string, call: Call): Promise<HttpAnswer> {
    const answer = await this.client.send({ method: 'GET', path, headers: { accept: 'application/json' } }, call)
    if (answer.status !== 200) throw this.unexpected(answer, path)
    return answer
  }

  /** The error for a status that is not a success. */
  unexpected(answer: Pick<HttpAnswer, 'status' | 'headers'> & { readonly text?: string | undefined }, path: string): StagegateError {
    const { status, headers } = answer
    if (status === 429) {
      const until = retryAt(headers['retry-after'], this.#clock.now())
      return new PutOff({ what: `the server is limiting requests (429)${this.#said(answer.text)}`, where: this.where(path), until })
    }
    if (isTransient(status)) {
      const wait = retryAfter(headers['retry-after'], this.#clock.now())
      return new RetryLater({ status, retryAfter: wait, where: this.where(path), said: this.#said(answer.text) })
    }
    const { code, message } = this.refusal(answer)
    const parts = { code, what: message, where: this.where(path) }
    return code === 'repository/unexpected-answer' ? new StagegateError(parts) : new RepositoryRefusal(parts)
  }

  /** Here a 404 is about a listed file, and an answer of the storage behind a redirect says nothing about the repository. */
  unexpectedDownload(answer: HttpDownload, path: string): StagegateError {
    const { status, origin } = answer
    if (status !== 404 && (origin === this.client.origin || isTransient(status))) return this.unexpected(answer, path)
    const who = origin === this.client.origin ? 'the server' : `the storage at ${origin}`
    return new StagegateError({
      code: 'repository/not-served',
      what: `${who} answered ${status} for a file that should be there`,
      where: this.where(path),
    })
  }

  /** The same as data, for a status with which the server refuses for good. */
  refusal({ status, text }: { readonly status: number; readonly text?: string | undefined }): Problem {
    const [code, message] = this.#meaning(status)
    return { code, message: `${message}${this.#said(text)}` }
  }

  #meaning(status: number): readonly [code: string, message: string] {
    // A program may have a secret from elsewhere, under a name that is not a variable's.
    const isVariable = this.#variable !== undefined && /^[A-Za-z_]\w*$/.test(this.#variable)
    const account =
      this.#variable === undefined
        ? 'It was opened without a credential'
        : `Check the ${isVariable ? `variable ${this.#variable}: it must hold` : 'token: it must be'} an API token of this server`
    // GitLab reads the text after a `$` as the name of another variable, unless that is switched off.
    const expansion = !isVariable ? '' : ' If the token has a `$`: turn off "Expand variable reference" for the variable in GitLab.'
    switch (status) {
      case 401:
        return ['repository/unauthorized', `${this.#repository}: the server does not accept the credential (401). ${account}.${expansion}`]
      case 402:
        return ['repository/payment-required', `${this.#repository}: the account's plan does not allow it (402).`]
      case 403:
        return [
          'repository/forbidden',
          `${this.#repository}: the credential does not allow it (403). ${account} with permission for this repository.`,
        ]
      case 404:
        return [
          'repository/not-found-or-not-authorised',
          `${this.#repository} does not exist, or the credential cannot see it (404; the server does not tell these apart). ${account}.`,
        ]
      case 413:
        return ['repository/too-large', `${this.#repository}: the server does not accept a file of this size (413).`]
      case 422:
        return ['repository/refused', `${this.#repository}: the server refuses it (422).`]
      default:
        return ['repository/unexpected-answer', `${this.#repository}: the server answered ${status}, which this API does not define.`]
    }
  }

  /** The server's own message, if it has the form of its API: `{"filename": ["…"]}`. */
  #said(text: string | undefined): string {
    const complaints = v.safeParse(v.pipe(v.string(), v.parseJson(), Complaints), text)
    if (!complaints.success || Object.keys(complaints.output).length === 0) return ''
    const list = Object.entries(complaints.output).map(([field, messages]) => `${field} ${[messages].flat().join(', ')}`)
    return ` Its answer: ${this.client.quote(list.join('; '))}`
  }
}

export function isTransient(status: number): boolean {
  return status >= 500 || status === 429 || status === 408
}
