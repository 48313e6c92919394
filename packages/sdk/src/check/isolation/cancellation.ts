import { present, variable } from '../../condition/index.js'
import type { PipelineDocument } from '../../gitlab/document.js'
import type { KindGraph } from '../../graph/kinds.js'
import { takesDefault, toldKind } from '../../graph/visible.js'
import type { Found } from '../../issue/facts.js'
import type { ReleaseFacts } from '../gate/facts.js'

/** Finds jobs that GitLab could cancel halfway: interruptible ones, and whole pipelines of a kind that publishes. */
export function checkCancellation(document: PipelineDocument, graphs: readonly KindGraph[], facts: ReleaseFacts): readonly Found[] {
  const jobs = new Set([...facts.publishers.keys(), ...facts.stagers.keys(), ...facts.feeders, ...facts.deployments])
  const published = graphs.filter(({ kind }) => facts.gates.has(kind))
  return [
    ...[...jobs]
      .filter((job) => isInterruptible(document, job))
      .map((job): Found => ({ job, facts: { code: 'isolation/cancelled', of: job, keyword: 'interruptible' } })),
    // By default a newer commit cancels jobs that have not started, and that is everything behind the gate.
    ...published
      .filter((graph) => graph.autoCancel.onNewCommit !== 'none' && !hasNoNewCommit(graph))
      .map(({ kind }) => cancelled(kind, 'auto_cancel.on_new_commit')),
    ...published
      .filter(({ autoCancel }) => !['none', undefined].includes(autoCancel.onJobFailure))
      .map(({ kind }) => cancelled(kind, 'auto_cancel.on_job_failure')),
  ]
}

/**
 * Under the team's own workflow, a kind for tags only, or one that never exists: only a newer commit of the same ref cancels a pipeline,
 * and a tag never gets one.
 * @see https://docs.gitlab.com/ci/pipelines/settings/#auto-cancel-redundant-pipelines
 */
export function hasNoNewCommit({ exists, known, ask }: KindGraph): boolean {
  const isOfTags = () => ask(present(variable('CI_COMMIT_TAG')), known) === 'always'
  return Object.hasOwn(known.values, toldKind) && (exists === 'never' || isOfTags())
}

function cancelled(kind: string, keyword: string): Found {
  return { job: undefined, facts: { code: 'isolation/cancelled', of: kind, keyword } }
}

function isInterruptible(document: PipelineDocument, name: string): boolean {
  const job = document.jobs[name]
  if (job === undefined) return false
  if (job['interruptible'] !== undefined) return job['interruptible'] !== false
  return takesDefault(job, 'interruptible') && document.default?.['interruptible'] === true
}
