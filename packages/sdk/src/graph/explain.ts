import type { PipelineDocument } from '../gitlab/document.js'
import { audiencesOf } from './audience.js'
import { environmentsOf } from './environment.js'
import { reasonOf } from './files.js'
import { type KindJob, kindGraphs } from './kinds.js'

/** A job in the pipelines of one kind. */
export interface JobExplanation {
  readonly kind: string
  /** `sometimes` if more than the kind decides. */
  readonly exists: 'always' | 'sometimes' | 'never'
  /** The rules by which it exists, in order. */
  readonly ways: readonly {
    readonly start: 'automatic' | 'manual'
    /** The rule's condition, and the files that it tests; `undefined` if it has neither. */
    readonly because: string | undefined
    /** `undefined` if it waits for all earlier stages. */
    readonly needs: readonly string[] | undefined
  }[]
  /** The environments whose scoped variables it gets. */
  readonly environments: readonly string[]
  /** The audiences for which it requests ID tokens. */
  readonly audiences: readonly string[]
}

/** In which kinds a job exists, by which rules, what it needs there, and what it can see in addition to what it declares. */
export function explainJob(document: PipelineDocument, name: string): readonly JobExplanation[] {
  return kindGraphs(document).map((graph) => {
    const job = graph.jobs.get(name)
    if (job === undefined) return { kind: graph.kind, exists: 'never', ways: [], environments: [], audiences: [] }
    const environments = [...new Set(environmentsOf(job, graph))]
    return { kind: graph.kind, exists: job.exists, ways: job.ways.map(wayOf), environments, audiences: audiencesOf(job, graph) }
  })
}

function wayOf(way: KindJob['ways'][number]): JobExplanation['ways'][number] {
  const { start, needs } = way
  return { start, because: reasonOf(way), needs: needs?.map(({ job }) => job) }
}
