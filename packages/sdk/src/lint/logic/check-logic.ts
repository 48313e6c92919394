import type { Finding } from '../finding.js'
import type { Limits } from '../limits.js'
import type { YamlMap } from '../value.js'
import { circleIn } from './circle.js'
import { isLater, type JobTable, jobTable, type LogicalJob, type Report } from './job-table.js'
import { checkNeeds } from './needs.js'
import { checkStop } from './on-stop.js'

/** The second of GitLab's two phases: relations between jobs. GitLab stops at the first problem; this reports all. */
export function checkLogic(root: YamlMap, limits: Limits): { readonly findings: readonly Finding[]; readonly jobs: readonly string[] } {
  const table = jobTable(root)
  const findings: Finding[] = []
  for (const job of table.jobs) {
    checkJob(job, table, limits, ({ rule, code, keyword, problem }) => {
      const message = `\`${job.name}\` ${problem}`
      findings.push({ code: `gitlab/${code}`, rule, severity: 'error', path: [job.name, keyword], job: job.name, message })
    })
  }
  const circle = circleIn(table)
  if (circle !== undefined) findings.push(circle)
  return { findings, jobs: table.jobs.flatMap(({ names }) => names) }
}

function checkJob(job: LogicalJob, table: JobTable, limits: Limits, report: Report): void {
  if (job.stage !== undefined && !table.stages.includes(job.stage)) {
    const problem = `is in stage ${job.stage}, which \`stages\` does not list`
    report({ rule: 'J7', code: 'stage-undefined', keyword: 'stage', problem })
  }
  for (const name of job.dependencies)
    checkDependency(job, name, table, (problem) => report({ ...problem, rule: 'N11', keyword: 'dependencies' }))
  checkNeeds(job, table, limits.needs, report)
  for (const name of job.artifactJobs)
    checkDependency(job, name, table, (problem) => report({ ...problem, rule: 'T4', keyword: 'trigger' }))
  checkStop(job, table, report)
}

type ReportDependency = (found: { readonly code: string; readonly problem: string }) => void

function checkDependency(job: LogicalJob, name: string, table: JobTable, report: ReportDependency): void {
  const other = table.byName.get(name)
  if (other === undefined) report({ code: 'dependency-undefined', problem: `takes artifacts of ${name}, which does not exist` })
  else if (isLater(other, job, table.stages))
    report({ code: 'dependency-later', problem: `takes artifacts of ${name}, which is in a later stage` })
}
