import { relative } from 'node:path'
import { type Issue, type SourceLocation, sentenceOf } from '@stagegate/sdk'
import { oneLine } from './output.js'

/** Every issue with its place and its help. Errors are last, so that they are next to the prompt. */
export function issueReport(issues: readonly Issue[]): string {
  const ordered = [...issues].sort((a, b) => Number(a.severity === 'error') - Number(b.severity === 'error'))
  return ordered.map(issueText).join('\n')
}

function issueText(issue: Issue): string {
  const { source, path, severity, code, help } = issue
  const lineOf = ({ file, line }: Omit<SourceLocation, 'calledAt'>) => `${relative(process.cwd(), file)}:${line}`
  const called = source?.calledAt === undefined ? '' : `, called at ${lineOf(source.calledAt)}`
  const place = source === undefined ? '' : `${lineOf(source)}${called}`
  const at = [place, oneLine(path)].filter((part) => part !== '').join('  ')
  return `${severity}: ${oneLine(sentenceOf(issue))}  [${code}]\n  at ${at === '' ? 'the app' : at}\n  ${help}\n`
}

/** `2 errors, 1 warning` */
export function issueCount(issues: readonly Issue[]): string {
  const errors = issues.filter(({ severity }) => severity === 'error').length
  const warnings = issues.length - errors
  return [counted(errors, 'error'), counted(warnings, 'warning')].filter((part) => part !== '').join(', ')
}

export function counted(count: number, noun: string): string {
  return count === 0 ? '' : `${count} ${noun}${count === 1 ? '' : 's'}`
}
