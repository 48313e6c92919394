import type { PipelineDocument } from '../../gitlab/document.js'
import type { KindGraph } from '../../graph/kinds.js'
import type { ReleaseFacts } from '../gate/facts.js'
import { writersIn } from '../gate/writers.js'
import type { Found } from '../structure.js'

/**
 * An included file can redefine a job that publishes, or a gate, or add what they inherit. GitLab merges it before it looks at
 * anything, and nothing of it is seen here: of such a pipeline nothing is proved without somebody's word.
 */
export function checkInclude({ include }: PipelineDocument, graphs: readonly KindGraph[], facts: ReleaseFacts): readonly Found[] {
  const included = include ?? []
  const publishes = graphs.some((graph) => [...writersIn(graph, facts).keys()].some((name) => !facts.exempt.has(name)))
  return included.length === 0 || !publishes ? [] : [{ job: undefined, facts: { code: 'gate/include', count: included.length } }]
}
