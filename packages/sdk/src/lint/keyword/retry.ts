import { integerFrom, integers } from '../../form/form.js'
import { gitlabLimits } from '../../gitlab/limits.js'
import { retryReasons } from '../../gitlab/retry-reasons.js'
import { byType, type Check, ensure, fields, must, unknownIn } from '../checks.js'
import { isText } from '../value.js'

const range = integerFrom(0, gitlabLimits.retries)
const count: Check = must('J17', 'retry-max', range)
/** Here GitLab accepts a number written as a text. */
const max: Check = must('J17', 'retry-max', {
  expected: range.expected,
  fits: (value) => range.fits(isText(value) && /^[+-]?\d+$/.test(value) ? Number(value) : value),
})

const when = byType('J18', 'retry-when', 'a string or a list of strings', {
  list: (list, place) => {
    const unknown = unknownIn(list, retryReasons)
    if (unknown !== undefined) place.fail('J18', 'retry-when', `has ${unknown}, which GitLab does not know`)
  },
  text: ensure('J18', 'retry-when', (value) => isText(value) && retryReasons.includes(value), 'is not a reason that GitLab knows'),
})

export const retry: Check = byType('J17', 'retry', 'an integer, or a mapping with `max` and `when`', {
  integer: count,
  map: fields('J17', 'retry', { max, when, exit_codes: must('J17', 'retry-exit-codes', integers) }),
})
