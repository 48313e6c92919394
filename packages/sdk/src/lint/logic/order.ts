import type { Yaml } from '../value.js'
import type { LogicalJob } from './job-table.js'

/** Whether a job is in a later stage than another, or in none. The same stage is early enough. */
export function isLater(job: LogicalJob, than: LogicalJob, stages: readonly Yaml[]): boolean {
  const [own, other] = [stages.indexOf(job.stage), stages.indexOf(than.stage)]
  return other >= 0 && (own < 0 || own > other)
}
