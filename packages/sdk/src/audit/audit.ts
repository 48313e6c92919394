import type { ReleasePlan } from '@stagegate/schema'
import { noFacts, type ReleaseFacts } from '../check/gate/facts.js'
import { withVaults } from '../check/gate/id-tokens.js'
import { checkPipeline } from '../check/gate/pipeline.js'
import { type ChildPipeline, childrenOf } from '../check/include/children.js'
import { nothingIncluded } from '../check/include/whole.js'
import type { PipelineDocument } from '../gitlab/document.js'
import { type KindGraph, kindGraphs } from '../graph/kinds.js'
import { where } from '../issue/words.js'
import { type LintOptions, lintText } from '../lint/index.js'
import { fits } from '../name-pattern.js'
import { type AuditFinding, fromIssue, fromLint, inChild, placeIn, unknownGate, unmatchedPattern } from './audit-findings.js'
import { openForEach, withRules } from './each-gate.js'
import { type GuessedGate, type GuessedPublisher, guessIn } from './guess/guess.js'
import { patternsOf } from './guess/patterns.js'
import { marksIn } from './marks.js'
import { planFacts } from './plan-facts.js'
import { withPlannedKinds } from './plan-kinds.js'
import { type Variant, variantsOf } from './variants.js'
import { filesIn, filesOf, type WrittenFiles } from './written-files.js'

export interface AuditOptions extends LintOptions {
  /** The file's name in findings. @default .gitlab-ci.yml */
  readonly file?: string | undefined
  /** Names of jobs that publish; `*` stands for anything. Beside those that a comment marks. */
  readonly publishes?: readonly string[] | undefined
  /** Names of jobs that must have succeeded before anything is published. Beside those that a comment marks. */
  readonly gates?: readonly string[] | undefined
  /** Variables with which public repositories are written to: whatever uses one publishes. */
  readonly secrets?: readonly string[] | undefined
  /** The release plan of a pipeline that Stagegate made: which jobs publish, and what comes before. */
  readonly plan?: ReleasePlan | undefined
  /** Included files that cannot be read, and that somebody answers for: as `unread` names them. */
  readonly trust?: readonly string[] | undefined
  /**
   * The file as people wrote it, where GitLab made the text from it: its comments and those of its local files count, and findings have the
   * lines of its jobs. @default the text itself
   */
  readonly written?: string | undefined
  /** Whether each gate of a job is a finding of its own, and its rules are facts: for whoever accepts findings. @default false */
  readonly eachGate?: boolean | undefined
}

export interface AuditResult {
  /** By kind of pipeline, or by rule of its workflow: the jobs that can publish. `where` says which pipelines, in words. */
  readonly publishers: readonly { readonly kind: string; readonly where: string; readonly jobs: readonly string[] }[]
  /** The jobs that must have succeeded before. */
  readonly gates: readonly string[]
  readonly findings: readonly AuditFinding[]
  /** Included files that were not looked at and are not trusted, and inputs whose values nobody knows. */
  readonly unread: readonly string[]
  /** Whether GitLab takes the file, as far as can be said without the files in `unread`. */
  readonly valid: boolean
  /** `unseen` where nothing is open in what was read, and something was not read. */
  readonly gate: 'holds' | 'open' | 'unseen'
  /** Whether the file is valid and its gate holds. */
  readonly ok: boolean
  /** Where nobody says which jobs publish: those that seem to, and why. Findings that rest on them are warnings. */
  readonly guesses: readonly GuessedPublisher[]
  /** Where nobody names a gate: the jobs by hand before those that publish. */
  readonly clicks: readonly GuessedGate[]
  /** The values of `publishes` and `gates` that make the guesses firm. */
  readonly suggested: { readonly publishes: readonly string[]; readonly gates: readonly string[] }
}

const nothing = { publishers: [], gates: [], guesses: [], clicks: [], suggested: { publishes: [], gates: [] } }

/** Reads a pipeline that somebody else wrote: whether GitLab takes it, which jobs can publish, and whether the gate holds. */
export function audit(yaml: string, options: AuditOptions = {}): AuditResult {
  const { file = '.gitlab-ci.yml', trust = [] } = options
  const linted = lintText(yaml, options)
  const written = filesOf(options.written ?? '', options.readLocal, file)
  const refused = linted.findings.map((finding) =>
    fromLint(finding, options.written === undefined ? file : placeIn(finding, written, file)),
  )
  const found = variantsOf(yaml, options, linted)
  const variants = found.variants.map((one) => ({ ...one, document: withPlannedKinds(one.document, options.plan) }))
  const [first] = variants
  if (!linted.valid || first === undefined)
    return { ...nothing, findings: refused, unread: linted.unread, ok: false, valid: linted.valid, gate: 'unseen' }
  const proofs = variants.map((variant) =>
    proofOf(options.written === undefined ? filesIn(yaml, file, variant.read) : written, variant, options),
  )
  const [proof] = proofs
  const findings = onlyOnce([...refused, ...proofs.flatMap((one) => one.findings)])
  const unread = [...new Set([...first.unread, ...found.unknown, ...proofs.flatMap((one) => one.unread)])]
  const unseen = unread.filter((one) => !trust.includes(one))
  const ok = findings.every(({ severity }) => severity !== 'error')
  return {
    publishers: proof?.publishers ?? [],
    gates: proof?.gates ?? [],
    ...guessesIn(proofs, variants),
    findings,
    unread: unseen,
    ok: ok && unseen.length === 0,
    valid: linted.valid,
    gate: ok ? (unseen.length === 0 ? 'holds' : 'unseen') : 'open',
  }
}

