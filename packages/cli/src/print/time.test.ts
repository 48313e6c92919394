import { expect, test } from 'vitest'
import { duration, timeLeft } from './time.js'

test.each([
  [0, '0.0 s'],
  [240, '0.2 s'],
  [9949, '9.9 s'],
  [9950, '10 s'],
  [59_499, '59 s'],
  [59_500, '1 min 0 s'],
  [84_000, '1 min 24 s'],
  [3_599_499, '59 min 59 s'],
  [3_599_500, '1 h 0 min'],
  [7_530_000, '2 h 5 min'],
])('%i milliseconds are %s', (milliseconds, text) => {
  expect(duration(milliseconds)).toBe(text)
})

const [minute, hour, day] = [60_000, 3_600_000, 86_400_000]
test.each([
  [-1, '0 minutes'],
  [minute, '1 minute'],
  [2 * hour - 1, '119 minutes'],
  [2 * hour, '2 hours'],
  [2 * day - 1, '47 hours'],
  [2 * day, '2 days'],
  [3 * day - 1, '2 days'],
])('of %i milliseconds are left %s', (milliseconds, text) => {
  expect(timeLeft(milliseconds)).toBe(text)
})
