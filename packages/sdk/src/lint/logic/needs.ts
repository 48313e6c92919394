import { gitlabLimits } from '../../gitlab/limits.js'
import type { RuleId } from '../rule.js'
import { isLater, type JobTable, type LogicalJob, type NeededJob, type Report } from './job-table.js'

type ReportNeed = (rule: RuleId, code: string, problem: string) => void

/** Checks each list by itself: the job's own needs, and those of each rule, which are all covered by N12. */
export function checkNeeds(job: LogicalJob, table: JobTable, most: number, report: Report): void {
  const lists = new NeedLists(job, table, most)
  lists.check(job.needs, (rule, code, problem) => report({ rule, code, keyword: 'needs', problem }))
  for (const needs of job.ruleNeeds) lists.check(needs, (_, code, problem) => report({ rule: 'N12', code, keyword: 'rules', problem }))
}

class NeedLists {
  readonly #job: LogicalJob
  readonly #table: JobTable
  readonly #most: number

  constructor(job: LogicalJob, table: JobTable, most: number) {
    this.#job = job
    this.#table = table
    this.#most = most
  }

  check(needs: readonly NeededJob[], report: ReportNeed): void {
    const names: string[] = []
    for (const need of needs) {
      if (need.unknown !== undefined) {
        report('N9', 'needs-matrix-variable', `uses $[[ matrix.${need.unknown} ]] in \`needs\`, but its own matrix has no ${need.unknown}`)
        continue
      }
      for (const name of this.#namesOf(need)) {
        names.push(name)
        this.#checkNeed(need, name, report)
      }
    }
    const doubles = [...new Set(names.filter((name, index) => names.indexOf(name) !== index))]
    if (doubles.length > 0) report('N5', 'needs-duplicate', `needs ${doubles.join(', ')} more than once`)
    if (names.length > this.#most)
      report('N13', 'needs-limit', `needs ${names.length} jobs, more than ${this.#most}: collect some of them in a job between`)
  }

  /** The names after the expansion of the needed job's `parallel`. */
  #namesOf({ name, rows }: NeededJob): readonly string[] {
    const needed = this.#table.byName.get(name)
    // GitLab does not look at the matrix in a need on a job without `parallel`.
    if (rows !== undefined && (needed === undefined || needed.expanded)) return rows
    return needed?.name === name ? needed.names : [name]
  }

  #checkNeed(need: NeededJob, name: string, report: ReportNeed): void {
    const found = this.#table.byName.get(name)
    const other = found?.expanded === true && !found.names.includes(name) ? undefined : found
    if ([...name].length > gitlabLimits.jobName && name !== need.name) {
      const problem = `needs ${name.slice(0, 40)}…, a name of more than ${gitlabLimits.jobName} characters after the expansion of \`parallel\``
      report('N10', 'needs-name-length', problem)
    } else if (other === undefined) {
      if (!need.optional) report(need.rows === undefined ? 'N3' : 'N9', 'needs-undefined', `needs ${name}, which does not exist`)
    } else if (isLater(other, this.#job, this.#table.stages)) {
      report('N4', 'needs-later-stage', `needs ${name}, which is in a later stage`)
    }
  }
}
