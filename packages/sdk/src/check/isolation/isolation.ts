import { kindVariable } from '@stagegate/schema'
import { isObject, type JobDocument, type PipelineDocument } from '../../gitlab/document.js'
import type { KindGraph } from '../../graph/kinds.js'
import type { Found } from '../../issue/facts.js'
import type { ReleaseFacts } from '../gate/facts.js'
import { checkArtifacts } from './artifacts.js'
import { checkCancellation } from './cancellation.js'
import { installingLine } from './installs.js'
import { checkRetry } from './retry.js'

/** Finds what lets foreign code into a job with a publisher's credential or a deployment's tokens, or stops the job half-way. */
export function checkIsolation(document: PipelineDocument, graphs: readonly KindGraph[], facts: ReleaseFacts): readonly Found[] {
  const holders = [...facts.publishers.keys(), ...facts.stagers.keys(), ...facts.remotes.keys()]
  return [
    ...holders.flatMap((job) => {
      const body = document.jobs[job]
      return body === undefined ? [] : checkHolder(job, body)
    }),
    ...checkRetry(document, facts),
    ...checkArtifacts(graphs, facts),
    ...checkCancellation(document, graphs, facts),
  ]
}

/** Keywords that run code beside the script or before it, with everything that the job can see. */
const beside = ['extends', 'cache', 'services', 'before_script', 'after_script', 'hooks', 'parallel'] as const

function checkHolder(job: string, body: JobDocument): readonly Found[] {
  const line = installingLine(body)
  const strategy = isObject(body['variables']) ? body['variables']['GIT_STRATEGY'] : undefined
  const inherit = isObject(body['inherit']) ? body['inherit'] : {}
  // The name of the pipeline's kind does no harm.
  const isLeftOut = (value: unknown) => value === false || (Array.isArray(value) && value.every((name) => name === kindVariable))
  return [
    ...(line === undefined ? [] : [{ job, facts: { code: 'isolation/installs', job, line } as const }]),
    ...beside
      .filter((keyword) => !isEmpty(body[keyword]))
      .map((keyword) => ({ job, facts: { code: 'isolation/keyword', job, keyword } as const })),
    ...(['default', 'variables'] as const)
      .filter((what) => !isLeftOut(inherit[what]))
      .map((what) => ({ job, facts: { code: 'isolation/inherits', job, what } as const })),
    ...(strategy === 'empty' || strategy === 'none'
      ? []
      : [{ job, facts: { code: 'isolation/checkout', job, strategy: typeof strategy === 'string' ? strategy : undefined } as const }]),
  ]
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || (Array.isArray(value) && value.length === 0)
}
