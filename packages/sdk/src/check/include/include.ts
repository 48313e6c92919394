import type { PipelineDocument } from '../../gitlab/document.js'
import { type KindGraph, nowhereIn } from '../../graph/kinds.js'
import type { Found, Reach } from '../../issue/facts.js'
import { withCopies } from '../gate/copies.js'
import { publicEnvironment } from '../gate/environment.js'
import { noFacts, publicSideOf, type ReleaseFacts } from '../gate/facts.js'
import { writersIn } from '../gate/writers.js'
import { checkUndeclared } from '../undeclared/undeclared.js'
import { type ChildPipeline, graphsOfChild } from './children.js'

/**
 * Checks what other files add to the pipeline. GitLab merges included files first, so they silently change a job with the same name; child
 * pipelines have jobs that have access to the same variables. Nothing is proved about an unread file unless somebody accepts it.
 */
export function checkInclude(graphs: readonly KindGraph[], facts: ReleaseFacts): readonly Found[] {
  const { redefined, unread, children } = facts.included
  const files = new Set([...unread, ...children.flatMap((child) => child.unread)])
  const publishes = graphs.some((graph) => [...writersIn(graph, facts).keys()].some((name) => !facts.exempt.has(name)))
  return [
    ...redefined.map(({ job, at }): Found => {
      const made = facts.sources.get(job)
      // No construct made a hidden job that others extend, so the only known place is the one in the other file.
      return { job, facts: { code: 'structure/redefined', job, made: made === at ? undefined : made }, source: at }
    }),
    ...children.flatMap((child) => checkChild(child, facts)),
    ...(publishes ? [...files].map((file): Found => ({ job: undefined, facts: { code: 'gate/include', files: [file] } })) : []),
  ]
}

function checkChild({ job, document, problem, passes, places, isProved }: ChildPipeline, facts: ReleaseFacts): readonly Found[] {
  if (document === undefined) return [{ job, facts: { code: 'structure/child', job, problem: problem ?? 'it cannot be read' } }]
  if (facts.exempt.has(job)) return []
  const isGate = passes === 'sometimes' && [...facts.gates.values(), ...gatesOfPublishers(facts)].some((gates) => gates.includes(job))
  const reaches = isProved === true ? [] : [...reachesOfChild(document, facts).entries()]
  const ways = isProved === true || !facts.trustsJobs ? [] : checkUndeclared(document, { ...noFacts, ...publicSideOf(facts) })
  return reaches
    .map(([name, reach]): Found => ({ job, facts: { code: 'secrets/in-child', job, name, reach }, source: places.get(name) }))
    .concat(ways.map((way) => ({ ...way, job, source: places.get(way.job ?? '') })))
    .concat(isGate ? [{ job, facts: { code: 'gate/child', job } }] : [])
}

function gatesOfPublishers({ publishers }: ReleaseFacts): readonly (readonly string[])[] {
  return [...publishers.values()].flatMap((kinds) => [...kinds.values()])
}

/** How the jobs of a child pipeline can reach the public. Nothing in it is a job of a release, whatever its name. */
function reachesOfChild(child: PipelineDocument, facts: ReleaseFacts): ReadonlyMap<string, Reach> {
  const { document } = withCopies(child)
  const own = { ...facts, publishers: new Map(), secrets: new Map() }
  const graphs = graphsOfChild(document)
  const all = [...graphs, nowhereIn(document, graphs)]
  const unknown = facts.credentials.length === 0 ? [] : graphs.flatMap((graph) => unknownEnvironments(graph))
  return new Map([...unknown, ...all.flatMap((graph) => [...writersIn(graph, own)])])
}

function unknownEnvironments(graph: KindGraph): readonly (readonly [job: string, reach: Reach])[] {
  return [...graph.jobs.values()].flatMap((job): [string, Reach][] => {
    const environment = publicEnvironment(job, graph)
    return environment?.is === 'unknown' ? [[job.name, { by: 'environment', environment: environment.name }]] : []
  })
}
