import type { Finding } from './finding.js'

/** Softens findings that a file that was not read could resolve by defining something. */
const absences = [
  'gitlab/needs-undefined',
  'gitlab/needs-later-stage',
  'gitlab/dependency-undefined',
  'gitlab/dependency-later',
  'gitlab/stage-undefined',
  'gitlab/on-stop-undefined',
  'gitlab/on-stop',
  'gitlab/no-visible-job',
  'gitlab/job-without-script',
  'gitlab/job-without-work',
  'gitlab/script-empty',
  'gitlab/hidden-job-empty',
  'gitlab/variable-options',
  'gitlab/rules-without-workflow',
  'gitlab/environment-kubernetes-agent',
  'gitlab/environment-kubernetes-namespace',
  'gitlab/environment-kubernetes-empty',
  'gitlab/environment-dashboard-namespace',
  'gitlab/only-empty',
  'gitlab/input-default',
  'gitlab/pages-publish-alone',
  'gitlab/start-in-not-delayed',
  'gitlab/id-token-audience-missing',
  'gitlab/coverage-report-coverage-format',
  'gitlab/coverage-report-path',
  'gitlab/parallel-matrix',
  'gitlab/release-links-missing',
  'gitlab/environment-name',
  'gitlab/image-name',
  'gitlab/release-description',
  'gitlab/release-tag-name',
  'gitlab/start-in',
  'gitlab/trigger-project',
  'gitlab/artifacts-expose-paths',
]

/**
 * If files were left out, a finding that only they could settle becomes a warning. The stages that the file itself names are `settled`: no
 * other file adds to them.
 */
export function softened(
  findings: readonly Finding[],
  unread: readonly string[],
  settled: (finding: Finding) => boolean,
): readonly Finding[] {
  if (unread.length === 0) return findings
  return findings.map((finding) =>
    absences.includes(finding.code) && !settled(finding)
      ? {
          ...finding,
          severity: 'warning',
          message: `${finding.message}, unless a file that was not read says otherwise (${unread.slice(0, 3).join(', ')})`,
        }
      : finding,
  )
}
