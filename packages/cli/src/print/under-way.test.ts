import { bytes } from '@stagegate/schema'
import { expect, test } from 'vitest'
import { eventOf, stable } from './testing/outcomes.js'
import { UnderWay } from './under-way.js'

const mebibytes = (count: number) => bytes(Math.round(count * 2 ** 20))
const progress = (count: number) => eventOf({ event: 'progress', destinations: [stable], bytes: mebibytes(count), of: mebibytes(286) })

test.each([20, 40, 60, 80, 100, 200])('in %i columns the line fits, or has the count and the time that is left', (room) => {
  const underWay = new UnderWay(128, 'verdict')
  underWay.note(eventOf({ event: 'started', destinations: [stable] }), 0)
  for (let second = 1; second <= 20; second++) underWay.note(progress(second), second * 1000)
  const line = underWay.summary(20_000, room)
  expect(line).toMatch(/^0 of 128 done \| .*\d+ (?:s|min|min \d+ s) left/)
  if (room >= 60) expect(line.length).toBeLessThanOrEqual(room)
  if (room >= 80) expect(line).toMatch(/stable /)
})

test('the time left does not jump where the pace goes up and down', () => {
  const underWay = new UnderWay(1, 'verdict')
  underWay.note(eventOf({ event: 'started', destinations: [stable] }), 0)
  const seconds: number[] = []
  let sent = 0
  for (let second = 1; second <= 120; second++) {
    // Ten seconds fast, ten slow: 1.1 MiB/s on the whole.
    sent += Math.floor(second / 10) % 2 === 0 ? 2 : 0.2
    underWay.note(progress(sent), second * 1000)
    const [, minutes = '0', rest = '0'] = /(?:(\d+) min )?([\d.]+) s left/.exec(underWay.summary(second * 1000)) ?? []
    if (second >= 60) seconds.push(Number(minutes) * 60 + Number(rest))
  }
  const jumps = seconds.slice(1).map((value, index) => Math.abs(value - (seconds[index] ?? value)))
  expect(Math.max(...jumps)).toBeLessThan(20)
})
