import type { IncomingMessage } from 'node:http'
import { type Found, forbidden, insufficientScope, notFound, unauthorized } from './answers.js'
import { type Accepted, type Asker, askerOf, may, roleIn } from './asker.js'
import type { Jobs } from './jobs.js'
import { entryOf, isAtLeast, type Project, protectionOf, type Token } from './project.js'
import type { GitlabAsked } from './start.js'

/** The projects as all parts of the instance ask for them: which there are, who asks, and whether he comes in. */
export class Entrance {
  readonly #jobs: Jobs | undefined
  readonly #known: readonly Project[] | undefined
  readonly #tokens: Map<string, Token>
  readonly #tags = new Map<number, Map<string, string>>()

  constructor(jobs: Jobs | undefined, projects: readonly Project[] | undefined, tokens: Readonly<Record<string, Token>>) {
    this.#jobs = jobs
    this.#known = projects
    this.#tokens = new Map(Object.entries(tokens))
  }

  revoke(token: string): void {
    this.#tokens.delete(token)
  }

  /** The commits of a project's tags, by name. They can be changed: somebody pushes a tag, or deletes one. */
  tagsOf({ id, tags = {} }: Project): Map<string, string> {
    const made = this.#tags.get(id) ?? new Map(Object.entries(tags))
    this.#tags.set(id, made)
    return made
  }

  /** The commit of a branch, a tag or a hash; `undefined` for anything else. */
  commitOf(project: Project, ref: string): string | undefined {
    const { defaultBranch = 'main', branches = { [defaultBranch]: 'a'.repeat(40) } } = project
    return this.tagsOf(project).get(ref) ?? entryOf(branches, ref) ?? (/^[0-9a-f]{40}$/.test(ref) ? ref : undefined)
  }

  /** Whether somebody may create a tag of this name, which GitLab also asks before it changes a release of it. */
  mayCreateTag(asker: Asker, project: Project, tag: string): boolean {
    const protection = protectionOf(project, tag)
    return protection !== 'nobody' && isAtLeast(roleIn(asker, project), protection ?? 'developer')
  }

  /** The project with this number, or with this path as a part of an address. */
  find(text: string): Project | undefined {
    const id = decodeURIComponent(text)
    const known = this.#known ?? this.#jobs?.projects ?? []
    return known.find((project) => (/^\d+$/.test(id) ? project.id === Number(id) : project.path.toLowerCase() === id.toLowerCase()))
  }

  /** Who asks, if the credential is good for this endpoint. A token in the address is a leak. */
  askerOf({ request, url }: GitlabAsked, accepted: Accepted): Found<Asker> {
    for (const token of this.#tokens.keys()) if (url.href.includes(token)) throw new Error('a token in the URL')
    const asker = askerOf(request, this.#jobs, this.#tokens, accepted)
    if (asker === undefined) return { refused: unauthorized() }
    const isReadOnly = (asker.kind === 'personal' || asker.kind === 'project') && asker.scope === 'read_api'
    return isReadOnly && !isRead(request) ? { refused: insufficientScope() } : { found: asker }
  }

  /** The project, for somebody who may read it: `find_project!` of lib/api/helpers.rb. */
  admit(asker: Asker, id: string): Found<Project> {
    const project = this.find(id)
    if (project === undefined) return { refused: notFound('Project') }
    if (may(asker, project, 'read_project')) return { found: project }
    if (asker.kind !== 'job') return { refused: notFound('Project') }
    // The names without their groups, and the same words whether the allowlist or the user's membership is in the way.
    const [from, to] = [asker.job.project.path, project.path].map((path) => path.split('/').at(-1))
    return { refused: forbidden(`Authentication by CI/CD job token not allowed from ${from} to ${to}.`) }
  }
}

/** Whether a request only reads; `HEAD` is answered as `GET`, without a body. */
export function isRead({ method }: IncomingMessage): boolean {
  return method === 'GET' || method === 'HEAD'
}
