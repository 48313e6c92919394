import type { Answer } from '../server/respond.js'
import type { GitlabAsked, GitlabPart } from './start.js'

/** Which requests are limited, and how. */
export interface RateLimitsOptions {
  /** The requests that count. @default those for packages and for releases */
  readonly on?: readonly ('packages' | 'releases')[] | undefined
  /** How many go well before some are refused. */
  readonly allowed: number
  /** How many are refused after that, before the count begins again. @default 1 */
  readonly refused?: number | undefined
  /** The seconds of `Retry-After`. @default 1 */
  readonly retryAfter?: number | undefined
  /**
   * Who refuses: the front end, with its headers and in plain text, or an endpoint, in JSON and without them.
   * @default front-end
   */
  readonly by?: 'front-end' | 'endpoint' | undefined
}

const paths = {
  packages: /^\/api\/v4\/projects\/[^/]+\/packages(?:\/|$)/,
  releases: /^\/api\/v4\/projects\/[^/]+\/releases(?:\/|$)/,
}

/**
 * Refuses some requests with 429, by their number and not by the time, before anything else looks at them: give it to `startGitlab` first.
 * @see https://docs.gitlab.com/administration/settings/package_registry_rate_limits/
 * @see https://docs.gitlab.com/administration/settings/user_and_ip_rate_limits/#response-headers
 */
export class RateLimits implements GitlabPart {
  readonly #options: RateLimitsOptions
  #count = 0

  constructor(options: RateLimitsOptions) {
    this.#options = options
  }

  /** Answers requests that are refused; `undefined` for others. */
  async answer({ url }: GitlabAsked): Promise<Answer | undefined> {
    const { on = ['packages', 'releases'], allowed, refused = 1, retryAfter = 1, by = 'front-end' } = this.#options
    if (!on.some((kind) => paths[kind].test(url.pathname))) return undefined
    const place = this.#count++ % (allowed + refused)
    if (place < allowed) return undefined
    if (by === 'endpoint') {
      const error = 'This endpoint has been requested too many times. Try again later.'
      return { status: 429, json: { message: { error } } }
    }
    const reset = Math.floor(Date.now() / 1000) + retryAfter
    const headers = {
      'content-type': 'text/plain',
      'retry-after': String(retryAfter),
      'ratelimit-limit': String(allowed),
      'ratelimit-observed': String(place + 1),
      'ratelimit-remaining': '0',
      // The time as Unix has it, and not how long to wait.
      'ratelimit-reset': String(reset),
      'ratelimit-resettime': new Date(reset * 1000).toUTCString(),
      'ratelimit-name': 'throttle_authenticated_packages_api',
    }
    return { status: 429, headers, json: 'Retry later\n' }
  }
}
