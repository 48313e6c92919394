import { later } from '@stagegate/schema'
import { expect, test } from 'vitest'
import { timeSpent } from './spent.js'
import { outcomeOf, start } from './testing/outcomes.js'

test('a run that was soon over gives no account of its time', () => {
  expect(timeSpent([outcomeOf()])).toBeUndefined()
  expect(timeSpent([outcomeOf({ finishedAt: later(start, 59.999) })])).toBeUndefined()
  expect(timeSpent([])).toBeUndefined()
})

test('a long one says where the time went, the largest part first', () => {
  const first = outcomeOf({
    finishedAt: later(start, 70),
    milliseconds: { waiting: 30_000, looking: 2000, sending: 33_000, confirming: 5000 },
  })
  const second = outcomeOf({
    startedAt: later(start, 10),
    finishedAt: later(start, 84),
    milliseconds: { waiting: 20_000, looking: 0, sending: 54_000, confirming: 0 },
  })
  expect(timeSpent([second, first])).toBe('Took 1 min 24 s: sending 60 %, waiting 35 %, confirming 3 %, looking 1 %.')
})

test('a clock that was set does not make nonsense of it', () => {
  const nothing = { waiting: 0, looking: 0, sending: 0, confirming: 0 }
  expect(timeSpent([outcomeOf({ finishedAt: later(start, 60), milliseconds: nothing })])).toBe(
    'Took 1 min 0 s: waiting 0 %, looking 0 %, sending 0 %, confirming 0 %.',
  )
})
