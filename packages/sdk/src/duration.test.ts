import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Duration } from './duration.js'

const { minutes, hours, days } = Duration

test.each([
  [minutes(1), '1 minute', '1m'],
  [minutes(110), '1 hour 50 minutes', '1h50m'],
  [hours(2), '2 hours', '2h0m'],
  [days(14), '14 days', '336h0m'],
  [days(1.5), '1 day 12 hours', '36h0m'],
  [minutes(0.5), '30 seconds', '0m30s'],
  [minutes(1 / 60), '1 second', '0m1s'],
  [days(1).plus(minutes(1)), '1 day 1 minute', '24h1m'],
  [hours(2).minus(minutes(10)), '1 hour 50 minutes', '1h50m'],
] as const)('%s', (duration, gitlab, runner) => {
  expect([String(duration), duration.toRunnerString()]).toEqual([gitlab, runner])
})

describe('no duration', () => {
  test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY, 0.001, 1e300])('of %s minutes', (count) => {
    expect(() => minutes(count)).toThrow(new RangeError(`Expected a duration of at least a second, got ${count}`))
  })

  test('below nothing', () => {
    expect(() => hours(1).minus(hours(1))).toThrow(RangeError)
  })
})

test('GitLab and the runner both read the whole duration', () => {
  const units = { day: 86_400, hour: 3_600, minute: 60, second: 1 } as const
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e8 }), (count) => {
      const duration = minutes(count / 60)
      const read = [...String(duration).matchAll(/(\d+) (day|hour|minute|second)s?/g)]
      expect(read.reduce((sum, [, number, unit]) => sum + Number(number) * units[unit as keyof typeof units], 0)).toBe(duration.seconds)
      const [, h = 0, m = 0, s = 0] = /^(?:(\d+)h)?(\d+)m(?:(\d+)s)?$/.exec(duration.toRunnerString()) ?? []
      expect(Number(h) * 3_600 + Number(m) * 60 + Number(s)).toBe(duration.seconds)
    }),
  )
})
