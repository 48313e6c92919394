import type { Answer } from '../server/respond.js'
import { paged } from './paged.js'
import type { GitlabAsked, GitlabPart } from './start.js'

/** A project whose pipelines can be looked at. */
export interface PipelineJobsOptions {
  /** The project's number. */
  readonly project: number
  /** A token of it with the scope `read_api`. A job's own token lists no jobs. */
  readonly read: string
  /** The most that a page holds. @default 100 */
  readonly maxPerPage?: number | undefined
}

interface Attempt {
  readonly id: number
  readonly pipeline: number
  readonly name: string
  readonly status: string
  /** A job that triggers another pipeline; it is on a list of its own. */
  readonly bridge: boolean
}

/** How the jobs of a project's pipelines have ended: lib/api/ci/jobs.rb. */
export class PipelineJobs implements GitlabPart {
  readonly #options: PipelineJobsOptions
  readonly #attempts: Attempt[] = []
  #next = 501

  constructor(options: PipelineJobsOptions) {
    this.#options = options
  }

  /** The newest attempt of a job; those before it are retried by it. */
  say(pipeline: number, name: string, status: string, kind: 'job' | 'bridge' = 'job'): void {
    this.#attempts.push({ id: this.#next++, pipeline, name, status, bridge: kind === 'bridge' })
  }

  /** Answers requests for a pipeline's jobs; `undefined` for others. */
  async answer(asked: GitlabAsked): Promise<Answer | undefined> {
    const { request, url } = asked
    const [, project, pipeline, kind] = /^\/api\/v4\/projects\/(\d+)\/pipelines\/(\d+)\/(jobs|bridges)$/.exec(url.pathname) ?? []
    if (project === undefined || request.method !== 'GET') return undefined
    const { read } = this.#options
    if (url.href.includes(read)) throw new Error('a token in the URL')
    if (request.headers['private-token'] !== read) return { status: 401, json: { message: '401 Unauthorized' } }
    if (Number(project) !== this.#options.project) return { status: 404, json: { message: '404 Project Not Found' } }
    const attempts = this.#attempts.filter((one) => one.pipeline === Number(pipeline) && one.bridge === (kind === 'bridges'))
    if (attempts.length === 0 && !this.#attempts.some((one) => one.pipeline === Number(pipeline)))
      return { status: 404, json: { message: '404 Not found' } }
    const isNewest = (one: Attempt) => !attempts.some(({ id, name }) => name === one.name && id > one.id)
    const listed = attempts.filter((one) => url.searchParams.get('include_retried') === 'true' || isNewest(one)).reverse()
    const shown = listed.map(({ id, name, status }) => ({ id, name, status, allow_failure: false }))
    return paged(shown, asked, { maxPerPage: this.#options.maxPerPage })
  }
}
