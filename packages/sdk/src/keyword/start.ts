import type { JsonObject } from '@stagegate/schema'
import type { Duration } from '../duration.js'
import { duration, type Keyword, oneOf, type ReportProblem, shown } from '../form/keyword.js'
import { fields, joined } from '../form/keyword-forms.js'

/** When a job starts. At most one of them is given. */
export interface StartProps {
  /** Waits for a click. `blocking` holds up what comes after it, `optional` does not. @default starts by itself */
  readonly manual?: 'blocking' | 'optional' | undefined
  /** After what became of the jobs before it. @default on_success */
  readonly when?: 'on_success' | 'on_failure' | 'always' | undefined
  /** Waits so long after the jobs before it, a week at most. @default starts at once */
  readonly startIn?: Duration | undefined
}

const week = 7 * 86_400
const atMostAWeek: Keyword<Duration> = {
  render(value, at, report) {
    const written = duration.render(value, at, report)
    if (written === undefined || value.seconds <= week) return written
    report({ is: 'value', keyword: at, expected: 'a Duration of at most 7 days', found: shown(value) })
    return undefined
  },
}

export const startMembers = {
  manual: oneOf('blocking', 'optional'),
  when: oneOf('on_success', 'on_failure', 'always'),
  startIn: atMostAWeek,
}

/** The start of a job; a rule has the same keywords among its others. */
export const start = fields<StartProps>(startMembers)

/** One start only: GitLab's `when` is one value, and a later one would silently win. */
export function reportSeveralStarts(props: object, at: string, report: ReportProblem): void {
  const given = Object.entries(props).filter(([key, value]) => Object.hasOwn(startMembers, key) && value !== undefined)
  const [first] = given
  for (const [key, value] of given.slice(1))
    report({ is: 'value', keyword: joined(at, key), expected: `nothing, since ${first?.[0]} is given`, found: shown(value) })
}

/** GitLab's words for the start. What a click blocks is always said, for GitLab's default differs between a job and its rules. */
export function renderStart({ manual, when, startIn }: StartProps): JsonObject {
  if (manual !== undefined) return { when: 'manual', allow_failure: manual === 'optional' }
  if (startIn !== undefined) return { when: 'delayed', start_in: String(startIn) }
  return when === undefined || when === 'on_success' ? {} : { when }
}
