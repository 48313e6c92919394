import { isDeepStrictEqual } from 'node:util'
import { canonical, type JsonObject, type JsonValue, jobFiles } from '@stagegate/schema'
import type { PipelineDocument } from '../gitlab/document.js'
import { identityOf } from '../report/issue.js'
import { ofNoJob } from './cause.js'
import { newProblems, type PlacedWeakening, weakerWaits } from './compare-gates.js'
import { weakerPlan } from './compare-plans.js'
import { findUnknownJobName, marksOf, publishersIn } from './named-jobs.js'
import { type ReadJob, type ReadVersion, readVersion } from './read-version.js'
import { lintVersion, type PipelineVersion } from './version.js'
import { wordWeakening } from './weakening.js'

export interface PipelineChange {
  /** `weakened`: the gate, the hold or a secret is less protected than before. */
  readonly what: 'weakened' | 'appears' | 'vanishes' | 'changes'
  /** `undefined` if it is about the whole pipeline. */
  readonly job: string | undefined
  /** Kinds of pipeline that this is about; empty if it is about all. */
  readonly kinds: readonly string[]
  readonly message: string
  /** Weakenings with the same cause in other jobs or kinds have the same value. */
  readonly cause?: string | undefined
  /** The keywords of a job or of the whole pipeline that change. */
  readonly keywords?: readonly KeywordChange[] | undefined
}

/** `undefined` if a version lacks the keyword. */
export interface KeywordChange {
  readonly keyword: string
  readonly before: JsonValue | undefined
  readonly after: JsonValue | undefined
}

export interface Comparison {
  readonly is: 'compared'
  readonly changes: readonly PipelineChange[]
  /** Whether a job of either version is known to publish; otherwise the gate is not compared. */
  readonly knowsPublishers: boolean
  /** The first name in `publishes` or `gates` that no job of either version has: a typo would hide a problem of the gate. */
  readonly unknownName: string | undefined
}

/** A pipeline that GitLab refuses cannot be compared. */
export interface Incomparable {
  readonly is: 'refused'
  readonly version: 'before' | 'after'
  /** Counted from 1. */
  readonly line: number | undefined
  readonly message: string
}

/**
 * Compares the meaning of two versions: first everything that weakens the gate, then jobs that are added, removed or changed. The plan names
 * the jobs that publish, or a comment as in `audit`, or `publishes`, in either version: removing the comment hides nothing.
 */
export function comparePipelines(before: PipelineVersion, after: PipelineVersion): Comparison | Incomparable {
  const linted = [lintVersion(before), lintVersion(after)] as const
  const marks = linted.flatMap(marksOf)
  const [old, now] = [readVersion(linted[0], marks), readVersion(linted[1], marks)]
  if ('refused' in old) return { is: 'refused', version: 'before', ...old.refused }
  if ('refused' in now) return { is: 'refused', version: 'after', ...now.refused }
  const ofPlan = weakerPlan(before.plan, after.plan).map((weakening) => ({ job: undefined, kind: undefined, weakening }))
  const weaker = [...newProblems(old, now), ...weakerWaits(old, now), ...ofPlan].map(asChange)
  return {
    is: 'compared',
    changes: merged([...weaker, ...changedPipeline(old, now), ...changedJobs(old, now)]),
    knowsPublishers: linted.some((version) => publishersIn(version).length > 0),
    unknownName: findUnknownJobName(...linted),
  }
}

function asChange({ job, kind, weakening }: PlacedWeakening): PipelineChange {
  const said: JsonValue = JSON.parse(weakening.is === 'finding' ? identityOf(weakening.facts) : JSON.stringify(weakening))
  const cause = canonical(ofNoJob(said, job))
  return { what: 'weakened', job, kinds: kind === undefined ? [] : [kind], message: wordWeakening(weakening), cause }
}

function changedJobs(old: ReadVersion, now: ReadVersion): readonly PipelineChange[] {
  return [...new Set([...old.kinds.keys(), ...now.kinds.keys()])].flatMap((kind) => {
    const [was, is] = [old.kinds.get(kind) ?? new Map<string, ReadJob>(), now.kinds.get(kind) ?? new Map<string, ReadJob>()]
    return [...new Set([...was.keys(), ...is.keys()])].flatMap((job): PipelineChange[] => {
      if (!was.has(job)) return [{ what: 'appears', job, kinds: [kind], message: 'appears' }]
      if (!is.has(job)) return [{ what: 'vanishes', job, kinds: [kind], message: 'vanishes' }]
      const keywords = changedKeywords(old.document.jobs[job] ?? {}, now.document.jobs[job] ?? {})
      return keywords.length === 0 ? [] : [{ what: 'changes', job, kinds: [kind], message: `changes in ${namesOf(keywords)}`, keywords }]
    })
  })
}

/** The keywords of the whole pipeline: which pipelines exist, the variables and defaults of jobs, and the order of stages. */
function changedPipeline({ document: old }: ReadVersion, { document: now }: ReadVersion): readonly PipelineChange[] {
  const keywords = changedKeywords(sharedIn(old, now), sharedIn(now, old))
  return keywords.length === 0
    ? []
    : [{ what: 'changes', job: undefined, kinds: [], message: `the pipeline changes in ${namesOf(keywords)}`, keywords }]
}

/** The keywords of the whole pipeline in one version. A stage that the other lacks means nothing: the jobs in it say that they are new, or have moved. */
function sharedIn({ stages, workflow, variables, prefill, default: defaults }: PipelineDocument, other: PipelineDocument): JsonObject {
  return {
    stages: stages.filter((stage) => other.stages.includes(stage)),
    workflow,
    variables: { ...variables, ...prefill },
    ...(defaults !== undefined && { default: defaults }),
  }
}

function changedKeywords(was: JsonObject, is: JsonObject): readonly KeywordChange[] {
  return [...new Set([...Object.keys(was), ...Object.keys(is)])].flatMap((keyword) => {
    const [before, after] = [withoutPlan(was[keyword]), withoutPlan(is[keyword])]
    return isDeepStrictEqual(before, after) ? [] : [{ keyword, before, after }]
  })
}

function namesOf(keywords: readonly KeywordChange[]): string {
  return keywords.map(({ keyword }) => keyword).join(', ')
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
