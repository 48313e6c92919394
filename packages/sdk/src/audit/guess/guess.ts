import type { ReleasePlan } from '@stagegate/schema'
import { noFacts, type ReleaseFacts } from '../../check/gate/facts.js'
import type { ChildPipeline } from '../../check/include/children.js'
import { checkPipeline } from '../../check/pipeline.js'
import type { PipelineDocument } from '../../gitlab/document.js'
import type { KindGraph } from '../../graph/kinds.js'
import type { Found } from '../../issue/facts.js'
import type { ReadLocal } from '../../lint/index.js'
import type { SourceLocation } from '../../source-location.js'
import { type Audited, type AuditFinding, fromGuess } from '../audit-findings.js'
import { type ClickBefore, clicksBefore } from './gates.js'
import { type FileText, placeOfWords } from './place.js'
import { type Suspicion, suspicionOf } from './publishers.js'

/** A job that seems to publish, and why. */
export interface GuessedPublisher extends Omit<Suspicion, 'line'> {
  readonly job: string
  /** The job that starts the child pipeline in which it is. */
  readonly child: string | undefined
  readonly file: string
  /** The line of the text, or of the job if the text has no line. */
  readonly line: number | undefined
}

/** A manual job before those that publish. */
export interface GuessedGate extends ClickBefore {
  readonly file: string
  readonly line: number | undefined
}

/** The pipeline in which is guessed. */
interface ReadPipeline {
  readonly document: PipelineDocument
  readonly graphs: readonly KindGraph[]
  readonly children: readonly ChildPipeline[]
  readonly sources: ReadonlyMap<string, SourceLocation>
  readonly texts: readonly FileText[]
  readonly file: string
  readonly included: ReleaseFacts['included']
  readonly readLocal: ReadLocal | undefined
}

/** The jobs that seem to publish, in the pipeline and in those that it starts in the same project. */
function guessPublishers({ document, children, sources, texts, file, readLocal }: ReadPipeline): readonly GuessedPublisher[] {
  const own = guessesIn(document, { child: undefined, places: sources, texts, file })
  const below = children.flatMap(({ job, document: inner, places }) =>
    inner === undefined ? [] : guessesIn(inner, { child: job, places, texts: textsIn(places, readLocal), file }),
  )
  return [...own, ...below]
}

function textsIn(places: ReadonlyMap<string, SourceLocation>, readLocal: ReadLocal | undefined): readonly FileText[] {
  return [...new Set([...places.values()].map(({ file }) => file))].map((file) => ({ file, text: readLocal?.(file) ?? '' }))
}

interface GuessPlace {
  readonly child: string | undefined
  readonly places: ReadonlyMap<string, SourceLocation>
  readonly texts: readonly FileText[]
  readonly file: string
}

function guessesIn({ jobs }: PipelineDocument, { child, places, texts, file }: GuessPlace): readonly GuessedPublisher[] {
  return Object.entries(jobs).flatMap(([job, body]) => {
    const suspicion = suspicionOf(job, body)
    if (suspicion === undefined) return []
    const place = placeOfWords(suspicion, places.get(job), texts)
    const { line: _, ...told } = suspicion
    return [{ job, child, file: place?.file ?? file, line: place?.line, ...told }]
  })
}

/** The jobs by hand before those that publish. */
function guessGates({ graphs, sources, file }: ReadPipeline, publishers: readonly string[]): readonly GuessedGate[] {
  return clicksBefore(graphs, publishers).map((click) => {
    const place = sources.get(click.job)
    return { ...click, file: place?.file ?? file, line: place?.line }
  })
}

/** The facts that somebody has declared. */
interface Declared {
  readonly facts: Pick<ReleaseFacts, 'publishers' | 'credentials'>
  readonly gates: readonly string[]
  readonly audited: Audited
  readonly plan: ReleasePlan | undefined
}

export interface Guesses {
  readonly guesses: readonly GuessedPublisher[]
  readonly clicks: readonly GuessedGate[]
  readonly findings: readonly AuditFinding[]
}

/** The jobs that seem to publish, where nobody has said which do; the gate before them; and where it would be open. */
export function guessIn(read: ReadPipeline, { facts, gates, audited, plan }: Declared): Guesses {
  if (plan !== undefined) return { guesses: [], clicks: [], findings: [] }
  const isDeclared = facts.publishers.size + facts.credentials.length > 0
  const guesses = isDeclared ? [] : guessPublishers(read)
  const own = guesses.filter(({ child }) => child === undefined)
  const publishers = isDeclared ? [...facts.publishers.keys()] : own.map(({ job }) => job)
  const clicks = gates.length > 0 ? [] : guessGates(read, publishers)
  const gatesOf = (name: string) =>
    gates.length > 0 ? gates : clicks.filter(({ is, before }) => is === 'gate' && before.includes(name)).map(({ job }) => job)
  const open = isDeclared ? [] : openIfTrue(read, publishers, gatesOf)
  return { guesses, clicks, findings: open.map((found) => fromGuess(found, audited)) }
}

/** Where the gate would be open if the jobs published. */
function openIfTrue(
  { document, graphs, sources, included }: ReadPipeline,
  publishers: readonly string[],
  gatesOf: (name: string) => readonly string[],
): readonly Found[] {
  const kindsOf = (name: string) => new Map(graphs.filter(({ jobs }) => jobs.has(name)).map(({ kind }) => [kind, gatesOf(name)]))
  const facts = { ...noFacts, publishers: new Map(publishers.map((name) => [name, kindsOf(name)])), sources, included }
  return checkPipeline(document, facts).filter((one) => one.facts.code === 'gate/open')
}
