import { expect, test } from 'vitest'
import { expirySeconds } from './expiry.js'

const day = 86_400

test.each([
  ['21 days', 21 * day],
  ['day', day],
  ['one day', day],
  ['90', 90],
  ['1.5 hours', 5_400],
  ['2h20min', 8_400],
  ['1d12h', 1.5 * day],
  ['3 weeks and 1 hr', 21 * day + 3_600],
  ['1 mo', 30 * day],
  ['2:30:00', 9_000],
  ['NEVER', Number.POSITIVE_INFINITY],
])('%s is a time that GitLab reads', (text, seconds) => {
  expect(expirySeconds(text)).toBe(seconds)
})

test.each(['', 'P1D', '$VAR', '1 fortnight', '-1 day', '1 day foo', '0 days', '5 5 days'])('%j is not a duration', (text) => {
  expect(expirySeconds(text)).toBeUndefined()
})
