import { digestOf, GateError, isStagegateError, type Origin, parseUrl, type ReleasePlan, UsageError } from '@stagegate/schema'
import * as validator from '@stagegate/schema/validator'
import * as v from 'valibot'
import type { GitlabApi } from '../gitlab/gitlab-api.js'
import { type Patience, patiently } from '../gitlab/patiently.js'
import { GitlabRefusal } from '../gitlab/refusal.js'
import { kindOf, type PipelineFacts } from './kind.js'

const id = v.pipe(v.number(), v.safeInteger(), v.minValue(1))
/** GitLab's own words: `running`, `merge_request_event`. */
const word = v.pipe(v.string(), v.regex(/^[a-z_]{1,64}$/))

const CurrentJob: v.GenericSchema<CurrentJob> = v.object({
  id,
  name: validator.Label,
  status: word,
  ref: validator.Label,
  tag: v.boolean(),
  commit: v.object({ id: validator.Origin.entries.commit }),
  pipeline: v.object({ id, project_id: id, source: word }),
  user: v.object({ username: validator.Label }),
  web_url: v.pipe(v.string(), v.url()),
})

/**
 * The job that belongs to the token, as GitLab describes it, as far as we need it. Every member must exist and have its type.
 * @see https://docs.gitlab.com/api/jobs/#get-job-tokens-job
 */
export interface CurrentJob {
  /** The job's number. */
  readonly id: number
  /** The job's name, as the pipeline has it. */
  readonly name: string
  /** GitLab's word, such as `running`. */
  readonly status: string
  /** The tag or branch; in a merge request's pipeline, its own ref. */
  readonly ref: string
  /** Whether `ref` is a tag. */
  readonly tag: boolean
  /** The commit, by its complete hash. */
  readonly commit: { readonly id: string }
  /** The pipeline, with the number of its project, and what started it: `push`. */
  readonly pipeline: { readonly id: number; readonly project_id: number; readonly source: string }
  /** Who started the job. */
  readonly user: { readonly username: string }
  /** The job's page. */
  readonly web_url: string
}

/**
 * Asks GitLab which job this is. The job's variables say so too, but can be forged.
 * @throws {GateError} GitLab does not know the token, or its answer is invalid
 * @throws {UsageError} the API does not exist
 * @throws {StagegateError} it cannot be reached: running it again can help
 */
export async function askForJob(api: GitlabApi, patience: Patience): Promise<CurrentJob> {
  try {
    return await patiently(patience, (call) => api.ask('Jobs', (jobs) => jobs.showConnectedJob(), CurrentJob, call))
  } catch (error) {
    throw inPlace(error, api.where('/job'))
  }
}

/** The error, with its meaning here. */
function inPlace(error: unknown, where: string): unknown {
  if (isStagegateError(error) && error.code === 'gitlab/unexpected-answer') {
    const what = `GitLab does not describe this job: ${error.what}`
    return new GateError({ code: 'gate/identity', what, where, next: 'Nothing was done, because Stagegate cannot tell which job this is.' })
  }
  if (!(error instanceof GitlabRefusal)) return error
  const { status } = error
  if (status === 401 || status === 403)
    return new GateError({
      code: 'gate/identity',
      what: `GitLab does not accept CI_JOB_TOKEN as the token of a running job (${status})`,
      where,
      next: 'Nothing was done. Run the command in a job of this GitLab. If it is one, give the app the address of its GitLab: new App({ project: { url } }).',
    })
  return new UsageError({
    code: 'usage/gitlab',
    what: `no GitLab answers there (${status})`,
    where,
    next: "Give the app the address of its GitLab: new App({ project: { url: 'https://gitlab.example' } }).",
  })
}

/** The expected job. */
export interface Expected {
  /** The job that the plan names for this; without one, any job of the pipeline. */
  readonly name?: string | undefined
  /** The pipeline's kind, if its ref leaves it open. */
  readonly kind?: string | undefined
}

/**
 * The job's identity, if it is the expected job.
 * @throws {GateError} another job, project or kind of pipeline than the plan names for this; a job that is not running
 * @throws {UsageError} the kind is unknown
 */
export function gitlabOrigin(plan: ReleasePlan, job: CurrentJob, { name, kind }: Expected): Origin {
  const { url, path } = plan.project
  const project = { id: job.pipeline.project_id, path: projectOf(job, url) }
  if (job.status !== 'running') throw mistaken(`GitLab reports that this job is ${job.status}, not running`)
  if (path !== undefined && path !== project.path) throw mistaken(`this is a job of ${project.path}, but the plan is for ${path}`)
  if (name !== undefined && name !== job.name) throw mistaken(`this is the job ${job.name}, but in the plan the job ${name} does this`)
  const facts = factsOf(job)
  return {
    rehearsal: false,
    instance: url,
    project,
    pipeline: job.pipeline.id,
    job: { id: job.id, name: job.name },
    commit: job.commit.id,
    ref: job.tag ? { tag: job.ref } : { branch: job.ref },
    pipelineKind: kindOf(plan, facts, kind),
    plan: digestOf(plan),
  }
}

/** A merge request's pipeline has neither tag nor branch; its ref is `refs/merge-requests/1/head`. */
function factsOf({ ref, tag, pipeline: { source } }: CurrentJob): PipelineFacts {
  if (tag) return { tag: ref, branch: null, source }
  return { tag: null, branch: ref.startsWith('refs/') || source === 'merge_request_event' ? null : ref, source }
}

/** The answer has the project's number; only the job's address contains the path. */
function projectOf({ id: number, web_url }: CurrentJob, instance: string): string {
  const { pathname } = new URL(web_url)
  const base = new URL(instance).pathname.replace(/\/+$/, '')
  const end = `/-/jobs/${number}`
  const path = pathname.startsWith(`${base}/`) && pathname.endsWith(end) ? pathname.slice(base.length + 1, -end.length) : ''
  if (/^[\w.][\w.-]*(?:\/[\w.][\w.-]*)+$/.test(path)) return path
  throw mistaken('the address that GitLab returns for this job is not the address of a job')
}

function mistaken(what: string): GateError {
  return new GateError({ code: 'gate/identity', what, next: 'Nothing was done.' })
}

/**
 * Variables are never believed. But if they contradict gitlab.com, the plan's default, the job's token would be sent to the wrong instance.
 * @throws {UsageError} the job says that it runs on a different instance
 */
export function refuseOtherInstance({ project }: ReleasePlan, variables: Readonly<Record<string, string | undefined>>): void {
  const said = parseUrl(variables['CI_SERVER_URL'] ?? '')
  const { origin } = new URL(project.url)
  if (origin !== 'https://gitlab.com' || said === undefined || said.origin === origin) return
  throw new UsageError({
    code: 'usage/instance',
    what: `the plan is for ${project.url}, but this job runs on ${said.origin}`,
    next: `Nothing was sent. In pipeline.ts: new App({ project: { url: '${said.origin}' } }), and synth again.`,
  })
}
