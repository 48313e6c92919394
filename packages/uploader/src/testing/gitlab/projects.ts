import type { IncomingMessage } from 'node:http'
import type { Answer } from '../server/respond.js'
import { type Found, forbidden, insufficientScope, notFound, unauthorized } from './answers.js'
import { type Accepted, type Asker, askerOf, may, roleIn } from './asker.js'
import type { Jobs } from './jobs.js'
import { paged } from './paged.js'
import { isAtLeast, type Project, protectionOf, type Token } from './project.js'
import { shownProject, shownTag } from './shown.js'
import type { GitlabAsked, GitlabPart } from './start.js'

/** The projects of an instance, and who may come in. */
export interface ProjectsOptions {
  /** The jobs that run. @default none */
  readonly jobs?: Jobs | undefined
  /** The projects. @default each that a job runs in, private */
  readonly projects?: readonly Project[] | undefined
  /** Tokens of people, of projects and for deployments. @default none */
  readonly tokens?: Readonly<Record<string, Token>> | undefined
}

/** Nothing but tokens of persons and projects. */
const withoutJobs: Accepted = { job: false, deployAndBasic: false }

/**
 * Projects, their tags, and who asks: `GET /projects/:id` and `GET /projects/:id/repository/tags`.
 * @example
 * const projects = new Projects({ jobs, projects: [{ id: 7, path: 'acme/acme', visibility: 'public' }] })
 */
export class Projects implements GitlabPart {
  readonly #jobs: Jobs | undefined
  readonly #known: readonly Project[] | undefined
  readonly #tokens: Map<string, Token>
  readonly #tags = new Map<number, Map<string, string>>()

  constructor({ jobs, projects, tokens = {} }: ProjectsOptions) {
    this.#jobs = jobs
    this.#known = projects
    this.#tokens = new Map(Object.entries(tokens))
  }

  /** A token is revoked, or has expired. */
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
    return this.tagsOf(project).get(ref) ?? branches[ref] ?? (/^[0-9a-f]{40}$/.test(ref) ? ref : undefined)
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

  /** Answers requests for projects and their tags; `undefined` for others. */
  async answer(asked: GitlabAsked): Promise<Answer | undefined> {
    const [, id, list, tag] = /^\/api\/v4\/projects\/([^/]+)(?:\/repository\/(tags)(?:\/([^/]+))?)?$/.exec(asked.url.pathname) ?? []
    if (id === undefined || !isRead(asked.request)) return undefined
    // A job's token reaches the list of tags, and neither one of them nor the project: docs.gitlab.com/ci/jobs/ci_job_token.
    const asker = this.askerOf(asked, list !== undefined && tag === undefined ? { ...withoutJobs, job: true } : withoutJobs)
    if ('refused' in asker) return asker.refused
    const admitted = this.admit(asker.found, id)
    if ('refused' in admitted) return admitted.refused
    const project = admitted.found
    if (list === undefined) return { status: 200, json: shownProject(project, asked.instance) }
    if (!may(asker.found, project, 'read_code')) return forbidden()
    const tags = this.tagsOf(project)
    const shown = (name: string, commit: string) => shownTag(name, commit, protectionOf(project, name) !== undefined)
    if (tag === undefined)
      return paged(
        [...tags].map(([name, commit]) => shown(name, commit)),
        asked,
      )
    const name = decodeURIComponent(tag)
    const commit = tags.get(name)
    return commit === undefined ? notFound('Tag') : { status: 200, json: shown(name, commit) }
  }
}

/** Whether a request only reads; `HEAD` is answered as `GET`, without a body. */
export function isRead({ method }: IncomingMessage): boolean {
  return method === 'GET' || method === 'HEAD'
}
