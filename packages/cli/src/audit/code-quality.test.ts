import { audit } from '@stagegate/sdk'
import { expect, test } from 'vitest'
import { codeQualityOf } from './code-quality.js'

const yaml = 'a: {script: [npm publish]}\nb: {script: [x]}\n'
const findingsOf = (text: string, publishes: readonly string[] = ['a', 'b']) => audit(text, { publishes, file: 'ci/release.yml' }).findings
const refused = audit('a: {script: [x], needs: [b, b, c, 1]}\n', { file: 'ci/release.yml' }).findings

/** The rules of GitLab's documentation: the members of each finding, their types, and the values of severity. */
function expectReport(report: unknown): void {
  expect(Array.isArray(report)).toBe(true)
  const entries: readonly unknown[] = Array.isArray(report) ? report : []
  for (const entry of entries) {
    expect(entry).toEqual({
      description: expect.stringMatching(/^\S/),
      check_name: expect.stringMatching(/^[a-z]+\/[a-z-]+$/),
      fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
      severity: expect.stringMatching(/^(?:info|minor|major|critical|blocker)$/),
      location: { path: expect.stringMatching(/^(?![./])[^\\]+$/), lines: { begin: expect.any(Number) } },
    })
  }
  const fingerprints = entries.map((entry) => (entry as { fingerprint: string }).fingerprint)
  expect(new Set(fingerprints).size).toBe(fingerprints.length)
}

test.each([
  ['an open gate', findingsOf(yaml)],
  ['guesses', findingsOf(yaml, [])],
  ['a refusal', refused],
  ['the same finding twice', [...findingsOf(yaml), ...findingsOf(yaml)]],
  ['nothing', []],
])('the report is as GitLab documents it: %s', (_, findings) => {
  expectReport(JSON.parse(JSON.stringify(codeQualityOf(findings))))
})

test('fingerprints stay where lines move, and lines follow', () => {
  const [before, after] = [codeQualityOf(findingsOf(yaml)), codeQualityOf(findingsOf(`# moved\n\n${yaml}`))]
  expect(after.map(({ fingerprint }) => fingerprint)).toEqual(before.map(({ fingerprint }) => fingerprint))
  expect(before[0]?.location.lines.begin).toBe(1)
  expect(after[0]?.location.lines.begin).toBe(3)
})

test('severities: a refusal blocks, an open gate is critical, advice is minor, and a guess informs', () => {
  const severities = (findings: Parameters<typeof codeQualityOf>[0]) =>
    [...new Set(codeQualityOf(findings).map(({ severity }) => severity))].sort()
  expect(severities(refused)).toContain('blocker')
  expect(severities(findingsOf(yaml))).toEqual(['critical', 'minor'])
  expect(severities(findingsOf(yaml, []))).toEqual(['info'])
})

test.each(['../ci.yml', '/srv/ci.yml'])('a file outside the project is refused: %s', (file) => {
  const findings = audit(yaml, { publishes: ['a'], file }).findings
  expect(() => codeQualityOf(findings)).toThrow(/not in the project’s folder[\s\S]*--root/)
})
