/** A job of a small pipeline, as GitLab's processing sees it. */
export interface SimulatedJob {
  readonly name: string
  readonly stage: number
  readonly when: 'on_success' | 'on_failure' | 'always' | 'manual'
  readonly allowFailure: boolean
  /** `undefined`: it waits for the earlier stages. */
  readonly needs: readonly { readonly job: string; readonly optional: boolean }[] | undefined
}

/** `manual` waits for its click; `created` for something that does. */
export type Outcome = 'success' | 'failed' | 'skipped' | 'manual' | 'created'

/** What happens to a job: whether it fails when it runs, whether somebody clicks, whether its optional needs are there. */
export interface Fate {
  readonly fails: boolean
  readonly clicked: boolean
  readonly needsOptional: boolean
}

/**
 * What GitLab makes of it, by `AtomicProcessingService` and `Gitlab::Ci::Status::Composite`: for jobs that stand in the
 * list after what they wait for, each with its fate.
 */
export function simulate(jobs: readonly SimulatedJob[], fates: readonly Fate[]): ReadonlyMap<string, Outcome> {
  const outcomes = new Map<string, Outcome>()
  for (const [index, job] of jobs.entries()) {
    const { fails = false, clicked = false, needsOptional = true } = fates[index] ?? {}
    const { needs } = job
    const before =
      needs === undefined
        ? jobs.filter(({ stage }) => stage < job.stage)
        : jobs.filter(({ name }) => needs.some((need) => need.job === name && (needsOptional || !need.optional)))
    const status = composite(before, outcomes, needs !== undefined)
    if (status === 'created') outcomes.set(job.name, 'created')
    else if (!accepted(job).includes(status)) outcomes.set(job.name, 'skipped')
    else if (job.when === 'manual' && !clicked) outcomes.set(job.name, 'manual')
    else outcomes.set(job.name, fails ? 'failed' : 'success')
  }
  return outcomes
}

/** `ProcessBuildService#valid_statuses_for_processable`. */
function accepted({ when, needs }: SimulatedJob): readonly Outcome[] {
  if (when === 'always') return ['success', 'failed', 'skipped']
  if (when === 'on_failure') return ['failed']
  return needs === undefined ? ['success', 'skipped'] : ['success']
}

function composite(jobs: readonly SimulatedJob[], outcomes: ReadonlyMap<string, Outcome>, isDag: boolean): Outcome {
  const statuses = jobs.map(({ name, allowFailure }) => {
    const outcome = outcomes.get(name) ?? 'created'
    if (!allowFailure) return outcome
    // One that may fail and did is a success with warnings; one that nobody clicked is ignored.
    return outcome === 'failed' ? 'success' : outcome === 'manual' ? 'ignored' : outcome
  })
  if (isDag && (statuses.includes('skipped') || statuses.includes('ignored'))) return 'skipped'
  if (statuses.includes('created') || statuses.includes('manual')) return 'created'
  return statuses.includes('failed') ? 'failed' : 'success'
}

/** Every fate that makes a difference to these jobs. */
export function fatesOf(jobs: readonly SimulatedJob[]): readonly (readonly Fate[])[] {
  return jobs.reduce<readonly (readonly Fate[])[]>(
    (before, { when, needs }) => {
      const clicks = when === 'manual' ? [true, false] : [true]
      const optional = needs?.some((need) => need.optional) === true ? [true, false] : [true]
      const own = [true, false].flatMap((fails) =>
        clicks.flatMap((clicked) => optional.map((needsOptional) => ({ fails, clicked, needsOptional }))),
      )
      return before.flatMap((fates) => own.map((fate) => [...fates, fate]))
    },
    [[]],
  )
}
