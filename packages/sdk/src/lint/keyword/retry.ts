import { type Check, fields, integers, must, oneOf, shape } from '../checks.js'
import type { Place } from '../place.js'
import { isInteger, isText } from '../value.js'
import { retryReasons } from './retry-reasons.js'

const most = 2

const max: Check = (value, place) => {
  const rest = !isInteger(value)
    ? 'must be an integer'
    : value < 0
      ? 'must be greater than or equal to 0'
      : `must be less than or equal to ${most}`
  if (!isInteger(value) || value < 0 || value > most)
    place.fail({ rule: 'J17', code: 'retry-max', rest, ours: `should be an integer from 0 to ${most}` })
}

const unknownReason: Check = (value, place) => {
  const unknown = (Array.isArray(value) ? value : []).filter((reason) => !isText(reason) || !retryReasons.includes(reason))
  if (unknown.length > 0) place.fail({ rule: 'J18', code: 'retry-when', rest: `contains unknown values: ${unknown.join(', ')}` })
}

const when = shape(
  { list: unknownReason, text: oneOf('J18', 'retry-when', retryReasons, 'is not included in the list') },
  must('J18', 'retry-when', () => false, 'should be an array of strings or a string'),
)

const whole = fields('J17', 'retry', { attributes: { max, when, exit_codes: integers('J17', 'retry-exit-codes') } })

/** GitLab does not say whose `retry` it is. */
export const retry: Check = (value, place) =>
  shape(
    { integer: max, map: whole },
    must('J17', 'retry', () => false, 'has to be either an integer or a hash', 'should be an integer, or a mapping with `max` and `when`'),
  )(value, bare(place))

const bare = (place: Place): Place => place.called('retry')
