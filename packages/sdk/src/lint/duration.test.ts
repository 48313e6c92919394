import { expect, test } from 'vitest'
import { secondsIn } from './duration.js'

test.each([
  ['day', 86_400],
  ['one day', 86_400],
  ['90', 90],
  ['1.5 hours', 5_400],
  ['2h20min', 8_400],
  ['1d12h', 129_600],
  ['3 mins 4 sec', 184],
  ['47 yrs 6 mos and 4d', 47 * 31_557_600 + 6 * 2_592_000 + 4 * 86_400],
  ['twenty-one days', 21 * 86_400],
  ['1:30', 90],
])('%s is a duration', (text, seconds) => {
  expect(secondsIn(text)).toBe(seconds)
})

test.each(['', '0', '0 days', '-1 day', '1 fortnight', 'P1D', '$VAR', '1 day foo'])('“%s” is not a duration', (text) => {
  expect(secondsIn(text)).toBeUndefined()
})
