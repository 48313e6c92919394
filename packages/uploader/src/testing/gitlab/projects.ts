import type { Answer } from '../server/respond.js'
import { forbidden, notFound } from './answers.js'
import { type Accepted, may } from './asker.js'
import { Entrance, isRead } from './entrance.js'
import type { Jobs } from './jobs.js'
import { paged } from './paged.js'
import { type Project, protectionOf, type Token } from './project.js'
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
  readonly #entrance: Entrance

  constructor({ jobs, projects, tokens = {} }: ProjectsOptions) {
    this.#entrance = new Entrance(jobs, projects, tokens)
    entrances.set(this, this.#entrance)
  }

  /** A token is revoked, or has expired. */
  revoke(token: string): void {
    this.#entrance.revoke(token)
  }

  /** The commits of a project's tags, by name. They can be changed: somebody pushes a tag, or deletes one. */
  tagsOf(project: Project): Map<string, string> {
    return this.#entrance.tagsOf(project)
  }

  /** Answers requests for projects and their tags; `undefined` for others. */
  async answer(asked: GitlabAsked): Promise<Answer | undefined> {
    const [, id, list, tag] = /^\/api\/v4\/projects\/([^/]+)(?:\/repository\/(tags)(?:\/([^/]+))?)?$/.exec(asked.url.pathname) ?? []
    if (id === undefined || !isRead(asked.request)) return undefined
    // A job's token reaches the list of tags, and neither one of them nor the project: docs.gitlab.com/ci/jobs/ci_job_token.
    const asker = this.#entrance.askerOf(asked, list !== undefined && tag === undefined ? { ...withoutJobs, job: true } : withoutJobs)
    if ('refused' in asker) return asker.refused
    const admitted = this.#entrance.admit(asker.found, id)
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

const entrances = new WeakMap<Projects, Entrance>()

/** For the other parts of the instance, and not for its users. */
export function entranceOf(projects: Projects): Entrance {
  const entrance = entrances.get(projects)
  if (entrance === undefined) throw new Error('made by another constructor')
  return entrance
}
