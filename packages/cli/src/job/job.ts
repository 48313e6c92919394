import type { Origin, ReleasePlan } from '@stagegate/schema'
import { UsageError } from '@stagegate/schema'
import {
  createEnvironment,
  directoryRecords,
  type Environment,
  type RecordStore,
  readCheckout,
  refuseHostileVariables,
  rehearsalOrigin,
} from '@stagegate/uploader'
import { readPlan } from './plan-file.js'

export interface JobOptions {
  readonly plan?: string | undefined
  readonly rehearsal?: boolean | undefined
  readonly kind?: string | undefined
}

/** What a command that runs in a job knows and may use. */
export interface Job {
  readonly plan: ReleasePlan
  readonly origin: Origin
  readonly environment: Environment
  readonly records: RecordStore
}

/**
 * Finds out who the job is before anything else is done.
 * @param nameOf the job's name, from the plan
 * @throws {UsageError} hostile variables, no plan, or not a rehearsal
 */
export async function openJob(options: JobOptions, nameOf: (plan: ReleasePlan) => string): Promise<Job> {
  const variables = process.env
  const plan = await readPlan(options.plan)
  refuseHostileVariables(variables, plan.allowedVariables)
  if (!isRehearsal(options)) {
    throw new UsageError({
      code: 'usage/rehearsal-only',
      what: 'this version cannot ask GitLab yet which job it runs in, and it believes no CI variable; so it only rehearses',
      next: 'Rehearse with --rehearsal, or STAGEGATE_REHEARSAL=1: repositories in directories below the checkout, or on this machine.',
    })
  }
  const checkout = await readCheckout(process.cwd())
  const kind = options.kind ?? nonEmpty(variables['STAGEGATE_KIND'])
  const origin = rehearsalOrigin(plan, checkout, nameOf(plan), kind)
  const environment = createEnvironment({ variables, base: checkout.root, rehearsal: true })
  // A rehearsal has no GitLab to keep records in.
  const path = plan.records.type === 'directory' ? plan.records.path : '.stagegate/seals'
  return { plan, origin, environment, records: directoryRecords(environment.directory(path)) }
}

function isRehearsal({ rehearsal }: JobOptions): boolean {
  const asked = process.env['STAGEGATE_REHEARSAL']
  return rehearsal === true || asked === '1' || asked === 'true'
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text
}
