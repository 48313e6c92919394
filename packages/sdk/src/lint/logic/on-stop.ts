import type { Tell } from './check-logic.js'
import type { JobTable, LogicalJob } from './job-table.js'

/** The job that stops an environment exists, and stops the same one. */
export function checkStop(job: LogicalJob, table: JobTable, tell: Tell): void {
  const stop = job.environment?.onStop
  if (stop === undefined) return
  const found = table.byName.get(stop)
  const [gitlab, ours] =
    found === undefined
      ? ['is not defined', 'does not exist']
      : found.environment === undefined
        ? ['does not have environment defined', 'has no `environment`']
        : found.environment.name !== job.environment?.name
          ? ['have different environment name', 'has another environment']
          : found.environment.action !== 'stop'
            ? ['needs to have action stop defined', 'does not have `action: stop`']
            : []
  if (gitlab !== undefined && ours !== undefined)
    tell({
      rule: 'E4',
      code: found === undefined ? 'on-stop-undefined' : 'on-stop',
      keyword: 'environment',
      gitlab: `${job.names[0] ?? job.name} job: on_stop job ${stop} ${gitlab}`,
      ours: `has \`on_stop: ${stop}\`, which ${ours}`,
    })
}
