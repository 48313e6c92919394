import type { Answer } from '../server/respond.js'
import { unauthorized } from './answers.js'
import type { Project } from './project.js'
import { someTime } from './shown.js'
import type { GitlabAsked, GitlabPart } from './start.js'

/** A running job. */
export interface Job {
  /** The job's number. */
  readonly id: number
  /** The job's name. */
  readonly name: string
  /** A tag, a branch, or the number of a merge request. */
  readonly ref: { readonly tag: string } | { readonly branch: string } | { readonly mergeRequest: number }
  /** The number of its pipeline. */
  readonly pipeline: number
  /** The complete hash of its commit. */
  readonly commit: string
  /** What started the pipeline. */
  readonly source: string
  /** Its project's number and path. */
  readonly project: { readonly id: number; readonly path: string }
  /** Who started the job. */
  readonly user: string
}

/** A job to be started. */
export interface JobOptions extends Pick<Job, 'name' | 'ref' | 'pipeline' | 'commit'> {
  /** @default push; for a merge request, merge_request_event */
  readonly source?: string | undefined
  /** @default acme/acme, which has the number 7 */
  readonly project?: Job['project'] | undefined
  /** @default ada */
  readonly user?: string | undefined
}

/** The jobs that run just now, each known by its token: `GET /api/v4/job`. */
export class Jobs implements GitlabPart {
  readonly #running = new Map<string, Job>()
  readonly #projects = new Map<number, Project>()
  #next = 101
  #forge: (answer: Readonly<Record<string, unknown>>) => unknown = (answer) => answer

  /** Starts a job, and gives its token. */
  start(options: JobOptions): string {
    const id = this.#next++
    const token = `glcbt-${id}-0f1e2d3c4b5a69788796`
    const source = options.source ?? ('mergeRequest' in options.ref ? 'merge_request_event' : 'push')
    const { project = { id: 7, path: 'acme/acme' }, user = 'ada' } = options
    this.#running.set(token, { ...options, id, source, project, user })
    this.#projects.set(project.id, { id: project.id, path: project.path })
    return token
  }

  /** The job is over, and so is its token. */
  end(token: string): void {
    this.#running.delete(token)
  }

  /** What is answered from now on, instead of the truth. */
  forge(change: (answer: Readonly<Record<string, unknown>>) => unknown): void {
    this.#forge = change
  }

  /** The projects that jobs were started in. */
  get projects(): readonly Project[] {
    return [...this.#projects.values()]
  }

  /** The job that has this token; `undefined` where none runs that has. */
  byToken(token: string): Job | undefined {
    return this.#running.get(token)
  }

  /** Answers the question of a job who it is; `undefined` for others. */
  async answer({ request, url, instance }: GitlabAsked): Promise<Answer | undefined> {
    for (const token of this.#running.keys()) if (url.href.includes(token)) throw new Error('a token in the URL')
    if (url.pathname !== '/api/v4/job' || request.method !== 'GET') return undefined
    const { headers } = request
    const given = headers['job-token'] ?? /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1]
    const job = typeof given === 'string' ? this.byToken(given) : undefined
    if (job === undefined) return unauthorized()
    return { status: 200, json: this.#forge(shown(job, instance)) }
  }
}

/** lib/api/entities/package/pipeline.rb: with the person who started the pipeline. */
export function shownPipeline({ pipeline, ref, commit, source, project, user }: Omit<Job, 'id' | 'name'>): Record<string, unknown> {
  const at = someTime
  const web_url = `https://gitlab.example/${project.path}/-/pipelines/${pipeline}`
  const times = { created_at: at, updated_at: at }
  const started = { id: pipeline, iid: 1, project_id: project.id, sha: commit, ref: refName(ref), status: 'running', source }
  return { ...started, ...times, web_url, user: shownUser(user) }
}

function refName(ref: Job['ref']): string {
  return 'tag' in ref ? ref.tag : 'branch' in ref ? ref.branch : `refs/merge-requests/${ref.mergeRequest}/head`
}

export function shownUser(user: string): Record<string, unknown> {
  return { id: 1, username: user, name: user, state: 'active', locked: false, web_url: `https://gitlab.example/${user}` }
}

/** As GitLab shows it: lib/api/entities/ci/job.rb. The project's path is in the addresses alone. */
function shown({ id, name, ref, pipeline, commit, source, project, user }: Job, instance: string): Record<string, unknown> {
  const at = someTime
  const address = `${instance}/${project.path}`
  return {
    id,
    status: 'running',
    stage: 'test',
    name,
    ref: refName(ref),
    tag: 'tag' in ref,
    coverage: null,
    allow_failure: false,
    created_at: at,
    started_at: at,
    finished_at: null,
    erased_at: null,
    duration: 3.5,
    queued_duration: 0.5,
    user: shownUser(user),
    commit: { id: commit, short_id: commit.slice(0, 8), created_at: at, parent_ids: [], title: 'Release', message: 'Release\n' },
    pipeline: {
      id: pipeline,
      iid: 1,
      project_id: project.id,
      sha: commit,
      ref: refName(ref),
      status: 'running',
      source,
      created_at: at,
      updated_at: at,
      web_url: `${address}/-/pipelines/${pipeline}`,
    },
    web_url: `${address}/-/jobs/${id}`,
    project: { ci_job_token_scope_enabled: false },
    artifacts: [],
    runner: null,
    runner_manager: null,
    artifacts_expire_at: null,
    archived: false,
    tag_list: [],
  }
}
