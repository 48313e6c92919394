import { isObject, type PipelineDocument, text } from '../../gitlab/document.js'
import { certainAt } from '../../graph/certainty.js'
import type { KindGraph } from '../../graph/kinds.js'
import { waitsOf } from '../../graph/waits.js'
import type { ReleaseFacts } from '../gate/facts.js'
import type { Found } from '../structure.js'
import { expirySeconds } from './expiry.js'

/** What the release still needs when people have decided, and could be gone by then; and what was never sealed. */
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

/** Every required target is in its seal; an optional one at least belongs into the seal of its own. */
function checkSealed(graphs: readonly KindGraph[], { stagers }: ReleaseFacts): readonly Found[] {
  return graphs.flatMap((graph) =>
    [...stagers].flatMap(([stage, { seal, required }]): Found[] => {
      const sealing = graph.jobs.get(seal)
      if (!graph.jobs.has(stage) || sealing === undefined) return []
      const isIn = sealing.ways.every((way) =>
        required
          ? certainAt(graph, sealing, way, (found) => found.has(stage)).has(stage)
          : waitsOf(graph, sealing, way).some((wait) => wait.job.name === stage && wait.by === 'needs'),
      )
      return isIn ? [] : [{ job: stage, facts: { code: 'hold/left-out', kind: graph.kind, stage, seal } }]
    }),
  )
}
