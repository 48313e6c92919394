import { type Check, type MapCheck, oneOf } from '../checks.js'
import { secondsIn } from '../duration.js'
import type { RuleId } from '../rule.js'
import { isBlank, isList, isText, isUnknown, type Yaml } from '../value.js'

const always = ['on_success', 'on_failure', 'always'] as const

/** When an artifact or a cache is kept. */
export const whenKept = (rule: RuleId, code: string): Check => oneOf(rule, code, ...always)
export const whenJob: Check = oneOf('J8', 'when', ...always, 'manual', 'delayed')
export const whenTrigger: Check = oneOf('T3', 'trigger-when', ...always, 'manual')
export const whenInRule = ['on_success', 'on_failure', 'always', 'never', 'manual', 'delayed']

export const isDuration = (value: Yaml): boolean => isText(value) && secondsIn(value) !== undefined

/** A duration up to a limit. The limit itself passes, since GitLab compares two moments a little apart. */
export function limitedDuration(rule: RuleId, code: string, limit: string): Check {
  const most = secondsIn(limit) ?? 0
  return (value, place) => {
    if (isUnknown(value)) return
    if (!isDuration(value)) place.fail(rule, code, 'should be a duration in quotes, such as "1 hour 30 minutes"')
    if (!isText(value) || (secondsIn(value) ?? Number.POSITIVE_INFINITY) > most)
      place.fail(rule, `${code}-limit`, `should be at most ${limit}`)
  }
}

export const timeout: Check = limitedDuration('J15', 'timeout', '1 month')
const startIn: Check = limitedDuration('J9', 'start-in', '1 week')

/** A job with `when: delayed` has `start_in`; others must not. */
export const delay: MapCheck = (job, place) => {
  const [value, at] = [job.get('start_in') ?? null, place.at('start_in')]
  if (isUnknown(job.get('when'))) return
  if (job.get('when') === 'delayed') startIn(value, at)
  else if (!isBlank(value) && !isUnknown(value)) at.fail('J9', 'start-in-not-delayed', 'can be used only with `when: delayed`')
}

/** `rules` exclude `only`, `except` and `start_in`. */
export const noOldKeysWithRules: MapCheck = (job, place) => {
  if (!isList(job.get('rules'))) return
  for (const key of ['only', 'except', 'start_in']) {
    if ((job.get(key) ?? null) === null) continue
    const code = `rules-with-${key.replaceAll('_', '-')}`
    place.fail(key === 'start_in' ? 'J9' : 'J10', code, `has \`rules\` and \`${key}\`, which cannot be combined`)
  }
}
