import type { Acceptance, Program } from '../app-props.js'
import { type Issue, issueAt } from '../report/issue.js'

/** Warnings that are accepted for one file or job, and for no other. */
const bySubject = ['gate/include', 'gate/undeclared', 'gate/child']

/** The code, and what it is accepted for. */
export function nameOf({ code, of }: Acceptance): string {
  return of === undefined ? code : `${code} (${of})`
}

/**
 * The issues that nobody answers for, and the acceptances that answer for nothing.
 * @param unsure codes of issues that depend on who synthesizes: with a reader of local files, or without
 */
export function unaccepted({ path, source, accepted }: Program, issues: readonly Issue[], unsure: readonly string[]): readonly Issue[] {
  const warnings = issues.filter(({ severity }) => severity === 'warning')
  // Then hardly anything was judged, and much could still occur.
  const isMisread = issues.some(({ code }) => code === 'structure/unknown-property')
  const left = issues.filter((issue) => issue.severity === 'error' || !accepted.some((one) => answersFor(one, issue)))
  return [
    ...left,
    ...accepted.flatMap((one): Issue[] => {
      if (one.of === undefined && bySubject.includes(one.code))
        return [issueAt({ path, source }, { code: 'accept/subject', accepted: one.code })]
      const isUsed = warnings.some((issue) => answersFor(one, issue)) || unsure.includes(one.code)
      return isUsed || isMisread ? [] : [issueAt({ path, source }, { code: 'accept/unused', accepted: nameOf(one) })]
    }),
  ]
}

function answersFor({ code, of }: Acceptance, issue: Issue): boolean {
  if (issue.code !== code) return false
  return of === undefined ? !bySubject.includes(code) : subjectsOf(issue).includes(of)
}

/** The file or the job that an issue is about. */
function subjectsOf(issue: Issue): readonly unknown[] {
  return [...('files' in issue ? issue.files : []), ...('job' in issue ? [issue.job] : [])]
}
