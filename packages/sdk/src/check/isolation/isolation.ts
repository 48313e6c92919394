import type { PipelineDocument } from '../../gitlab/document.js'
import type { KindGraph } from '../../graph/kinds.js'
import type { Found, IssueFacts } from '../../issue/facts.js'
import type { ReleaseFacts } from '../gate/facts.js'
import { checkArtifacts } from './artifacts.js'
import { checkCancellation } from './cancellation.js'
import { checkHolder, checkOwnCode } from './holder.js'
import { checkRetry } from './retry.js'

/**
 * Finds ways for other people's code to reach a job with a publisher's credential or a deployment's tokens, and ways to stop such a job
 * halfway.
 */
export function checkIsolation(document: PipelineDocument, graphs: readonly KindGraph[], facts: ReleaseFacts): readonly Found[] {
  const holders = new Set(
    [...facts.publishers.keys(), ...facts.stagers.keys(), ...facts.remotes.keys()].filter((job) => !facts.byHand.has(job)),
  )
  // Without the generated jobs to compare with, nobody knows what a feeding job should contain.
  const feeders = [...facts.feeders].filter((job) => facts.made.has(job))
  return [
    ...[...new Set([...holders, ...feeders])].flatMap((job): readonly Found[] => {
      const body = document.jobs[job]
      if (body === undefined) return []
      const found: readonly IssueFacts[] = [
        ...(holders.has(job) ? checkOwnCode(job, body) : []),
        ...checkHolder(job, body, facts.made.get(job)),
      ]
      return found.map((one) => ({ job, facts: one }))
    }),
    ...checkRetry(document, facts),
    ...checkArtifacts(graphs, facts),
    ...checkCancellation(document, graphs, facts),
  ]
}
