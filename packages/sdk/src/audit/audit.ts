import { anyStart } from '../check/gate/start.js'
import { childrenOf } from '../check/include/children.js'
import type { PipelineDocument } from '../gitlab/document.js'
import { lintText } from '../lint/index.js'
import { fits } from '../name-pattern.js'
import { type AuditFinding, fromLint, gateElsewhere, placeIn, unknownGate, unmatchedPattern } from './audit-findings.js'
import type { AuditOptions } from './audit-options.js'
import { proveChildren } from './child-proof.js'
import { type Named, namedIn } from './facts.js'
import { type GuessedGate, type GuessedPublisher, guessIn } from './guess/guess.js'
import { patternsOf } from './guess/patterns.js'
import { withPlannedKinds } from './plan-kinds.js'
import { type KindPublishers, onlyOnce, planOf, proveOne } from './proof.js'
import { type Variant, variantsOf } from './variants.js'
import { filesIn, filesOf, type WrittenFiles } from './written-files.js'

export interface AuditResult {
  readonly publishers: readonly KindPublishers[]
  /** The jobs that must have succeeded before, in one kind or another. */
  readonly gates: readonly string[]
  readonly findings: readonly AuditFinding[]
  /** Included files that were not read and are not trusted, and inputs with unknown values. */
  readonly unread: readonly string[]
  /** Whether GitLab accepts the file, as far as can be told without the files in `unread`. */
  readonly valid: boolean
  /** `unseen` if nothing is open in the files that were read, but some were not read. */
  readonly gate: 'holds' | 'open' | 'unseen'
  /** Whether the file is valid and its gate holds. */
  readonly ok: boolean
  /** If nobody names the jobs that publish: those that seem to, and why. Findings based on them are warnings. */
  readonly guesses: readonly GuessedPublisher[]
  /** If nobody names a gate: the manual jobs before those that publish. */
  readonly clicks: readonly GuessedGate[]
  /** The values of `publishes` and `gates` that turn the guesses into a proof. */
  readonly suggested: { readonly publishes: readonly string[]; readonly gates: readonly string[] }
}

const nothing = { publishers: [], gates: [], guesses: [], clicks: [], suggested: { publishes: [], gates: [] } }

/** Checks a hand-written pipeline: whether GitLab accepts it, which jobs can publish, and whether the gate holds. */
export function audit(yaml: string, options: AuditOptions = {}): AuditResult {
  const { file = '.gitlab-ci.yml', trust = [] } = options
  const linted = lintText(yaml, options)
  const written = filesOf(options.written ?? '', options.readLocal, file)
  const refused = linted.findings.map((finding) =>
    fromLint(finding, options.written === undefined ? file : placeIn(finding, written, file)),
  )
  const found = variantsOf(yaml, options, linted)
  const variants = found.variants.map((one) => ({ ...one, document: ofPlan(one.document, options) }))
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

/** With the kinds of the plan, if it is this pipeline's, and not that of a child. */
function ofPlan(document: PipelineDocument, { plan }: AuditOptions): PipelineDocument {
  return planOf(document, plan) === undefined ? document : withPlannedKinds(document, plan)
}

type Proof = Pick<AuditResult, 'publishers' | 'gates' | 'guesses' | 'clicks' | 'findings' | 'unread'>

/** Proves the gate of one of the pipelines that the file can come to be, and of the child pipelines that it starts. */
function proofOf({ texts, places: sources }: WrittenFiles, { document }: Variant, options: AuditOptions): Proof {
  const { file = '.gitlab-ci.yml', readLocal, trust = [] } = options
  const children = childrenOf(document, { readLocal, folder: '' }).map((child) => ({
    ...child,
    unread: child.unread.filter((one) => !trust.includes(one)),
  }))
  const named = namedIn(
    texts.map(({ text }) => text),
    options,
    document,
  )
  const below = proveChildren({ document, sources, gates: named.gates }, children, options)
  const proved = new Set(below.map(({ child }) => child))
  const others = children.map((child) => (proved.has(child) ? { ...child, isProved: true } : child))
  const own = proveOne({ document, sources, named, start: anyStart, children: others }, options)
  const guessed = guessIn(
    { document, graphs: own.graphs, children, sources, texts, file, included: own.facts.included, readLocal },
    { ...own, plan: options.plan },
  )
  return {
    publishers: [...own.publishers, ...below.flatMap((one) => one.publishers)],
    gates: [...new Set([...own.gates, ...below.flatMap((one) => one.gates)])],
    findings: [
      ...unknownNames(named, { documents: [document, ...children.map((child) => child.document)], publishes: own.publishes }, file),
      ...own.findings,
      ...below.flatMap((one) => one.findings),
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

/** The pipeline of the file, with its children. */
interface Family {
  readonly documents: readonly (PipelineDocument | undefined)[]
  /** Whether a job of the file itself publishes: then a gate in a child does not come before it. */
  readonly publishes: boolean
}

/** Names that no job has, here or in a child pipeline, and gates that are jobs of a child alone. */
function unknownNames({ published, unknownGates }: Named, { documents, publishes }: Family, file: string): readonly AuditFinding[] {
  const jobs = documents.flatMap((document) => Object.keys(document?.jobs ?? {}))
  const unmatched = published.filter((pattern) => !jobs.some((name) => fits(name, pattern)))
  return [
    ...unknownGates.flatMap((gate) =>
      jobs.includes(gate) ? (publishes ? [gateElsewhere(gate, undefined, file)] : []) : [unknownGate(gate, jobs, file)],
    ),
    ...unmatched.map((pattern) => unmatchedPattern(pattern, jobs, file)),
  ]
}
