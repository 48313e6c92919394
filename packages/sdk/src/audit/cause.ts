import type { JsonValue } from '@stagegate/schema'
import { isObject } from '../gitlab/document.js'
import type { AuditFinding } from './audit-findings.js'

/** Findings with the same cause: the first, and the others about other jobs and kinds of pipeline. */
export interface Cause {
  readonly first: AuditFinding
  readonly others: readonly AuditFinding[]
}

/** Findings by their cause, in the order of the first of each. */
export function causesOf(findings: readonly AuditFinding[]): readonly Cause[] {
  const causes = new Map<string, { readonly first: AuditFinding; readonly others: AuditFinding[] }>()
  for (const finding of findings) {
    const key = JSON.stringify([finding.severity, finding.code, finding.guess, ...causeIn(finding)])
    const known = causes.get(key)
    if (known === undefined) causes.set(key, { first: finding, others: [] })
    else known.others.push(finding)
  }
  return [...causes.values()]
}

/** GitLab's refusals say each its own; other facts are one cause wherever they differ in the job and the kind alone. */
function causeIn({ code, job, facts, message, line }: AuditFinding): readonly unknown[] {
  if (code.startsWith('gitlab/') || code.startsWith('audit/')) return [job, line, message]
  return [ofNoJob(facts, job)]
}

/** The same of every job and kind of pipeline. */
export function ofNoJob(value: JsonValue, job: string | undefined): JsonValue {
  if (Array.isArray(value)) return value.map((one) => ofNoJob(one, job))
  if (isObject(value))
    return Object.fromEntries(
      Object.entries(value).flatMap(([key, member]) => (['kind', 'through', 'rules'].includes(key) ? [] : [[key, ofNoJob(member, job)]])),
    )
  return value === job ? '' : value
}
