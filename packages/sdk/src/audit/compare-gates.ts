import { linesIn } from '../check/secrets/command-line.js'
import type { PipelineDocument } from '../gitlab/document.js'
import { identityOf } from '../report/issue.js'
import type { ReadJob, ReadVersion } from './read-version.js'
import type { Weakening } from './weakening.js'

/** A weakening, with the job and the kind of pipeline that it is about. */
export interface PlacedWeakening {
  readonly job: string | undefined
  readonly kind: string | undefined
  readonly weakening: Weakening
}

/** Problems that the checks find now and did not find before, and files that nobody has looked at. */
export function newProblems(old: ReadVersion, now: ReadVersion): readonly PlacedWeakening[] {
  const known = new Set(old.errors.map(({ facts }) => identityOf(facts)))
  const errors = now.errors.filter(({ facts }) => !known.has(identityOf(facts)))
  const unread = now.publishers.size === 0 ? [] : now.unread.filter((file) => !old.unread.includes(file))
  return [
    ...errors.map(({ job, facts }) => ({ job, kind: undefined, weakening: { is: 'finding', facts } as const })),
    ...unread.map((file) => ({ job: undefined, kind: undefined, weakening: { is: 'unread', file } as const })),
  ]
}

/** Jobs that publish and now start by themselves, wait for less, or publish where they did not. */
export function weakerWaits(old: ReadVersion, now: ReadVersion): readonly PlacedWeakening[] {
  return [...now.kinds].flatMap(([kind, jobs]) =>
    [...jobs.keys()]
      .filter((job) => now.publishers.has(job) || old.publishers.has(job))
      .flatMap((job) => weakeningsOf(job, kind, { old, now }).map((weakening) => ({ job, kind, weakening }))),
  )
}

interface Versions {
  readonly old: ReadVersion
  readonly now: ReadVersion
}

function weakeningsOf(name: string, kind: string, { old, now }: Versions): readonly Weakening[] {
  const [was, is] = [old.kinds.get(kind)?.get(name), now.kinds.get(kind)?.get(name)]
  if (is === undefined) return []
  if (was === undefined) return [...old.kinds.values()].some((jobs) => jobs.has(name)) ? [{ is: 'publishes-in-kind' }] : []
  return [
    ...(was.manual && !is.manual && !waitsForClick(is, kind, now) ? [{ is: 'automatic' } as const] : []),
    ...lostWaits(was, is, (gate) => old.parts.has(gate) && !now.kinds.get(kind)?.has(gate)),
    ...(checksIn(old.document, name) > checksIn(now.document, name) ? [{ is: 'unchecked' } as const] : []),
  ]
}

function waitsForClick({ waits }: ReadJob, kind: string, version: ReadVersion): boolean {
  return [...waits].some((gate) => version.kinds.get(kind)?.get(gate)?.manual === true)
}

/** The jobs that it no longer waits for, or waits for whether they succeed or not. */
function lostWaits(was: ReadJob, is: ReadJob, isGone: (gate: string) => boolean): readonly Weakening[] {
  const sure = is.surely()
  const lost = [...was.waits].filter((gate) => !is.waits.has(gate) && !isGone(gate))
  const unsure = [...was.surely()].filter((gate) => is.waits.has(gate) && !sure.has(gate))
  return [
    ...(lost.length > 0 ? [{ is: 'waits-not', jobs: lost } as const] : []),
    ...(unsure.length > 0 ? [{ is: 'waits-unsure', jobs: unsure } as const] : []),
  ]
}

/** The number of files that the job checks: the command, and the plan. */
function checksIn({ jobs }: PipelineDocument, name: string): number {
  return linesIn(jobs[name]?.['script']).filter((line) => line.includes('sha256sum -c')).length
}
