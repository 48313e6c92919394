import type { JsonValue } from '@stagegate/schema'
import { isObject, type PipelineDocument } from '../../gitlab/document.js'
import type { Found } from '../../issue/facts.js'
import type { ReleaseFacts } from '../gate/facts.js'

/**
 * A job with a credential is retried if the runner died, or if it reports itself that a retry can help (4). A deployment is never retried,
 * since it would be deployed twice without anybody asking for it. A deployment on another GitLab may be: the command records the start of
 * the pipeline first, and a retry finds that pipeline again, or stops for a person.
 */
export function checkRetry(document: PipelineDocument, facts: ReleaseFacts): readonly Found[] {
  const jobs = [...facts.publishers.keys(), ...facts.stagers.keys(), ...facts.deployments]
  return jobs.flatMap((job): Found[] => {
    const retry = document.jobs[job]?.['retry']
    if (retry === undefined || retry === 0 || (isObject(retry) && retry['max'] === 0)) return []
    if (facts.deployments.has(job) && !facts.remotes.has(job)) return [{ job, facts: { code: 'isolation/retry', job, on: 'deployment' } }]
    const [when, codes] = isObject(retry) ? [list(retry['when']), list(retry['exit_codes'])] : [[], []]
    const isNarrow =
      when.length + codes.length > 0 && when.every((reason) => reason === 'runner_system_failure') && codes.every((code) => code === 4)
    return isNarrow ? [] : [{ job, facts: { code: 'isolation/retry', job, on: 'credential' } }]
  })
}

function list(value: JsonValue | undefined): readonly JsonValue[] {
  return value === undefined ? [] : Array.isArray(value) ? value : [value]
}
