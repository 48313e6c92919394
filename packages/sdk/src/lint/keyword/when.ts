import { type Check, type MapCheck, oneOf } from '../checks.js'
import { secondsIn } from '../duration.js'
import { isList, isText, type Yaml } from '../value.js'

const always = ['on_success', 'on_failure', 'always'] as const

/** When an artifact or a cache is kept. */
export const whenKept = (rule: string, code: string): Check => oneOf(rule, code, always)
export const whenJob: Check = oneOf('J8', 'when', [...always, 'manual', 'delayed'])
export const whenTrigger: Check = oneOf('T3', 'trigger-when', [...always, 'manual'])
export const whenInRule = ['on_success', 'on_failure', 'always', 'never', 'manual', 'delayed']

export const isDuration = (value: Yaml): boolean => isText(value) && secondsIn(value) !== undefined
const example = 'should be a duration in quotes, such as "1 hour 30 minutes"'

/** A duration up to a limit, which itself passes: GitLab compares two moments a little apart. */
export function limitedDuration(rule: string, code: string, limit: string): Check {
  const most = secondsIn(limit) ?? 0
  return (value, place) => {
    if (!isDuration(value)) place.fail({ rule, code, rest: 'should be a duration', ours: example })
    if (!isText(value) || (secondsIn(value) ?? Number.POSITIVE_INFINITY) > most)
      place.fail({ rule, code: `${code}-limit`, rest: 'should not exceed the limit', ours: `should be at most ${limit}` })
  }
}

export const timeout: Check = limitedDuration('J15', 'timeout', '1 month')
const startIn: Check = limitedDuration('J9', 'start-in', '1 week')

/** `start_in` belongs to `when: delayed`, and neither to rules. */
export const delay: MapCheck = (job, place) => {
  const value = job.get('start_in') ?? null
  const at = place.attribute('start_in')
  if (job.get('when') === 'delayed') startIn(value, at)
  else if (value !== null) at.fail({ rule: 'J9', code: 'start-in-not-delayed', rest: 'must be blank', ours: 'is only for `when: delayed`' })
}

/** `only`, `except` and `start_in` do not go together with `rules`. */
export const noOldKeysWithRules: MapCheck = (job, place) => {
  if (!isList(job.get('rules'))) return
  for (const key of ['only', 'except', 'start_in']) {
    if ((job.get(key) ?? null) === null) continue
    const rule = key === 'start_in' ? 'J9' : 'J10'
    const rest = `key may not be used with \`rules\`: ${key}`
    place.fail({
      rule,
      code: `rules-with-${key.replaceAll('_', '-')}`,
      rest,
      ours: `has \`rules\` and \`${key}\`, which exclude each other`,
    })
  }
}
