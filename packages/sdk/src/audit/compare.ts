import { isDeepStrictEqual } from 'node:util'
import { type JsonValue, jobFiles } from '@stagegate/schema'
import type { JobDocument } from '../gitlab/document.js'
import { newProblems, type PlacedWeakening, weakerWaits } from './compare-gates.js'
import { weakerPlan } from './compare-plans.js'
import { marksOf } from './named-jobs.js'
import { type ReadJob, type ReadVersion, readVersion } from './read-version.js'
import type { PipelineVersion } from './version.js'
import { wordWeakening } from './weakening.js'

export interface PipelineChange {
  /** `weakened`: the gate, the hold or a secret is worse protected than before. */
  readonly what: 'weakened' | 'appears' | 'vanishes' | 'changes'
  readonly job: string | undefined
  /** Kinds of pipeline that this is about; none where it is about all. */
  readonly kinds: readonly string[]
  readonly message: string
}

/** A pipeline that GitLab refuses cannot be compared. */
export interface Incomparable {
  readonly version: 'before' | 'after'
  /** Counted from 1. */
  readonly line: number | undefined
  readonly message: string
}

/**
 * Compares two versions by what they mean: first whatever weakens the gate, then jobs that appear, vanish or change. The plan names
 * the jobs that publish, or a comment as `audit` reads it, or `publishes`, in either version: to take the comment away hides nothing.
 */
export function comparePipelines(before: PipelineVersion, after: PipelineVersion): readonly PipelineChange[] | Incomparable {
  const marks = [before, after].flatMap(marksOf)
  const [old, now] = [readVersion(before, marks), readVersion(after, marks)]
  if ('refused' in old) return { version: 'before', ...old.refused }
  if ('refused' in now) return { version: 'after', ...now.refused }
  const ofPlan = weakerPlan(before.plan, after.plan).map((weakening) => ({ job: undefined, kind: undefined, weakening }))
  const weaker = [...newProblems(old, now), ...weakerWaits(old, now), ...ofPlan].map(asChange)
  return merged([...weaker, ...changedJobs(old, now)])
}

function asChange({ job, kind, weakening }: PlacedWeakening): PipelineChange {
  return { what: 'weakened', job, kinds: kind === undefined ? [] : [kind], message: wordWeakening(weakening) }
}

function changedJobs(old: ReadVersion, now: ReadVersion): readonly PipelineChange[] {
  return [...new Set([...old.kinds.keys(), ...now.kinds.keys()])].flatMap((kind) => {
    const [was, is] = [old.kinds.get(kind) ?? new Map<string, ReadJob>(), now.kinds.get(kind) ?? new Map<string, ReadJob>()]
    return [...new Set([...was.keys(), ...is.keys()])].flatMap((job): PipelineChange[] => {
      if (!was.has(job)) return [{ what: 'appears', job, kinds: [kind], message: 'appears' }]
      if (!is.has(job)) return [{ what: 'vanishes', job, kinds: [kind], message: 'vanishes' }]
      const keys = changedKeys(old.document.jobs[job] ?? {}, now.document.jobs[job] ?? {})
      return keys.length === 0 ? [] : [{ what: 'changes', job, kinds: [kind], message: `changes in ${keys.join(', ')}` }]
    })
  })
}

function changedKeys(was: JobDocument, is: JobDocument): readonly string[] {
  return [...new Set([...Object.keys(was), ...Object.keys(is)])].filter(
    (key) => !isDeepStrictEqual(withoutPlan(was[key]), withoutPlan(is[key])),
  )
}

/** The same change of one job in several kinds is one change. The gravest come first. */
function merged(changes: readonly PipelineChange[]): readonly PipelineChange[] {
  const known = new Map<string, PipelineChange>()
  for (const change of changes) {
    const key = JSON.stringify([change.what, change.job, change.message])
    const before = known.get(key)
    known.set(key, before === undefined ? change : { ...before, kinds: [...before.kinds, ...change.kinds] })
  }
  const order = ['weakened', 'vanishes', 'appears', 'changes']
  return [...known.values()].sort((a, b) => order.indexOf(a.what) - order.indexOf(b.what))
}

/** A script without the digest of the plan: plans are compared for what they say. */
function withoutPlan(value: JsonValue | undefined): JsonValue | undefined {
  return Array.isArray(value) ? value.filter((line) => typeof line !== 'string' || !isPlanCheck(line)) : value
}

function isPlanCheck(line: string): boolean {
  return /^echo "[0-9a-f]{64} {2}/.test(line) && line.includes(` ${jobFiles.plan}"`)
}
