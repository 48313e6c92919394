import { findCycle } from '../../cycle.js'
import type { Finding } from '../finding.js'
import type { JobTable } from './job-table.js'

/** Jobs that need each other. Needs of rules do not count. */
export function circleIn({ jobs, byName }: JobTable): Finding | undefined {
  const cycle = findCycle(jobs, ({ needs }) => needs.flatMap(({ name }) => byName.get(name) ?? []))
  const names = cycle?.map(({ name }) => name) ?? []
  const [first] = names
  if (first === undefined) return undefined
  const message = `jobs need each other in a cycle: ${[...names, first].join(' needs ')}`
  return { code: 'gitlab/needs-circle', rule: 'N6', severity: 'error', path: [first, 'needs'], job: first, message }
}
