import type { JsonValue } from '@stagegate/schema'
import { isObject, itemsIn, type JobDocument, text } from './document.js'

/**
 * Tells a child pipeline which one has started it: the job that starts it has to forward it. GitLab sets such a variable of its own,
 * `CI_UPSTREAM_PIPELINE_ID`, from 18.9 on.
 * @see https://docs.gitlab.com/ci/yaml/#needspipelinejob
 */
export const parentVariable = 'PARENT_PIPELINE_ID'

/** The job of the parent pipeline that a need of a child names; `undefined` for another need. */
export function neededOfParent(need: JsonValue): string | undefined {
  if (!isObject(need) || !/^\$(?:PARENT_PIPELINE_ID|\{PARENT_PIPELINE_ID\})$/.test(text(need['pipeline']) ?? '')) return undefined
  return text(need['job'])
}

/** The jobs of the parent pipeline that a job of a child needs. */
export function neededOfParentBy(job: JobDocument): readonly string[] {
  return itemsIn(job['needs']).flatMap((need) => neededOfParent(need) ?? [])
}

/** The local files that a job starts a child pipeline with; `undefined` for a file that is not local. */
export function filesStartedBy({ trigger }: JobDocument): readonly (string | undefined)[] {
  if (!isObject(trigger)) return []
  return itemsIn(trigger['include']).map((item) => (isObject(item) ? text(item['local']) : text(item)))
}
