import type { KindGraph, KindJob } from '../graph/kinds.js'
import { nameOf } from '../job/held.js'
import type { Job } from '../job/job.js'
import { code } from './markdown.js'

/**
 * The other jobs of a kind that wait for a click, so that the runbook explains every button: jobs of the author's own, of patches and of
 * included files.
 */
export function otherClicks({ jobs }: KindGraph, named: ReadonlySet<string>, own: ReadonlyMap<string, Job>): string {
  const manual = [...jobs.values()].filter(({ name, ways }) => !named.has(name) && ways.some(({ start }) => start === 'manual'))
  if (manual.length === 0) return ''
  return `\n\nOther jobs of this pipeline also wait for a click:\n\n${lines(manual, own).join('\n')}`
}

/** One line for all jobs with the same explanation. */
function lines(manual: readonly KindJob[], own: ReadonlyMap<string, Job>): readonly string[] {
  const names = new Map<string, string[]>()
  for (const job of manual) {
    const facts = factsOf(job, own.get(job.name))
    names.set(facts, [...(names.get(facts) ?? []), code(job.name)])
  }
  return [...names].map(([facts, jobs]) => `- ${jobs.join(', ')}: ${facts}.`)
}

function factsOf({ ways, exists }: KindJob, job: Job | undefined): string {
  const manual = ways.filter(({ start }) => start === 'manual')
  const isHeldUp = manual.some(({ allowFailure }) => !allowFailure)
  const facts = [
    purposeOf(job),
    isHeldUp ? 'until it is started, the pipeline shows as blocked' : 'nothing waits for it',
    ...(exists === 'sometimes' || manual.length < ways.length ? ['its rules decide whether it exists and waits'] : []),
  ]
  return facts.filter((fact) => fact !== '').join('; ')
}

function purposeOf(job: Job | undefined): string {
  if (job?.held !== undefined)
    return `publishes to ${nameOf(job.held)} behind the gate with your own script: Stagegate does not seal or verify this`
  return job?.exempt === undefined
    ? ''
    : `publishes ${job.exempt.publishes} outside the gate: ${job.exempt.because.replaceAll(/\s+/g, ' ')}`
}
