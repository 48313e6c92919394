import { join } from 'node:path'
import type { Origin, ReleasePlan } from '@stagegate/schema'
import { jobFolders, kindVariable, UsageError } from '@stagegate/schema'
import { createEnvironment, type Environment, type RecordStore } from '@stagegate/uploader'
import {
  askForJob,
  directoryNotes,
  directoryRecords,
  GitlabApi,
  gitlabOrigin,
  gitlabRecords,
  isOnThisMachine,
  type Notes,
  pipelineNotes,
  readCheckout,
  refuseHostileVariables,
  refuseOtherInstance,
  rehearsalOrigin,
  trustVariables,
} from '@stagegate/uploader/gitlab'
import { refuseOtherStrategy } from './clean-folder.js'
import { collectYoung } from './heap.js'
import { readPlan } from './plan-file.js'

export interface JobOptions {
  readonly plan?: string | undefined
  readonly rehearsal?: boolean | undefined
  readonly kind?: string | undefined
}

/** Everything that a command in a job knows and may use. */
export interface Job {
  readonly plan: ReleasePlan
  readonly origin: Origin
  readonly environment: Environment
  readonly records: RecordStore
  /** Where a deployment on another GitLab records its events. */
  readonly notes: Notes
  /** Who started it; a rehearsal cannot ask anybody. */
  readonly startedBy: string | undefined
}

/** The job's name, from the plan. */
export type NameOf = (plan: ReleasePlan) => string

export interface IdentityOptions {
  /** Whether every job of the pipeline may do this. @default false */
  readonly anyJob?: boolean | undefined
  /** Returns the kind, if neither the job's ref nor its variables decide it. */
  readonly kindOf?: ((plan: ReleasePlan) => Promise<string>) | undefined
}

/**
 * Finds out which job this is before anything else is done.
 * @param nameOf returns the plan's name of the job that does this
 * @throws {UsageError} hostile variables, no plan, no job
 * @throws {GateError} if it is not the expected job
 */
export async function openJob(options: JobOptions, nameOf: NameOf, leeway: IdentityOptions = {}): Promise<Job> {
  collectYoung()
  const variables = process.env
  const plan = await readPlan(options.plan)
  const ignored = isRehearsal(options) && isOnThisMachine(plan) ? trustVariables(variables) : []
  refuseHostileVariables(variables, [...plan.allowedVariables, ...ignored])
  if (ignored.length > 0)
    process.stderr.write(`Note: ${ignored.join(', ')}: not used, because a rehearsal connects only to this machine.\n`)
  const kind = nonEmpty(options.kind ?? variables[kindVariable])
  return isRehearsal(options) ? rehearsal(plan, nameOf(plan), kind) : gitlabJob(plan, nameOf(plan), leeway, kind)
}

async function rehearsal(plan: ReleasePlan, name: string, kind: string | undefined): Promise<Job> {
  const checkout = await readCheckout(process.cwd())
  const origin = rehearsalOrigin(plan, checkout, name, kind)
  const environment = createEnvironment({ variables: process.env, base: checkout.root, rehearsal: true })
  // A rehearsal has no GitLab in which to record.
  const path = plan.records.type === 'directory' ? plan.records.path : jobFolders.seals
  return { plan, origin, environment, ...directories(environment, path), startedBy: undefined }
}

async function gitlabJob(plan: ReleasePlan, name: string, { anyJob, kindOf }: IdentityOptions, kind: string | undefined): Promise<Job> {
  const variables = process.env
  if (nonEmpty(variables['CI_JOB_TOKEN']) === undefined) {
    throw new UsageError({
      code: 'usage/no-job',
      what: 'not running in a GitLab job: CI_JOB_TOKEN is not set',
      next: 'To rehearse, use --rehearsal or STAGEGATE_REHEARSAL=1, with repositories in directories below the checkout or on this machine.',
    })
  }
  // Scripts of deployments choose their own folder for `fetch`.
  if (anyJob !== true) refuseOtherStrategy(variables)
  refuseOtherInstance(plan, variables)
  const environment = createEnvironment({ variables, base: process.cwd(), rehearsal: false, proxyVariables: plan.allowedVariables })
  const { clock } = environment
  const api = new GitlabApi(plan.project, environment)
  const job = await askForJob(api, { clock })
  const origin = gitlabOrigin(plan, job, { name: anyJob ? undefined : name, kind: kind ?? (await kindOf?.(plan)) })
  const where = { api, project: origin.project.id, clock }
  const kept =
    plan.records.type === 'directory'
      ? directories(environment, plan.records.path)
      : { records: gitlabRecords(where), notes: pipelineNotes({ ...where, prefix: 'stagegate-deployments' }, origin) }
  return { plan, origin, environment, ...kept, startedBy: job.user.username }
}

function directories(environment: Environment, path: string): Pick<Job, 'records' | 'notes'> {
  // Records of releases are never in a folder whose name starts with a dot.
  const notes = environment.directory(join(path, '.deployments'))
  return { records: directoryRecords(environment.directory(path)), notes: directoryNotes(notes) }
}

function isRehearsal({ rehearsal }: JobOptions): boolean {
  const asked = process.env['STAGEGATE_REHEARSAL']
  return rehearsal === true || asked === '1' || asked === 'true'
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text
}
