import { Construct } from '../construct.js'
import { isObject, text as textOf } from './document.js'
import type { Job } from './job.js'
import { isRecord, type Keyword, shown, text } from './keyword.js'
import { fields } from './keyword-forms.js'

/** What has a job's name, so that keywords can refer to a job without knowing what else it is. */
export abstract class NamedJob extends Construct {
  abstract get name(): string
}

/** A job of this app, or one of an included file by its name. */
export type JobReference = Job | IncludedJob
export interface IncludedJob {
  /** Its name in the included file. */
  readonly name: string
}

const included = fields<IncludedJob>({ name: text }, 'name')

/** Written as the job's name, which is asked for only when the tree is complete. */
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

/** The job itself, or that of a construct that stands for its job, such as a deployment. */
export function jobIn(value: unknown): NamedJob | undefined {
  if (value instanceof NamedJob) return value
  const of = value instanceof Construct && 'job' in value ? value.job : undefined
  return of instanceof NamedJob ? of : undefined
}
