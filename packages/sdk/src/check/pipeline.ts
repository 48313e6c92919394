import type { PipelineDocument } from '../gitlab/document.js'
import { canBe } from '../graph/expansion.js'
import { type KindGraph, kindGraphs, nowhereIn } from '../graph/kinds.js'
import type { Found } from '../issue/facts.js'
import { type Copies, withCopies } from './gate/copies.js'
import type { ReleaseFacts } from './gate/facts.js'
import { checkForged, checkGate } from './gate/gate.js'
import { graphsAt } from './gate/start.js'
import { checkHold } from './hold/hold.js'
import { checkInclude } from './include/include.js'
import { checkIsolation } from './isolation/isolation.js'
import { checkKinds } from './kinds/kinds.js'
import { checkNames } from './kinds/names.js'
import { checkManual } from './manual/manual.js'
import { checkSecrets } from './secrets/secrets.js'
import { checkUndeclared } from './undeclared/undeclared.js'

/** All checks per kind of pipeline, on the document as it will be rendered. */
export function checkPipeline(document: PipelineDocument, facts: ReleaseFacts): readonly Found[] {
  const copies = withCopies(document)
  const isWhole = copies.origins.size === 0
  const graphs = graphsAt(document, facts.start)
  const copied = isWhole ? graphs : graphsAt(copies.document, facts.start)
  const known = isWhole ? facts : ofCopies(facts, copies)
  const found = originally(judgeCopies(copies.document, copied, known), copies)
  const redefined = new Set(
    found.flatMap((one) => (one.facts.code === 'gate/open' && one.facts.because.is === 'redefined' ? [one.facts.because.variable] : [])),
  )
  return [
    ...clashesIn(copies, facts),
    ...namedByInput(document, facts),
    ...found,
    ...checkInclude(graphs, facts),
    ...checkIsolation(document, graphs, facts),
    ...checkHold(document, graphs, facts),
    ...checkManual(document, graphs),
    // Variables that open the gate are reported by that check.
    ...checkKinds(document, graphs, facts).filter((one) => one.facts.code !== 'kinds/redefined' || !redefined.has(one.facts.variable)),
    ...checkNames(graphs),
    ...checkUndeclared(document, facts),
  ]
}

/** The gate's proof, for each copy of a job. */
function judgeCopies(document: PipelineDocument, graphs: readonly KindGraph[], facts: ReleaseFacts): readonly Found[] {
  const gate = checkGate(graphs, facts)
  const nowhere = nowhereIn(document, graphs)
  const open = new Set(gate.map(({ job }) => job))
  // If a job that Stagegate made exists in no kind, that is reported; for other jobs with a credential, the credential is.
  const isJudged = (name: string) => facts.publishers.has(name) && !open.has(name) && !(facts.made.has(name) && nowhere.jobs.has(name))
  const publishers = Object.entries(document.jobs).filter(([name]) => isJudged(name))
  const forged =
    publishers.length === 0
      ? []
      : kindGraphs({ ...document, jobs: Object.fromEntries(publishers) }, { believes: false, holds: facts.start.holds })
  return [...gate, ...checkForged(forged, facts), ...checkSecrets(document, [...graphs, nowhere], facts)]
}

/** Two jobs whose copies have the same name: GitLab silently drops the first, which may be a gate. */
function clashesIn({ clashes }: Copies, { sources }: ReleaseFacts): readonly Found[] {
  return clashes.map(({ name, jobs: [first, second] }) => ({
    job: second,
    facts: { code: 'structure/duplicate-name', name, first: sources.get(first) },
  }))
}

/** A job whose name comes from an input: it can replace a gate, or a job that publishes. */
function namedByInput({ jobs }: PipelineDocument, { publishers, gates, sources }: ReleaseFacts): readonly Found[] {
  const open = Object.keys(jobs).filter((name) => name.includes('$[['))
  if (open.length === 0) return []
  const kept = new Set([
    ...publishers.keys(),
    ...[...gates.values(), ...[...publishers.values()].flatMap((kinds) => [...kinds.values()])].flat(),
  ])
  return open.flatMap((job) => {
    const name = [...kept].find((one) => canBe(job, one))
    return name === undefined ? [] : [{ job, facts: { code: 'structure/duplicate-name', name, first: sources.get(name) } as const }]
  })
}

/** The same facts for each copy of a job. */
function ofCopies(facts: ReleaseFacts, { origins }: Copies): ReleaseFacts {
  const copies = new Map<string, string[]>()
  for (const [name, origin] of origins) copies.set(origin, [...(copies.get(origin) ?? []), name])
  const namesOf = (job: string) => copies.get(job) ?? [job]
  const each = <T>(of: ReadonlyMap<string, T>): ReadonlyMap<string, T> =>
    new Map([...of].flatMap(([job, value]) => namesOf(job).map((name) => [name, value] as const)))
  const gates = (of: ReadonlyMap<string, readonly string[]>) => new Map([...of].map(([kind, names]) => [kind, names.flatMap(namesOf)]))
  return {
    ...facts,
    publishers: each(new Map([...facts.publishers].map(([job, needed]) => [job, gates(needed)]))),
    gates: gates(facts.gates),
    secrets: each(facts.secrets),
    exempt: each(facts.exempt),
    sources: each(facts.sources),
    origins,
  }
}

/** Reports findings about copies at the job from which they were made. */
function originally(found: readonly Found[], { origins }: Copies): readonly Found[] {
  return found.map((one) => (one.job === undefined ? one : { ...one, job: origins.get(one.job) ?? one.job }))
}
