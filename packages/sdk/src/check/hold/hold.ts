import { isObject, type PipelineDocument, text } from '../../gitlab/document.js'
import { certainAt } from '../../graph/certainty.js'
import type { KindGraph } from '../../graph/kinds.js'
import { waitsOf } from '../../graph/waits.js'
import type { Found } from '../../issue/facts.js'
import type { ReleaseFacts } from '../gate/facts.js'
import { expirySeconds } from './expiry.js'

/** Finds artifacts that may expire while the release still needs them, and records that may not be sealed. */
export function checkHold(document: PipelineDocument, graphs: readonly KindGraph[], facts: ReleaseFacts): readonly Found[] {
  return [...checkExpiry(document, facts), ...checkSealed(graphs, facts)]
}

function checkExpiry({ jobs }: PipelineDocument, { kept }: ReleaseFacts): readonly Found[] {
  return [...kept].flatMap(([job, needed]): Found[] => {
    const body = jobs[job]
    if (body === undefined) return []
    const artifacts = isObject(body['artifacts']) ? body['artifacts'] : undefined
    const paths = artifacts?.['paths']
    if (artifacts === undefined || !Array.isArray(paths) || paths.length === 0) return [{ job, facts: { code: 'hold/not-kept', job } }]
    const expireIn = artifacts['expire_in']
    const found = typeof expireIn === 'number' ? String(expireIn) : text(expireIn)
    const seconds = found === undefined ? undefined : expirySeconds(found)
    return seconds !== undefined && seconds >= needed ? [] : [{ job, facts: { code: 'hold/expires', job, found, needed } }]
  })
}

/** Every required target is in its seal; an optional one has to be in its own seal. */
function checkSealed(graphs: readonly KindGraph[], { stagers }: ReleaseFacts): readonly Found[] {
  return graphs.flatMap((graph) => {
    const sealed = new Map([...new Set([...stagers.values()].map(({ seal }) => seal))].map((seal) => [seal, sealedBy(graph, seal)]))
    return [...stagers].flatMap(([stage, { seal, required }]): Found[] => {
      const found = sealed.get(seal)
      if (found === undefined || !graph.jobs.has(stage)) return []
      const isIn = required ? found.certain.has(stage) : found.needed.has(stage)
      return isIn ? [] : [{ job: stage, facts: { code: 'hold/left-out', kind: graph.kind, stage, seal } }]
    })
  })
}

/** The jobs that certainly succeeded before the seal is made; `undefined` if there is no seal. */
function sealedBy(
  graph: KindGraph,
  seal: string,
): { readonly certain: ReadonlySet<string>; readonly needed: ReadonlySet<string> } | undefined {
  const job = graph.jobs.get(seal)
  if (job === undefined) return undefined
  const inWays = job.ways.map((way) => ({
    certain: certainAt(graph, job, way, () => false),
    needed: new Set(waitsOf(graph, job, way).flatMap(({ job: { name }, by }) => (by === 'needs' ? [name] : []))),
  }))
  return inWays.reduce((a, b) => ({ certain: inBoth(a.certain, b.certain), needed: inBoth(a.needed, b.needed) }))
}

function inBoth(one: ReadonlySet<string>, other: ReadonlySet<string>): Set<string> {
  return new Set([...one].filter((name) => other.has(name)))
}
