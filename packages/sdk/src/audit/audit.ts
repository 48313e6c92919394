import type { ReleaseFacts } from '../check/gate/facts.js'
import { noFacts } from '../check/gate/facts.js'
import { vaultIn } from '../check/gate/id-tokens.js'
import { checkPipeline } from '../check/gate/pipeline.js'
import { type ChildPipeline, childrenOf, nothingIncluded, placesIn } from '../check/include/whole.js'
import { kindGraphs } from '../graph/kinds.js'
import type { Found } from '../issue/facts.js'
import { where } from '../issue/words.js'
import { type Finding, type LintOptions, lintText } from '../lint/index.js'
import { documentOf } from '../lint/resolve/document.js'
import { fits } from '../name-pattern.js'
import { isOfGate } from '../report/catalogue.js'
import { issueAt, sentenceOf } from '../report/issue.js'
import type { SourceLocation } from '../source-location.js'
import { linesOfKeys, marksIn } from './marks.js'

export interface AuditOptions extends LintOptions {
  /** The file's name in findings. @default .gitlab-ci.yml */
  readonly file?: string | undefined
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
  /** The file itself, or a local one that it includes. */
  readonly file: string
  readonly line: number | undefined
  readonly message: string
  readonly help: string | undefined
}

export interface AuditResult {
  /** By kind of pipeline, or by rule of its workflow: the jobs that can publish. `where` says which pipelines, in words. */
  readonly publishers: readonly { readonly kind: string; readonly where: string; readonly jobs: readonly string[] }[]
  /** The jobs that must have succeeded before. */
  readonly gates: readonly string[]
  readonly findings: readonly AuditFinding[]
  /** Included files that were not looked at. */
  readonly unread: readonly string[]
  /** Whether GitLab takes the file, and the gate holds as far as can be said. */
  readonly ok: boolean
}

/** Reads a pipeline that somebody else wrote: whether GitLab takes it, which jobs can publish, and whether the gate holds. */
export function audit(yaml: string, options: AuditOptions = {}): AuditResult {
  const { file = '.gitlab-ci.yml', readLocal, secrets = [] } = options
  const { findings: refused, unread, read, resolved, valid } = lintText(yaml, options)
  const findings = refused.map((finding) => fromLint(finding, file))
  if (!valid || resolved === undefined) return { publishers: [], gates: [], findings, unread, ok: false }
  const document = documentOf(resolved)
  const graphs = kindGraphs(document)
  const marks = [yaml, ...read.map(({ text }) => text)].map(marksIn)
  const names = Object.keys(document.jobs)
  const published = [...(options.publishes ?? []), ...marks.flatMap(({ publishes }) => publishes)]
  const named = [...new Set([...(options.gates ?? []), ...marks.flatMap((mark) => mark.gates)])]
  const gates = named.filter((gate) => names.includes(gate))
  const isPublisher = (name: string) => published.some((pattern) => fits(name, pattern))
  const children = childrenOf(document, { readLocal, folder: '' })
  const places = new Map([...placesIn(read, ''), ...[...linesOfKeys(yaml)].map(([key, line]) => [key, { file, line, column: 1 }] as const)])
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
        .filter(({ jobs }) => secrets.length > 0 || names.some((name) => jobs.has(name) && isPublisher(name)))
        .map(({ kind }) => [kind, gates]),
    ),
    credentials: secrets.map((variable) => ({ repository: 'a public repository', variable, vault: vaultIn(document, variable) })),
    sources: places,
    included: { ...nothingIncluded, children },
  }
  const found = checkPipeline(document, facts).map((one) => fromIssue(one, places, file))
  const inChildren = children.flatMap((child) => publishersOf(child, published, readLocal).map((name) => inChild(child, name, file)))
  const missing = [
    ...named.filter((gate) => !names.includes(gate)).map((gate) => noSuchJob(gate, 'there is no job', 'which is to be a gate', file)),
    ...published
      .filter((pattern) => ![...names, ...inChildren.map(({ job }) => job)].some((name) => fits(name, pattern)))
      .map((pattern) => noSuchJob(pattern, 'no job is called', 'which is to publish', file)),
  ]
  // Where nobody says which jobs publish, those with the credential do: behind the gate they may.
  const open = new Set(found.flatMap(({ code, job }) => (code === 'gate/open' ? [job] : [])))
  const isPublisherBehindGate = ({ code, job }: AuditFinding) =>
    published.length === 0 && code === 'secrets/reachable' && job !== undefined && !open.has(job)
  const all = [...findings, ...missing, ...inChildren, ...found.filter((one) => !isPublisherBehindGate(one))]
  const publishers = graphs.map(({ kind, jobs }) => ({
    kind,
    where: where(kind),
    jobs: [...jobs.keys()].filter(
      (name) => facts.publishers.has(name) || found.some(({ job, code }) => job === name && code.startsWith('secrets/')),
    ),
  }))
  return {
    publishers: publishers.filter(({ jobs }) => jobs.length > 0),
    gates,
    findings: all,
    unread: [...new Set([...unread, ...children.flatMap((child) => child.unread)])],
    ok: all.every(({ severity }) => severity !== 'error'),
  }
}

/** The jobs of a child pipeline that are to publish, by a pattern or a comment. */
function publishersOf(
  { document, places }: ChildPipeline,
  patterns: readonly string[],
  readLocal: LintOptions['readLocal'],
): readonly string[] {
  const files = new Set([...places.values()].map((place) => place.file))
  const marked = [...files].flatMap((path) => marksIn(readLocal?.(path) ?? '').publishes)
  return Object.keys(document?.jobs ?? {}).filter((name) => [...patterns, ...marked].some((pattern) => fits(name, pattern)))
}

function inChild({ job, places }: ChildPipeline, name: string, file: string): AuditFinding & { readonly job: string } {
  const place = places.get(name)
  return {
    severity: 'error',
    code: 'audit/in-child',
    job: name,
    file: place?.file ?? file,
    line: place?.line,
    message: `the job ${name} is to publish, and is in the child pipeline that ${job} starts, where no gate is proved`,
    help: 'Publish in the pipeline itself, where the gate can be proved; or audit the child’s file separately.',
  }
}

function fromLint({ severity, code, job, line, message }: Finding, file: string): AuditFinding {
  return { severity, code, job, file, line, message, help: undefined }
}

function fromIssue({ job, facts, source }: Found, places: ReadonlyMap<string, SourceLocation>, file: string): AuditFinding {
  const { severity, code, help } = issueAt({ path: job ?? '' }, facts)
  const place = source ?? (job === undefined ? undefined : places.get(job))
  return {
    // Only the gate of a hand-written pipeline is proved; the rest is advice.
    severity: isOfGate(facts) ? severity : 'warning',
    code,
    job,
    file: place?.file ?? file,
    line: place?.line,
    message: sentenceOf(facts),
    help,
  }
}

function noSuchJob(name: string, start: string, end: string, file: string): AuditFinding {
  return {
    severity: 'error',
    code: 'audit/no-such-job',
    job: name,
    file,
    line: undefined,
    message: `${start} ${name}, ${end}`,
    help: 'Name a job of the file.',
  }
}
