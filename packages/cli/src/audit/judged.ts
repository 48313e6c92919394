import type { AuditFinding, AuditResult } from '@stagegate/sdk'
import type { Baseline } from './apply-baseline.js'
import type { GitlabAnswer } from './ask-gitlab.js'

/** An audit, with everything else that is known about its findings. */
export interface Judged {
  readonly result: AuditResult
  /** GitLab's own judgement, if it was asked. */
  readonly gitlab: GitlabAnswer | undefined
  readonly baseline: Baseline | undefined
}

/** The findings that count: those that no baseline accepts. */
export function freshIn({ result, baseline }: Judged): readonly AuditFinding[] {
  return baseline?.fresh ?? result.findings
}

export function auditExitCode(judged: Judged): number {
  const { valid, unread } = judged.result
  if (!(judged.gitlab?.valid ?? valid)) return 2
  if (!valid) return 4
  if (freshIn(judged).some(({ severity }) => severity === 'error')) return 3
  return unread.length > 0 ? 4 : 0
}

/** The audit as data. With a baseline, each finding says whether it is accepted. */
export function asJson({ result, gitlab, baseline }: Judged): unknown {
  const said =
    gitlab === undefined ? {} : { gitlab: { url: gitlab.url, valid: gitlab.valid, errors: gitlab.errors, warnings: gitlab.warnings } }
  if (baseline === undefined) return { ...result, ...said }
  const { file, known, stale } = baseline
  const isKnown = new Set(known)
  return {
    ...result,
    ...said,
    findings: result.findings.map((finding) => ({ ...finding, known: isKnown.has(finding) })),
    baseline: { file, known: known.length, stale },
  }
}
