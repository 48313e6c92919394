import { noFacts, type ReleaseFacts } from '../check/gate/facts.js'
import { checkPipeline } from '../check/gate/pipeline.js'
import { type Finding, type LintOptions, lintText } from '../check/gitlab/index.js'
import { kindGraphs } from '../graph/kinds.js'
import { type IssueFacts, issueAt, sentenceOf } from '../issue.js'
import { fits } from '../name-pattern.js'
import { marksIn } from './marks.js'
import { documentOf } from './read.js'

export interface AuditOptions extends LintOptions {
  /** Names of jobs that publish; `*` stands for anything. Beside those that a comment marks. */
  readonly publishes?: readonly string[] | undefined
  /** Names of jobs that must have succeeded before anything is published. Beside those that a comment marks. */
  readonly gates?: readonly string[] | undefined
  /** Variables with which public repositories are written to: whatever uses one publishes. */
  readonly secrets?: readonly string[] | undefined
}

export interface AuditFinding {
  readonly severity: 'error' | 'warning'
  readonly code: string
  readonly job: string | undefined
  readonly line: number | undefined
  readonly message: string
  readonly help: string | undefined
}

export interface AuditResult {
  /** By kind of pipeline, or by rule of its workflow: the jobs that can publish. */
  readonly publishers: readonly { readonly kind: string; readonly jobs: readonly string[] }[]
  readonly findings: readonly AuditFinding[]
  /** Included files that were not looked at. */
  readonly unread: readonly string[]
  /** Whether GitLab takes the file, and the gate holds as far as can be said. */
  readonly ok: boolean
}

/** Reads a pipeline that somebody else wrote: whether GitLab takes it, which jobs can publish, and whether the gate holds. */
export function audit(yaml: string, options: AuditOptions = {}): AuditResult {
  const { findings: refused, unread, resolved, valid } = lintText(yaml, options)
  const findings = refused.map(fromLint)
  if (!valid || resolved === undefined) return { publishers: [], findings, unread, ok: false }
  const document = documentOf(resolved)
  const graphs = kindGraphs(document)
  const marks = marksIn(yaml)
  const names = Object.keys(document.jobs)
  const published = [...(options.publishes ?? []), ...marks.publishes]
  const named = [...new Set([...(options.gates ?? []), ...marks.gates])]
  const missing = named.filter((gate) => !names.includes(gate))
  const gates = named.filter((gate) => names.includes(gate))
  const isPublisher = (name: string) => published.some((pattern) => fits(name, pattern))
  const facts: ReleaseFacts = {
    ...noFacts,
    publishers: new Map(
      names
        .filter(isPublisher)
        .map((name) => [name, new Map(graphs.filter(({ jobs }) => jobs.has(name)).map(({ kind }) => [kind, gates]))]),
    ),
    // A job that is told by its credential can be in any kind.
    gates: new Map(
      graphs
        .filter(({ jobs }) => options.secrets !== undefined || names.some((name) => jobs.has(name) && isPublisher(name)))
        .map(({ kind }) => [kind, gates]),
    ),
    credentials: (options.secrets ?? []).map((variable) => ({ repository: variable, variable })),
  }
  const lineOf = (job: string | undefined) => (job === undefined ? undefined : lineOfKey(yaml, job))
  const found = checkPipeline(document, facts).map(({ job, facts: fact }) => fromIssue(job, fact, lineOf(job)))
  const absent = missing.map(
    (gate): AuditFinding => ({
      severity: 'error',
      code: 'audit/no-such-job',
      job: gate,
      line: undefined,
      message: `there is no job ${gate}, which is to be a gate`,
      help: 'Name a job of the file.',
    }),
  )
  const all = [...findings, ...absent, ...found]
  const publishers = graphs.map(({ kind, jobs }) => ({
    kind,
    jobs: [...jobs.keys()].filter(
      (name) => facts.publishers.has(name) || found.some(({ job, code }) => job === name && code.startsWith('secrets/')),
    ),
  }))
  return {
    publishers: publishers.filter(({ jobs }) => jobs.length > 0),
    findings: all,
    unread,
    ok: all.every(({ severity }) => severity !== 'error'),
  }
}

function fromLint({ severity, code, job, line, message }: Finding): AuditFinding {
  return { severity, code, job, line, message, help: undefined }
}

function fromIssue(job: string | undefined, facts: IssueFacts, line: number | undefined): AuditFinding {
  const { severity, code, help } = issueAt({ path: job ?? '' }, facts)
  // Of somebody else's pipeline only the gate is proved; the rest is good advice.
  return { severity: /^(gate|secrets)\//.test(code) ? severity : 'warning', code, job, line, message: sentenceOf(facts), help }
}

/** The line of a key at the document's root, from 1. */
function lineOfKey(yaml: string, key: string): number | undefined {
  const index = yaml
    .split('\n')
    .findIndex((line) => line.startsWith(`${key}:`) || line.startsWith(`"${key}":`) || line.startsWith(`'${key}':`))
  return index < 0 ? undefined : index + 1
}
