import { instant } from '@stagegate/schema'
import { expect, test } from 'vitest'
import { retryAfter, retryAt } from './retry-after.js'

const now = instant(Date.parse('2026-01-31T12:00:00.000Z'))

test.each([
  ['0', 0],
  [' 120 ', 120],
  ['999999999', 999_999_999],
  ['Sat, 31 Jan 2026 12:00:30 GMT', 30],
  // RFC 9110, section 5.6.7: the two forms that were.
  ['Saturday, 31-Jan-26 12:01:00 GMT', 60],
  ['Sat Jan 31 12:00:05 2026 GMT', 5],
  ['Sat, 31 Jan 2026 11:59:00 GMT', 0],
  ['Fri, 31 Dec 9999 23:59:59 GMT', 251_621_812_799],
])('%j is a wish', (header, seconds) => {
  expect(retryAfter(header, now)).toBe(Math.min(seconds, 99_999_999_999))
})

test.each([undefined, '', '-1', '1.5', '1e3', '12 s', '1234567890', '2026-02-01', '2026-02-01T00:00:00Z', 'soon', '(Sat) 31'])(
  '%j is none that can be understood',
  (header) => {
    expect(retryAfter(header, now)).toBeUndefined()
    expect(retryAt(header, now)).toBeUndefined()
  },
)

test('a part of a second is waited for whole, and the wish is a moment too', () => {
  const later = instant(Date.parse('2026-01-31T12:00:00.001Z'))
  expect(retryAfter('Sat, 31 Jan 2026 12:00:30 GMT', later)).toBe(30)
  expect(retryAt('30', now)).toBe('2026-01-31T12:00:30.000Z')
})
