import { createHash } from 'node:crypto'
import { isAbsolute } from 'node:path'
import { canonical, UsageError } from '@stagegate/schema'
import type { AuditFinding } from '@stagegate/sdk'
import { identityOf } from './baseline.js'

/** @see https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format */
export interface CodeQualityFinding {
  readonly description: string
  readonly check_name: string
  readonly fingerprint: string
  readonly severity: 'info' | 'minor' | 'major' | 'critical' | 'blocker'
  readonly location: { readonly path: string; readonly lines: { readonly begin: number } }
}

/**
 * GitLab's Code Quality report. GitLab compares reports by fingerprint and shows one finding for each, so a fingerprint contains no line,
 * and equal findings are numbered.
 * @throws {UsageError} a file that is not in the project's folder: GitLab shows findings by their path in the repository
 */
export function codeQualityOf(findings: readonly AuditFinding[]): readonly CodeQualityFinding[] {
  const seen = new Map<string, number>()
  return findings.map((finding) => {
    const identity = canonical(identityOf(finding))
    const count = seen.get(identity) ?? 0
    seen.set(identity, count + 1)
    const { code, message, help, line } = finding
    return {
      description: [message, help].filter((part) => part !== undefined).join('. '),
      check_name: code,
      fingerprint: createHash('sha256').update(`${count}\n${identity}`).digest('hex'),
      severity: severityOf(finding),
      location: { path: pathIn(finding.file), lines: { begin: line ?? 1 } },
    }
  })
}

function severityOf({ code, severity, guess }: AuditFinding): CodeQualityFinding['severity'] {
  if (severity === 'error') return code.startsWith('gitlab/') ? 'blocker' : 'critical'
  return guess ? 'info' : 'minor'
}

function pathIn(file: string): string {
  if (!isAbsolute(file) && file.split(/[\\/]/)[0] !== '..') return file.replace(/^\.\//, '')
  throw new UsageError({
    code: 'usage/options',
    where: file,
    what: 'it is not in the project’s folder, but GitLab shows findings by their path in the repository',
    next: 'Name the repository’s folder with --root.',
  })
}
