import type { PipelineDocument } from '../../gitlab/document.js'
import type { KindGraph } from '../../graph/kinds.js'
import { takesDefault } from '../../graph/visible.js'
import type { Found } from '../../issue/facts.js'
import type { ReleaseFacts } from '../gate/facts.js'

/** Finds what GitLab could cancel half-way: jobs that are interruptible, and whole pipelines of a kind that publishes. */
export function checkCancellation(document: PipelineDocument, graphs: readonly KindGraph[], facts: ReleaseFacts): readonly Found[] {
  const jobs = new Set([...facts.publishers.keys(), ...facts.stagers.keys(), ...facts.feeders, ...facts.deployments])
  const published = [...graphs].filter(({ kind }) => facts.gates.has(kind))
  return [
    ...[...jobs]
      .filter((job) => isInterruptible(document, job))
      .map((job): Found => ({ job, facts: { code: 'isolation/cancelled', of: job, keyword: 'interruptible' } })),
    ...published.flatMap(({ kind, autoCancel }) => [
      // Where nothing is said a newer commit cancels what has not started, and that is the whole gate.
      ...(autoCancel.onNewCommit === 'none' ? [] : [cancelled(kind, 'auto_cancel.on_new_commit')]),
      ...(autoCancel.onJobFailure === undefined || autoCancel.onJobFailure === 'none'
        ? []
        : [cancelled(kind, 'auto_cancel.on_job_failure')]),
    ]),
  ]
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
