import type { KindGraph } from '../../graph/kinds.js'
import { kindGraphs } from '../../graph/kinds.js'
import type { Found } from '../../issue/facts.js'
import type { ReleaseFacts } from '../gate/facts.js'
import { writersIn } from '../gate/writers.js'
import type { ChildPipeline } from './whole.js'

/**
 * Judges what other files add to the pipeline. GitLab merges included ones before it looks at anything, so a job of the same name is
 * changed by them in silence; child pipelines have jobs that can get at the same variables. Of what was not looked at
 * nothing is proved without somebody's word.
 */
export function checkInclude(graphs: readonly KindGraph[], facts: ReleaseFacts): readonly Found[] {
  const { redefined, unread, children } = facts.included
  const files = [...unread, ...children.flatMap((child) => child.unread)]
  const publishes = graphs.some((graph) => [...writersIn(graph, facts).keys()].some((name) => !facts.exempt.has(name)))
  return [
    ...redefined.map(
      ({ job, at }): Found => ({ job, facts: { code: 'structure/redefined', job, made: facts.sources.get(job) }, source: at }),
    ),
    ...children.flatMap((child) => checkChild(child, facts)),
    ...(files.length === 0 || !publishes ? [] : [{ job: undefined, facts: { code: 'gate/include', files } } as const]),
  ]
}

function checkChild({ job, document, problem, places }: ChildPipeline, facts: ReleaseFacts): readonly Found[] {
  if (document === undefined) return [{ job, facts: { code: 'structure/child', job, problem: problem ?? 'it cannot be read' } }]
  if (facts.exempt.has(job)) return []
  // Nothing in it is a job of a release, whatever its name.
  const own = { ...facts, publishers: new Map(), secrets: new Map() }
  const found = new Map(kindGraphs(document).flatMap((graph) => [...writersIn(graph, own)]))
  return [...found].map(([name, reach]) => ({ job, facts: { code: 'secrets/in-child', job, name, reach }, source: places.get(name) }))
}
