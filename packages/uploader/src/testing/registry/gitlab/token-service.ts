import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Jobs } from '../../gitlab/jobs.js'
import type { GitlabPart } from '../../gitlab/start.js'
import type { Answer, Asked } from '../../server/respond.js'
import type { Guard, TagPush } from '../guard.js'
import { type Access, askerOf, grant, isProtected, type RegistryJob } from './accounts.js'
import type { RegistryProject } from './projects.js'

/** The options of `RegistryTokenService`. */
export interface TokenServiceOptions {
  /** The projects that have a registry. */
  readonly projects: readonly RegistryProject[]
  /** Jobs of the same instance, which have one token for the API and for the registry. @default those of `startJob` alone */
  readonly jobs?: Jobs | undefined
  /** How long a token is good, in minutes: `container_registry_token_expire_delay`. @default 5 */
  readonly expireDelay?: number | undefined
  /** The time in milliseconds. @default the system's */
  readonly now?: (() => number) | undefined
  /** The registry's answer to a push of a tag that a rule refuses. Which code GitLab's own has is not documented. @default 401, TAG_REFUSED */
  readonly refusedTag?: RefusedTag | undefined
}

/** An answer of the registry to a push of a tag. */
export interface RefusedTag {
  /** The HTTP status. */
  readonly status: number
  /** The error's code: `DENIED`. */
  readonly code: string
  /** Asks for another token with it, as no version is known to do. @default false */
  readonly challenges?: boolean | undefined
}

interface Issued {
  readonly access: readonly Access[]
  readonly until: number
}

/**
 * GitLab's issuer of tokens for its container registry, `GET /jwt/auth` (app/controllers/jwt_controller.rb), and what the registry makes of
 * its tokens. A part of `startGitlab`, and through `guard` of `startRegistry`.
 */
export class RegistryTokenService implements GitlabPart {
  readonly #options: TokenServiceOptions
  readonly #jobs = new Map<string, RegistryJob>()
  readonly #issued = new Map<string, Issued>()

  constructor(options: TokenServiceOptions) {
    this.#options = options
  }

  /** Starts a job, and gives its token. */
  startJob(job: RegistryJob): string {
    const token = `glcbt-${randomUUID()}`
    this.#jobs.set(token, job)
    return token
  }

  /** The job is over, and GitLab knows its token no more. Tokens of the registry that it has are good until they expire. */
  endJob(token: string): void {
    this.#jobs.delete(token)
  }

  /** Every token that was issued expires. */
  expire(): void {
    this.#issued.clear()
  }

  async answer({ request, url }: Asked): Promise<Answer | undefined> {
    for (const token of this.#jobs.keys()) if (url.href.includes(token)) throw new Error('a token in the URL')
    if (url.pathname !== '/jwt/auth' || request.method !== 'GET') return undefined
    return url.searchParams.get('service') === 'container_registry' ? this.#issue(request, url) : { status: 404 }
  }

  /** What the registry asks of who comes; `gitlab` is the address of this GitLab. */
  guard(gitlab: string): Guard {
    return {
      refuse: (request, wanted) => this.#refuse(request, wanted, gitlab),
      refuseTag: (request, push, when) => this.#refuseTag(request, push, when, gitlab),
    }
  }

  #issue(request: IncomingMessage, url: URL): Answer {
    const { projects, expireDelay = 5 } = this.#options
    const asker = askerOf(request, projects, (token) => this.#jobs.get(token) ?? this.#jobOfInstance(token))
    if (asker === undefined)
      return said(
        401,
        'UNAUTHORIZED',
        'HTTP Basic: Access denied. If a token was provided, it was either incorrect, expired, or improperly scoped.',
      )
    const scopes = url.searchParams.getAll('scope').flatMap((scope) => scope.split(' '))
    const access = scopes.flatMap((scope) => grant(scope, asker, projects) ?? [])
    if (access.length === 0 && asker.is === 'nobody') return said(403, 'DENIED', 'access forbidden')
    if (access.some((one) => isProtected(one, asker, projects)))
      return said(403, 'DENIED', 'Pushing to protected repository path forbidden')
    const token = randomUUID()
    this.#issued.set(token, { access, until: this.#now() + expireDelay * 60_000 })
    // GitLab says nothing of its life.
    return { status: 200, json: { token } }
  }

  #jobOfInstance(token: string): RegistryJob | undefined {
    const job = this.#options.jobs?.byToken(token)
    return job === undefined ? undefined : { project: job.project.path, user: job.user }
  }

  #refuse(request: IncomingMessage, wanted: readonly string[], gitlab: string): Answer | undefined {
    const shown = shownIn(request)
    const token = this.#tokenOf(request)
    const may = (one: string) => {
      const [name, action = ''] = one.split(':')
      return token?.access.some((access) => access.name === name && access.actions.includes(action)) ?? false
    }
    if (token !== undefined && wanted.every(may)) return undefined
    const error = shown === undefined ? '' : `,error="${token === undefined ? 'invalid_token' : 'insufficient_scope'}"`
    return said(401, 'UNAUTHORIZED', 'authentication required', { 'www-authenticate': challengeOf(wanted, gitlab) + error })
  }

  /** Rules travel in the token: protection is looked at first, immutability once the manifest is stored (registry/handlers/manifests.go). */
  #refuseTag(request: IncomingMessage, { name, tag, isThere }: TagPush, when: 'before' | 'stored', gitlab: string): Answer | undefined {
    const access = this.#tokenOf(request)?.access.find((one) => one.name === name)
    const { status, code, challenges = false } = this.#options.refusedTag ?? { status: 401, code: 'TAG_REFUSED' }
    const [patterns, is] = when === 'before' ? [access?.denied, 'protected'] : [isThere ? access?.immutable : [], 'immutable']
    if (!patterns?.some((pattern) => pattern.test(tag))) return undefined
    const headers = challenges ? { 'www-authenticate': challengeOf([`${name}:pull`, `${name}:push`], gitlab) } : undefined
    return { status, headers, json: { errors: [{ code, message: `the tag is ${is}`, detail: `tag "${tag}" is ${is}` }] } }
  }

  #tokenOf(request: IncomingMessage): Issued | undefined {
    const issued = this.#issued.get(shownIn(request) ?? '')
    return issued !== undefined && issued.until > this.#now() ? issued : undefined
  }

  #now(): number {
    return (this.#options.now ?? Date.now)()
  }
}

function shownIn({ headers: { authorization } }: IncomingMessage): string | undefined {
  return /^Bearer (.+)$/.exec(authorization ?? '')?.[1]
}

function challengeOf(wanted: readonly string[], gitlab: string): string {
  const scope = wanted.length === 0 ? '' : `,scope="${scopesOf(wanted)}"`
  return `Bearer realm="${gitlab}/jwt/auth",service="container_registry"${scope}`
}

/** `repository:acme/hello:pull,push`, for each repository. */
function scopesOf(wanted: readonly string[]): string {
  const names = [...new Set(wanted.map((one) => one.split(':')[0] ?? ''))]
  const actionsOn = (name: string) => wanted.flatMap((one) => (one.startsWith(`${name}:`) ? (one.split(':')[1] ?? '') : []))
  return names.map((name) => `repository:${name}:${actionsOn(name).join(',')}`).join(' ')
}

function said(status: number, code: string, message: string, headers?: Readonly<Record<string, string>>): Answer {
  return { status, headers, json: { errors: [{ code, message }] } }
}
