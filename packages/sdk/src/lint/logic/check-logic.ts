import type { Finding } from '../finding.js'
import type { Limits } from '../limits.js'
import type { YamlMap } from '../value.js'
import { circleIn } from './circle.js'
import { type JobTable, jobTable, type LogicalJob } from './job-table.js'
import { checkNeeds } from './needs.js'
import { checkStop } from './on-stop.js'
import { isLater } from './order.js'

export type Tell = (problem: { rule: string; code: string; keyword: string; gitlab: string; ours: string }) => void

/** The second of GitLab's two phases: jobs among one another. GitLab stops at the first problem; this goes on. */
export function checkLogic(root: YamlMap, limits: Limits): { readonly findings: readonly Finding[]; readonly jobs: readonly string[] } {
  const table = jobTable(root)
  const findings: Finding[] = []
  for (const job of table.jobs) {
    const tell: Tell = ({ rule, code, keyword, gitlab, ours }) => {
      findings.push({
        code: `gitlab/${code}`,
        rule,
        severity: 'error',
        path: [job.name, ...(keyword === '' ? [] : [keyword])],
        job: job.name,
        message: `\`${job.name}\` ${ours}`,
        gitlab,
      })
    }
    checkJob(job, table, limits, tell)
  }
  const circle = circleIn(table)
  if (circle !== undefined) findings.push(circle)
  return { findings, jobs: table.jobs.flatMap(({ names }) => names) }
}

function checkJob(job: LogicalJob, table: JobTable, limits: Limits, tell: Tell): void {
  const shownName = job.names[0] ?? job.name
  if (!table.stages.includes(job.stage)) {
    const gitlab = `${shownName} job: chosen stage ${job.stage} does not exist; available stages are ${table.stages.join(', ')}`
    tell({
      rule: 'J7',
      code: 'stage-undefined',
      keyword: 'stage',
      gitlab,
      ours: `is in the stage ${job.stage}, which \`stages\` does not have`,
    })
  }
  for (const name of job.dependencies) checkDependency(job, name, 'dependencies', 'N11', table, tell)
  checkNeeds(job, table, limits, tell)
  for (const name of job.artifactJobs) checkDependency(job, name, 'trigger', 'T4', table, tell)
  checkStop(job, table, tell)
}

function checkDependency(job: LogicalJob, name: string, keyword: string, rule: string, table: JobTable, tell: Tell): void {
  const shownName = job.names[0] ?? job.name
  const other = table.byName.get(name)
  if (other === undefined) {
    const gitlab = `${shownName} job: undefined dependency: ${name}`
    tell({ rule, code: 'dependency-undefined', keyword, gitlab, ours: `takes artifacts of ${name}, which does not exist` })
  } else if (isLater(other, job, table.stages)) {
    const gitlab = `${shownName} job: dependency ${name} is not defined in current or prior stages`
    tell({ rule, code: 'dependency-later', keyword, gitlab, ours: `takes artifacts of ${name}, which is in a later stage` })
  }
}
