import { type AuditFinding, type Cause, causesOf } from '@stagegate/sdk'
import { counted } from '../print/issues.js'
import { oneLine } from '../print/output.js'
import { baselineLines } from './baseline-lines.js'
import { gitlabLines } from './gitlab-lines.js'
import { guessLines } from './guesses.js'
import { freshIn, type Judged } from './judged.js'
import { listed } from './listed.js'
import { verdict } from './verdict.js'

/** How the audit was called, and the names of its files for the reader. */
export interface Invocation {
  readonly words: readonly string[]
  readonly shown: (file: string) => string
}

export function report(judged: Judged, called: Invocation): string {
  const { result } = judged
  const causes = causesOf(freshIn(judged))
  const errors = causes.filter(({ first }) => first.severity === 'error')
  const warnings = causes.filter(({ first }) => first.severity === 'warning')
  const summary = [counted(errors.length, 'error'), counted(warnings.length, 'warning')].filter((part) => part !== '').join(', ')
  const placeOf = ({ file, line }: Pick<AuditFinding, 'file' | 'line'>) => `${called.shown(file)}${line === undefined ? '' : `:${line}`}`
  return [
    ...[...errors, ...warnings].map((cause) => causeText(cause, placeOf)),
    // One kind may be in several rules of a workflow.
    ...new Set(result.publishers.map(({ where, jobs }) => `Can publish ${where}: ${listed(jobs)}\n`)),
    ...guessLines(result, placeOf).map((line) => `${line}\n`),
    ...gitlabLines(judged.gitlab).map((line) => `${line}\n`),
    ...baselineLines(judged).map((line) => `${line}\n`),
    `${summary === '' ? '' : `${summary}. `}${verdict(judged, called.words)}\n`,
  ].join('')
}

function causeText({ first, others }: Cause, placeOf: (finding: AuditFinding) => string): string {
  const { severity, message, code, help, premise } = first
  return [
    `${severity}: ${oneLine(message)}  [${code}]`,
    `  at ${placeOf(first)}`,
    ...(help === undefined ? [] : [`  ${help}`]),
    ...(premise === undefined ? [] : [`  This assumes that ${oneLine(premise)}.`]),
    ...othersLine(first, others, placeOf),
    '\n',
  ].join('\n')
}

function othersLine(first: AuditFinding, others: readonly AuditFinding[], placeOf: (finding: AuditFinding) => string): readonly string[] {
  const jobs = new Map(others.flatMap((one) => (one.job === undefined || one.job === first.job ? [] : [[one.job, one] as const])))
  if (jobs.size > 0) {
    const named = [...jobs].slice(0, 3).map(([job, one]) => `${job} (${placeOf(one)})`)
    const more = jobs.size > 3 ? `, and ${counted(jobs.size - 3, 'more job')}` : ''
    return [oneLine(`  The same for ${named.join(', ')}${more}`)]
  }
  return others.length === 0 ? [] : [`  The same in ${others.length} more ${others.length === 1 ? 'case' : 'cases'} of this job`]
}
