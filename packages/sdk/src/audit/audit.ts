import { noFacts, type ReleaseFacts } from '../check/gate/facts.js'
import { vaultIn } from '../check/gate/id-tokens.js'
import { checkPipeline } from '../check/gate/pipeline.js'
import { type ChildPipeline, childrenOf, nothingIncluded, placesIn } from '../check/include/whole.js'
import type { PipelineDocument } from '../gitlab/document.js'
import { type KindGraph, kindGraphs } from '../graph/kinds.js'
import { where } from '../issue/words.js'
import { type LintOptions, lintText, type ReadFile } from '../lint/index.js'
import { documentOf } from '../lint/resolve/document.js'
import { fits } from '../name-pattern.js'
import type { SourceLocation } from '../source-location.js'
import { type AuditFinding, fromIssue, fromLint, inChild, unknownGate, unmatchedPattern } from './audit-findings.js'
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
  const { findings, unread, read, resolved, valid } = lintText(yaml, options)
  const refused = findings.map((finding) => fromLint(finding, file))
  if (!valid || resolved === undefined) return { publishers: [], gates: [], findings: refused, unread, ok: false }
  const document = documentOf(resolved)
  const graphs = kindGraphs(document)
  const children = childrenOf(document, { readLocal, folder: '' })
  const named = namedIn([yaml, ...read.map(({ text }) => text)], options, document)
  const sources = sourcesOf(yaml, file, read)
  const facts = { ...factsOf(graphs, named, secretsOf(document, secrets)), sources, included: { ...nothingIncluded, children } }
  const found = checkPipeline(document, facts).map((one) => fromIssue(one, sources, file))
  const inChildren = children.flatMap((child) => publishersOf(child, named.published, readLocal).map((name) => inChild(child, name, file)))
  const all = [
    ...refused,
    ...unknownNames(named, [...Object.keys(document.jobs), ...inChildren.map(({ job }) => job)], file),
    ...inChildren,
    ...(named.published.length === 0 ? withoutHeldPublishers(found) : found),
  ]
  return {
    publishers: publishersByKind(graphs, facts, found),
    gates: named.gates,
    findings: all,
    unread: [...new Set([...unread, ...children.flatMap((child) => child.unread)])],
    ok: all.every(({ severity }) => severity !== 'error'),
  }
}

/** The jobs that options and comments name. */
interface Named {
  /** Patterns of the jobs that publish. */
  readonly published: readonly string[]
  readonly publishers: readonly string[]
  readonly gates: readonly string[]
  /** Gates that are no job. */
  readonly unknownGates: readonly string[]
}

function namedIn(texts: readonly string[], options: AuditOptions, { jobs }: PipelineDocument): Named {
  const marks = texts.map(marksIn)
  const published = [...(options.publishes ?? []), ...marks.flatMap(({ publishes }) => publishes)]
  const gates = [...new Set([...(options.gates ?? []), ...marks.flatMap((mark) => mark.gates)])]
  return {
    published,
    publishers: Object.keys(jobs).filter((name) => published.some((pattern) => fits(name, pattern))),
    gates: gates.filter((gate) => Object.hasOwn(jobs, gate)),
    unknownGates: gates.filter((gate) => !Object.hasOwn(jobs, gate)),
  }
}

function sourcesOf(yaml: string, file: string, read: readonly ReadFile[]): ReadonlyMap<string, SourceLocation> {
  return new Map([...placesIn(read, ''), ...[...linesOfKeys(yaml)].map(([key, line]) => [key, { file, line, column: 1 }] as const)])
}

function secretsOf(document: PipelineDocument, secrets: readonly string[]): ReleaseFacts['credentials'] {
  return secrets.map((variable) => ({ repository: 'a public repository', variable, vault: vaultIn(document, variable) }))
}

function factsOf(graphs: readonly KindGraph[], { publishers, gates }: Named, credentials: ReleaseFacts['credentials']): ReleaseFacts {
  const behindGates = (kinds: readonly KindGraph[]) => new Map(kinds.map(({ kind }) => [kind, gates]))
  return {
    ...noFacts,
    publishers: new Map(publishers.map((name) => [name, behindGates(graphs.filter(({ jobs }) => jobs.has(name)))])),
    // A job that is told by its credential can be in any kind.
    gates: behindGates(graphs.filter(({ jobs }) => credentials.length > 0 || publishers.some((name) => jobs.has(name)))),
    credentials,
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

function unknownNames({ published, unknownGates }: Named, jobs: readonly string[], file: string): readonly AuditFinding[] {
  const unmatched = published.filter((pattern) => !jobs.some((name) => fits(name, pattern)))
  return [...unknownGates.map((gate) => unknownGate(gate, file)), ...unmatched.map((pattern) => unmatchedPattern(pattern, file))]
}

/** Where nobody says which jobs publish, those with the credential do: behind the gate they may. */
function withoutHeldPublishers(found: readonly AuditFinding[]): readonly AuditFinding[] {
  const open = new Set(found.flatMap(({ code, job }) => (code === 'gate/open' ? [job] : [])))
  return found.filter(({ code, job }) => code !== 'secrets/reachable' || job === undefined || open.has(job))
}

function publishersByKind(graphs: readonly KindGraph[], facts: ReleaseFacts, found: readonly AuditFinding[]): AuditResult['publishers'] {
  const reaches = new Set(found.flatMap(({ code, job }) => (code.startsWith('secrets/') ? [job] : [])))
  return graphs
    .map(({ kind, jobs }) => ({
      kind,
      where: where(kind),
      jobs: [...jobs.keys()].filter((name) => facts.publishers.has(name) || reaches.has(name)),
    }))
    .filter(({ jobs }) => jobs.length > 0)
}
