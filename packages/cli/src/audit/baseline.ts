import { canonical, type JsonObject } from '@stagegate/schema'
import type { AuditFinding } from '@stagegate/sdk'

/** The identity of a finding, without its line and sentence. */
interface Accepted {
  readonly code: string
  readonly severity: AuditFinding['severity']
  readonly file: string
  readonly job?: string
  readonly facts: JsonObject
}

/** Findings that are accepted, and how many of each. */
export interface AcceptedCount extends Accepted {
  readonly count: number
}

export interface Comparison {
  readonly fresh: readonly AuditFinding[]
  readonly known: readonly AuditFinding[]
  /** Accepted findings that no longer occur. */
  readonly stale: readonly AcceptedCount[]
}

export function identityOf({ code, severity, file, job, facts }: AuditFinding): Accepted {
  return { code, severity, file, ...(job !== undefined && { job }), facts }
}

/** After a refusal nothing is proved, and after a wrong name in the call nothing was checked: accepting one would hide all others. */
function canBeAccepted({ code, severity }: Pick<Accepted, 'code' | 'severity'>): boolean {
  return severity === 'warning' || !(code.startsWith('gitlab/') || code === 'audit/no-such-job')
}

export function acceptedOf(findings: readonly AuditFinding[]): readonly AcceptedCount[] {
  const counts = new Map<string, AcceptedCount>()
  for (const finding of findings.filter(canBeAccepted)) {
    const identity = identityOf(finding)
    const key = canonical(identity)
    counts.set(key, { ...identity, count: (counts.get(key)?.count ?? 0) + 1 })
  }
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry)
}

/** Splits findings into accepted and new ones. Each acceptance counts for as many findings as there were. */
export function compareWith(accepted: readonly AcceptedCount[], findings: readonly AuditFinding[]): Comparison {
  const left = new Map<string, AcceptedCount>()
  for (const { count, ...identity } of accepted) {
    const key = canonical(identity)
    left.set(key, { ...identity, count: count + (left.get(key)?.count ?? 0) })
  }
  const isKnown = findings.map((finding) => {
    const key = canonical(identityOf(finding))
    const entry = left.get(key)
    if (entry === undefined || entry.count === 0 || !canBeAccepted(finding)) return false
    left.set(key, { ...entry, count: entry.count - 1 })
    return true
  })
  return {
    known: findings.filter((_, index) => isKnown[index]),
    fresh: findings.filter((_, index) => !isKnown[index]),
    stale: [...left.values()].filter(({ count }) => count > 0),
  }
}
