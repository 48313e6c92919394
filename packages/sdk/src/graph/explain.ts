import type { PipelineDocument } from '../gitlab/document.js'
import { type KindJob, kindGraphs } from './kinds.js'

/** What a job is in the pipelines of one kind. */
export interface JobExplanation {
  readonly kind: string
  /** `sometimes` where not only the kind decides. */
  readonly exists: 'always' | 'sometimes' | 'never'
  /** The rules by which it exists, the first of them first. */
  readonly ways: readonly {
    readonly start: 'automatic' | 'manual'
    /** The rule's condition; `undefined` where it has none. */
    readonly because: string | undefined
    /** `undefined` where it waits for all of the earlier stages. */
    readonly needs: readonly string[] | undefined
  }[]
}

/** In which kinds a job exists, by which rules, and what it needs there. */
export function explainJob(document: PipelineDocument, name: string): readonly JobExplanation[] {
  return kindGraphs(document).map(({ kind, jobs }) => {
    const job = jobs.get(name)
    return { kind, exists: job?.exists ?? 'never', ways: job?.ways.map(wayOf) ?? [] }
  })
}

function wayOf({ start, if: because, needs }: KindJob['ways'][number]): JobExplanation['ways'][number] {
  return { start, because, needs: needs?.map(({ job }) => job) }
}
