import { type JsonObject, nearest } from '@stagegate/schema'
import type { Found } from '../issue/facts.js'
import type { Finding } from '../lint/index.js'
import { isOfGate } from '../report/catalogue.js'
import { identityOf, issueAt, sentenceOf } from '../report/issue.js'
import type { SourceLocation } from '../source-location.js'
import { premiseOf } from './premise.js'
import type { WrittenFiles } from './written-files.js'

export interface AuditFinding {
  readonly severity: 'error' | 'warning'
  readonly code: string
  readonly job: string | undefined
  /** The file itself, or a local one that it includes. */
  readonly file: string
  readonly line: number | undefined
  readonly message: string
  readonly help: string | undefined
  /** The assumption about things outside the file on which the finding depends: if that is not true, there is no problem. */
  readonly premise: string | undefined
  /** The problem as data. With `code`, `job` and `file` it is the finding's identity: it contains no line and no sentence. */
  readonly facts: JsonObject
  /** Whether it is based on a guess about which jobs publish. */
  readonly guess: boolean
}

/** A line of a file; `undefined` where nobody knows it. */
interface Place {
  readonly file: string
  readonly line: number | undefined
}

const proved = { help: undefined, premise: undefined, guess: false } as const

/** `place` is where the job stands, if not in the text that was judged. */
export function fromLint({ severity, code, rule, path, job, line, message }: Finding, place: string | Place): AuditFinding {
  // A rule or line that is added before moves the index of others.
  const at = path.filter((key) => typeof key === 'string' && key !== job).map(String)
  const where = typeof place === 'string' ? { file: place, line } : place
  return { ...proved, severity, code, job, ...where, message, facts: { rule, at } }
}

/** Where the job of a finding was written. */
export function placeIn({ job }: Finding, { places }: WrittenFiles, file: string): Place {
  const place = job === undefined ? undefined : places.get(job)
  return { file: place?.file ?? file, line: place?.line }
}

/** The pipeline that the findings are about. */
export interface Audited {
  readonly places: ReadonlyMap<string, SourceLocation>
  readonly file: string
  readonly gates: readonly string[]
}

export function fromIssue({ job, facts, source }: Found, { places, file, gates }: Audited): AuditFinding {
  const { severity, code, help } = issueAt({ path: job ?? '' }, facts)
  const place = source ?? (job === undefined ? undefined : places.get(job))
  return {
    // Only the gate of a hand-written pipeline is proved; the rest is advice.
    severity: isOfGate(facts) || opensPublisher(facts, gates) ? severity : 'warning',
    code,
    job,
    file: place?.file ?? file,
    line: place?.line,
    message: sentenceOf(facts),
    help: helpIn(facts) ?? help,
    premise: premiseOf(facts),
    facts: factsIn(facts),
    guess: false,
  }
}

/** The same of a job that only seems to publish. */
export function fromGuess(found: Found, audited: Audited): AuditFinding {
  const finding = fromIssue(found, audited)
  const premises = [`${found.job} publishes (a guess)`, ...(finding.premise === undefined ? [] : [finding.premise])]
  return { ...finding, severity: 'warning', premise: premises.join(', and that '), guess: true }
}

/** Help for those who have no `pipeline.ts`. */
function helpIn(facts: Found['facts']): string | undefined {
  if (facts.code !== 'gate/undeclared') return undefined
  return `If it publishes, name it with --publishes ${facts.job} or a comment # stagegate: publishes, so that its gate is proved.`
}

function factsIn(facts: Found['facts']): JsonObject {
  const { code: _, ...rest }: JsonObject = JSON.parse(identityOf(facts))
  return rest
}

/** The same, in the child pipeline that a job starts. */
export function inChild(finding: AuditFinding, starter: string): AuditFinding {
  return { ...finding, facts: { ...finding.facts, starter }, message: `in the pipeline that ${starter} starts, ${finding.message}` }
}

export function unknownGate(gate: string, jobs: readonly string[], file: string): AuditFinding {
  return noSuchJob(gate, `the gate ${gate} is not a job of this file`, file, jobs)
}

/** A gate that is a job of another pipeline than the one that publishes. */
export function gateElsewhere(gate: string, starter: string | undefined, file: string): AuditFinding {
  const where = starter === undefined ? 'this file' : `the pipeline that ${starter} starts, nor of the one that starts it`
  return noSuchJob(gate, `jobs publish, but the gate ${gate} is not a job of ${where}`, file)
}

export function unmatchedPattern(pattern: string, jobs: readonly string[], file: string): AuditFinding {
  return noSuchJob(pattern, `no job matches ${pattern}, which is named as a job that publishes`, file, jobs)
}

function noSuchJob(name: string, message: string, file: string, jobs: readonly string[] = []): AuditFinding {
  const meant = nearest(name, jobs)
  return {
    ...proved,
    severity: 'error',
    code: 'audit/no-such-job',
    job: name,
    file,
    line: undefined,
    message,
    help: meant === undefined ? 'Name a job of the file.' : `Did you mean ${meant}?`,
    facts: {},
  }
}

/** A way into a job that publishes, or a job that GitLab drops in silence: it may be a gate. */
function opensPublisher(facts: Found['facts'], gates: readonly string[]): boolean {
  if (facts.code === 'isolation/keyword') return facts.keyword === 'cache'
  return (
    facts.code === 'structure/duplicate-name' ||
    (facts.code === 'isolation/artifacts' && facts.what === 'variables' && !gates.includes(facts.from))
  )
}
