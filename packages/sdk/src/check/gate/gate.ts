import { compare, text, variable, variablesIn } from '../../condition/index.js'
import { isObject, textsOf } from '../../gitlab/document.js'
import { certainAt } from '../../graph/certainty.js'
import type { KindGraph, KindJob } from '../../graph/kinds.js'
import { isManual } from '../../graph/waits.js'
import type { Way } from '../../graph/ways.js'
import type { Found, GateReason } from '../../issue/facts.js'
import type { ReleaseFacts } from './facts.js'
import { type Break, breakOf } from './path.js'
import { writersIn } from './writers.js'

interface Opening extends Omit<Break, 'because'> {
  readonly because: GateReason
}

const isProtected = compare(variable('CI_COMMIT_REF_PROTECTED'), '==', text('true'))

/**
 * The gate theorem: in every kind, whatever can write to a public repository starts by hand or after a job that does,
 * after the seal and every gating deployment have succeeded, and only for protected refs of a kind that publishes it.
 * A finding is the way through the jobs that breaks it. The proof covers the first start: GitLab does not look at
 * `needs` again for a job that already waits for its click.
 */
export function checkGate(graphs: readonly KindGraph[], facts: ReleaseFacts): readonly Found[] {
  const found = graphs.flatMap((graph) =>
    [...writersIn(graph, facts).keys()].flatMap((name) => {
      const job = graph.jobs.get(name)
      if (job === undefined || facts.exempt.has(name)) return []
      return job.ways.flatMap((way) => openingsOf(graph, job, way, facts)).map((opening) => ({ kind: graph.kind, job: name, ...opening }))
    }),
  )
  const seen = new Set<string>()
  return found.flatMap(({ kind, job, through, because }) => {
    const key = JSON.stringify([kind, job, because.is])
    if (seen.has(key)) return []
    seen.add(key)
    const sources = through.map((name) => facts.sources.get(name))
    return [{ job, facts: { code: 'gate/open', kind, job, through, sources, because } as const }]
  })
}

function openingsOf(graph: KindGraph, job: KindJob, way: Way, facts: ReleaseFacts): readonly Opening[] {
  const alone = [job.name]
  const unprotected: readonly Opening[] = isForProtected(graph, job, way)
    ? []
    : [{ through: alone, because: { is: 'unprotected', rule: way.if } }]
  const needed = (facts.publishers.get(job.name) ?? facts.gates).get(graph.kind)
  if (needed === undefined) return unprotected.length > 0 ? unprotected : [{ through: alone, because: { is: 'foreign-kind' } }]
  const gates = needed.filter((gate) => gate !== job.name)
  const isClicked = (certain: ReadonlySet<string>) =>
    way.start === 'manual' || [...certain].some((name) => isManual(graph.jobs.get(name) ?? job))
  const certain = certainAt(graph, job, way, (names) => gates.every((gate) => names.has(gate)) && isClicked(names))
  return [
    ...unprotected,
    ...(isClicked(certain) ? [] : [{ through: alone, because: { is: 'automatic', when: way.when } as const }]),
    ...(way.start === 'manual' && way.allowFailure ? [{ through: alone, because: { is: 'not-blocking' } as const }] : []),
    ...gates.filter((gate) => !certain.has(gate)).map((gate) => breakOf(graph, job, way, gate)),
    ...gates
      .filter((gate) => certain.has(gate) && isUnwatched(graph.jobs.get(gate)))
      .map((gate) => ({ through: [job.name, gate], because: { is: 'no-strategy', job: gate } as const })),
  ]
}

/** A variable of GitLab's that the pipeline gives a value of its own says nothing of the ref. */
function isForProtected(graph: KindGraph, { document }: KindJob, way: Way): boolean {
  const [name] = variablesIn(isProtected)
  const isRedefined = name === undefined || graph.redefined.has(name) || Object.hasOwn(textsOf(document['variables']), name)
  return !isRedefined && graph.ask(isProtected, way.known) === 'always'
}

/** A trigger without a strategy is green as soon as the other pipeline exists. */
function isUnwatched(job: KindJob | undefined): boolean {
  const trigger = job?.document['trigger']
  return trigger !== undefined && !(isObject(trigger) && typeof trigger['strategy'] === 'string')
}