type Proof = Pick<AuditResult, 'publishers' | 'gates' | 'guesses' | 'clicks' | 'findings' | 'unread'>

/** Proves the gate of one of the pipelines that the file can come to be. */
function proofOf({ texts, places: sources }: WrittenFiles, { document }: Variant, options: AuditOptions): Proof {
  const { file = '.gitlab-ci.yml', readLocal, secrets = [], trust = [] } = options
  const graphs = kindGraphs(document)
  const children = childrenOf(document, { readLocal, folder: '' }).map((child) => ({
    ...child,
    unread: child.unread.filter((one) => !trust.includes(one)),
  }))
  const named = namedIn(
    texts.map(({ text }) => text),
    options,
    document,
  )
  const planned = planFacts(options.plan)
  const known = withPlan(factsOf(graphs, named, secretsOf(secrets)), planned)
  const facts = {
    ...known,
    credentials: withVaults(known.credentials, graphs),
    sources,
    included: { ...nothingIncluded, children },
  }
  const gates = [...new Set([...named.gates, ...[...planned.gates.values()].flat()])]
  const audited = { places: sources, file, gates }
  const more = options.eachGate ? openForEach(document, facts, gates) : []
  const issues = [...checkPipeline(document, facts), ...more].map((one) => fromIssue(one, audited))
  const found = options.eachGate ? onlyOnce(issues.map((one) => withRules(one, document))) : issues
  const guessed = guessIn(
    { document, graphs, children, sources, texts, file, included: facts.included, readLocal },
    { facts, gates, audited, plan: options.plan },
  )
  const inChildren = children.flatMap((child) => publishersOf(child, named.published, readLocal).map((name) => inChild(child, name, file)))
  return {
    publishers: publishersByKind(graphs, facts, found),
    gates,
    findings: [
      ...unknownNames(named, [...Object.keys(document.jobs), ...inChildren.map(({ job }) => job)], file),
      ...inChildren,
      ...(named.published.length === 0 ? withoutHeldPublishers(found) : found),
      ...guessed.findings,
    ],
    guesses: guessed.guesses,
    clicks: guessed.clicks,
    unread: children.flatMap((child) => child.unread),
  }
}

/** The guesses in all pipelines that the file can come to be. */
function guessesIn(proofs: readonly Proof[], variants: readonly Variant[]): Pick<AuditResult, 'guesses' | 'clicks' | 'suggested'> {
  const guesses = onlyOnce(proofs.flatMap((one) => one.guesses))
  const clicks = onlyOnce(proofs.flatMap((one) => one.clicks))
  const jobs = variants.flatMap(({ document }) => Object.keys(document.jobs))
  const names = [...new Set(guesses.map(({ job }) => job))]
  const firm = clicks.filter(({ job, is }) => is === 'gate' && clicks.every((one) => one.job !== job || one.is === 'gate'))
  return { guesses, clicks, suggested: { publishes: patternsOf(names, jobs), gates: [...new Set(firm.map(({ job }) => job))] } }
}

function onlyOnce<T>(all: readonly T[]): readonly T[] {
  return [...new Map(all.map((one) => [JSON.stringify(one), one])).values()]
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

function secretsOf(secrets: readonly string[]): ReleaseFacts['credentials'] {
  return secrets.map((variable) => ({ repository: 'a public repository', variable }))
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

/** The plan's facts about the jobs, and those that options and comments add. */
function withPlan(named: ReleaseFacts, planned: ReleaseFacts): ReleaseFacts {
  const gates = (kind: string) => [...new Set([...(planned.gates.get(kind) ?? []), ...(named.gates.get(kind) ?? [])])]
  return {
    ...planned,
    publishers: new Map([...named.publishers, ...planned.publishers]),
    gates: new Map([...planned.gates.keys(), ...named.gates.keys()].map((kind) => [kind, gates(kind)])),
    credentials: [...planned.credentials, ...named.credentials],
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
