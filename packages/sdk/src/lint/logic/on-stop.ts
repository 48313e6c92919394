import type { JobTable, LogicalJob, Report } from './job-table.js'

/** The job of `on_stop` exists, and stops the same environment. */
export function checkStop(job: LogicalJob, table: JobTable, report: Report): void {
  const stop = job.environment?.onStop
  if (stop === undefined) return
  const found = table.byName.get(stop)
  // A job with `parallel` exists only under the names of its copies.
  const stopJob = found?.expanded === true && !found.names.includes(stop) ? undefined : found
  const problem = problemOf(stopJob, job)
  const code = stopJob === undefined ? 'on-stop-undefined' : 'on-stop'
  if (problem !== undefined)
    report({ rule: 'E4', code, keyword: 'environment', problem: `has \`on_stop: ${stop}\`, but that job ${problem}` })
}

function problemOf(stopJob: LogicalJob | undefined, job: LogicalJob): string | undefined {
  if (stopJob === undefined) return 'does not exist'
  const { environment } = stopJob
  if (environment === undefined) return 'has no `environment`'
  if (environment.name !== job.environment?.name) return 'has another environment'
  return environment.action === 'stop' ? undefined : 'does not have `action: stop`'
}
