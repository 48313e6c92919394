import type { Limits } from '../limits.js'
import type { Tell } from './check-logic.js'
import type { JobTable, LogicalJob, NeededJob } from './job-table.js'
import { isLater } from './order.js'

const longestName = 255

/** The job's own needs, and those of each rule, list by list. */
export function checkNeeds(job: LogicalJob, table: JobTable, limits: Limits, tell: Tell): void {
  checkList(job, job.needs, 'needs', 'N3', table, limits, tell)
  for (const needs of job.ruleNeeds) checkList(job, needs, 'rules', 'N12', table, limits, tell)
}

function checkList(
  job: LogicalJob,
  needs: readonly NeededJob[],
  keyword: string,
  list: string,
  table: JobTable,
  limits: Limits,
  tell: Tell,
): void {
  const shownName = job.names[0] ?? job.name
  const rule = (own: string): string => (list === 'N12' ? 'N12' : own)
  const names: string[] = []
  for (const need of needs) {
    if (need.unknown !== undefined) {
      const gitlab = `${shownName} job: '${need.unknown}' does not exist in matrix configuration`
      tell({
        rule: rule('N9'),
        code: 'needs-matrix-variable',
        keyword,
        gitlab,
        ours: `has no ${need.unknown} in its own matrix, which one of its needs asks for`,
      })
      continue
    }
    const expanded = need.rows ?? table.byName.get(need.name)
    for (const name of namesIn(need, expanded)) {
      names.push(name)
      checkNeed(
        job,
        need,
        name,
        { keyword, shownName, rule: rule(need.rows === undefined ? 'N3' : 'N9'), order: rule('N4'), length: rule('N10') },
        table,
        tell,
      )
    }
  }
  const doubles = names.length === new Set(names).size ? [] : [...new Set(names.filter((name, index) => names.indexOf(name) !== index))]
  if (doubles.length > 0)
    tell({
      rule: rule('N5'),
      code: 'needs-duplicate',
      keyword,
      gitlab: `${shownName} has the following needs duplicated: ${doubles.join(', ')}.`,
      ours: `needs ${doubles.join(', ')} more than once`,
    })
  if (names.length > limits.needs) {
    const gitlab = `${shownName}: one job can only need ${limits.needs} others, but you have listed ${names.length}`
    tell({
      rule: rule('N13'),
      code: 'needs-limit',
      keyword,
      gitlab,
      ours: `needs ${names.length} jobs, more than ${limits.needs}: gather some of them in a job between`,
    })
  }
}

function namesIn(need: NeededJob, expanded: readonly string[] | LogicalJob | undefined): readonly string[] {
  if (expanded === undefined) return [need.name]
  if ('stage' in expanded) return expanded.name === need.name ? expanded.names : [need.name]
  return expanded
}

interface Wording {
  readonly keyword: string
  readonly shownName: string
  readonly rule: string
  readonly order: string
  readonly length: string
}

function checkNeed(job: LogicalJob, need: NeededJob, name: string, words: Wording, table: JobTable, tell: Tell): void {
  const { keyword, shownName } = words
  const found = table.byName.get(name)
  const other = found?.expanded === true && !found.names.includes(name) ? undefined : found
  if (name.length > longestName && name !== need.name) {
    const gitlab = `${shownName} job: need \`${name}\` name is too long (maximum is ${longestName} characters)`
    tell({
      rule: words.length,
      code: 'needs-name-length',
      keyword,
      gitlab,
      ours: `needs ${name.slice(0, 40)}…, a name of more than ${longestName} characters after \`parallel\``,
    })
  } else if (other === undefined) {
    if (!need.optional)
      tell({
        rule: words.rule,
        code: 'needs-undefined',
        keyword,
        gitlab: `${shownName} job: undefined need: ${name}`,
        ours: `needs ${name}, which does not exist`,
      })
  } else if (isLater(other, job, table.stages)) {
    const gitlab = `${shownName} job: need ${name} is not defined in current or prior stages`
    tell({ rule: words.order, code: 'needs-later-stage', keyword, gitlab, ours: `needs ${name}, which is in a later stage` })
  }
}
