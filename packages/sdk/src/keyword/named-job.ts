import { Construct } from '../construct.js'
import { isRecord, type Keyword, shown, text } from '../form/keyword.js'
import { fields } from '../form/keyword-forms.js'
import { isObject, text as textOf } from '../gitlab/document.js'
import type { PipelineKind } from '../kind.js'

/** The part of a job that keywords of other jobs refer to. */
export abstract class NamedJob extends Construct {
  abstract get name(): string
  abstract existsIn(kind: PipelineKind): boolean
}

/** A job of this app, or one of an included file by its name. */
export type JobReference = NamedJob | IncludedJob
export interface IncludedJob {
  /** Its name in the included file. */
  readonly name: string
}

const included = fields<IncludedJob>({ name: text }, 'name')

/** Rendered as the job's name, which is known only when the tree is complete. */
export const jobReference: Keyword<JobReference> = {
  render(value, at, report) {
    const job = jobIn(value)
    if (job !== undefined) return job.name
    if (isRecord(value) && 'name' in value) {
      // It checks the value before it trusts its type.
      const written = included.render(value as never, at, report)
      return isObject(written) ? textOf(written['name']) : undefined
    }
    report({ is: 'value', keyword: at, expected: 'a Job or { name }', found: shown(value) })
    return undefined
  },
}

/** The job itself, or the job of a construct that represents one, such as a deployment. */
export function jobIn(value: unknown): NamedJob | undefined {
  if (value instanceof NamedJob) return value
  const of = value instanceof Construct && 'job' in value ? value.job : undefined
  return of instanceof NamedJob ? of : undefined
}
