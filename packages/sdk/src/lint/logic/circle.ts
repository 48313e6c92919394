import type { Finding } from '../finding.js'
import type { JobTable, LogicalJob } from './job-table.js'

interface Step {
  readonly job: LogicalJob
  readonly next: Iterator<LogicalJob>
}

/** Jobs that need one another in a circle; needs of rules do not count. Depth first, without recursion. */
export function circleIn(table: JobTable): Finding | undefined {
  const done = new Set<LogicalJob>()
  for (const start of table.jobs) {
    if (done.has(start)) continue
    const path: Step[] = [{ job: start, next: neededBy(start, table) }]
    const onPath = new Set([start])
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const next = top.next.next()
      if (next.done === true) {
        done.add(top.job)
        onPath.delete(top.job)
        path.pop()
      } else if (onPath.has(next.value)) {
        const jobs = path.map(({ job }) => job)
        return finding(jobs.slice(jobs.indexOf(next.value)))
      } else if (!done.has(next.value)) {
        path.push({ job: next.value, next: neededBy(next.value, table) })
        onPath.add(next.value)
      }
    }
  }
  return undefined
}

function* neededBy(job: LogicalJob, { byName }: JobTable): Iterator<LogicalJob, undefined> {
  for (const need of job.needs) {
    const other = byName.get(need.name)
    if (other !== undefined) yield other
  }
  return undefined
}

function finding(circle: readonly LogicalJob[]): Finding {
  const names = circle.map(({ name }) => name)
  const [first = ''] = names
  const problem =
    names.length === 1 ? `self-dependency: ${first}` : `topological sort failed: ${JSON.stringify(names).replaceAll('","', '", "')}`
  return {
    code: 'gitlab/needs-circle',
    rule: 'N6',
    severity: 'error',
    path: [first, 'needs'],
    job: first,
    message: `jobs need one another in a circle: ${[...names, first].join(' needs ')}`,
    gitlab: `The pipeline has circular dependencies: ${problem}`,
  }
}
