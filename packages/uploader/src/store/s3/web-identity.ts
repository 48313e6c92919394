import { type Instant, later } from '@stagegate/schema'
import type { Call } from '../../contract/capabilities.js'
import type { Clock } from '../../contract/clock.js'
import { RepositoryRefusal } from '../../contract/refusal.js'
import { RetryLater } from '../../contract/retry-later.js'
import { UnexpectedAnswer } from '../../contract/unexpected-answer.js'
import type { HttpAnswer, HttpClient, IssuedKeys } from '../../http/client.js'
import { retryAfter } from '../../http/retry-after.js'
import { type Element, parseXml, textIn } from './xml.js'

/** The parts of a `WebIdentity`. */
export interface WebIdentityParts {
  /** The role to assume. @default the server finds it by the token */
  readonly role: string | undefined
  /** A client of the server that issues keys; it adds the token to its forms. */
  readonly client: HttpClient
  readonly clock: Clock
}

interface Session {
  readonly keys: IssuedKeys
  /** New ones are requested from this time on. */
  readonly until: Instant
}

/** How many seconds before keys expire new ones are requested: an upload that starts with them may take long to arrive. */
const margin = 300

/**
 * Keys that are issued for an ID token and are valid for a while.
 *
 * @see https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
 */
export class WebIdentity {
  readonly #parts: WebIdentityParts
  #session: Session | undefined
  #asking: { readonly session: Promise<Session>; readonly signal: AbortSignal } | undefined

  constructor(parts: WebIdentityParts) {
    this.#parts = parts
  }

  /** Keys that are valid for a while. */
  async keys(call: Call): Promise<IssuedKeys> {
    if (this.#session !== undefined && this.#parts.clock.now() < this.#session.until) return this.#session.keys
    // A call that was aborted brings no keys, and the next caller asks again.
    if (this.#asking === undefined || this.#asking.signal.aborted) {
      const asking = { session: this.#issue(call), signal: call.signal }
      this.#asking = asking
      const end = () => {
        if (this.#asking === asking) this.#asking = undefined
      }
      asking.session.then(end, end)
    }
    this.#session = await this.#asking.session
    return this.#session.keys
  }

  async #issue(call: Call): Promise<Session> {
    const { role, client, clock } = this.#parts
    const form = new URLSearchParams({ Action: 'AssumeRoleWithWebIdentity', Version: '2011-06-15', RoleSessionName: 'stagegate' })
    if (role !== undefined) form.set('RoleArn', role)
    const headers = { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/xml' }
    const answer = await client.send({ method: 'POST', path: '/', headers, body: String(form) }, call)
    const root = parseXml(answer.text)
    const issued = childOf(childOf(root, 'AssumeRoleWithWebIdentityResult'), 'Credentials')
    const [accessKeyId, secretAccessKey, sessionToken, expiration] = parts.map((name) => textIn(issued, name))
    if (answer.status !== 200 || !accessKeyId || !secretAccessKey || !sessionToken) throw this.#refusal(answer, root)
    // Both times are from the server's clock.
    const life = (Date.parse(expiration ?? '') - Date.parse(answer.headers['date'] ?? clock.now())) / 1000 || usualLife
    return { keys: { accessKeyId, secretAccessKey, sessionToken }, until: later(clock.now(), Math.max(life - margin, life / 2, 0)) }
  }

  #refusal(answer: HttpAnswer, root: Element | undefined): Error {
    const { role, client, clock } = this.#parts
    const { status } = answer
    const error = childOf(root, 'Error')
    const code = textIn(error, 'Code') ?? ''
    const where = role === undefined ? client.origin : `${role} at ${client.origin}`
    const said = error === undefined ? '' : `. The server’s answer: ${client.quote(`${code}: ${textIn(error, 'Message') ?? ''}`)}`
    if (status >= 500 || status === 429 || passing.has(code))
      return new RetryLater({ status, retryAfter: retryAfter(answer.headers['retry-after'], clock.now()), where, said })
    if (status < 400) return new UnexpectedAnswer({ status, what: 'expected keys for the ID token of the job, got something else', where })
    const [what, next] = ends.has(code)
      ? ['the ID token of the job has expired', 'Run the job again: it gets a new token, and sends only what is missing.']
      : status === 404 || status === 405 || status === 501
        ? ['the server issues no keys for ID tokens', 'Correct its address in sts, or use keys that do not expire.']
        : [
            'the server issues no keys for the ID token of the job',
            'Compare the role’s trust policy with the token: its issuer (your GitLab), its audience (aud), and the project and the tag in sub.',
          ]
    return new RepositoryRefusal({
      code: 'store/web-identity',
      what: `${what} (${status})${said}`,
      where,
      next: `${next} Nothing was sent.`,
    })
  }
}

const parts = ['AccessKeyId', 'SecretAccessKey', 'SessionToken', 'Expiration'] as const
/** How many seconds keys are valid if the server does not say: AWS's usual time. */
const usualLife = 3600
/** Temporary errors: AWS's common errors, and those of this call ("retry the request"). */
const passing: ReadonlySet<string> = new Set(['IDPCommunicationError', 'Throttling', 'ThrottlingException', 'RequestLimitExceeded'])
const ends: ReadonlySet<string> = new Set(['ExpiredTokenException', 'ExpiredToken'])

function childOf(element: Element | undefined, name: string): Element | undefined {
  return element?.children.find((child) => child.name === name)
}
