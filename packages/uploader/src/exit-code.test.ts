import type { Verdict } from '@stagegate/schema'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { exitCodeOf } from './exit-code.js'

const outcome = (verdict: Verdict, advisory = false) => ({ verdict, destination: { repository: 'stable', advisory } })

test.each<[Verdict, number]>([
  ['published', 0],
  ['already-public', 0],
  ['conflict', 3],
  ['tampered', 3],
  ['missing', 3],
  ['failed', 3],
  ['undetermined', 4],
])('%s alone exits %i, and 0 where it is advisory', (verdict, code) => {
  expect(exitCodeOf([outcome(verdict)])).toBe(code)
  expect(exitCodeOf([outcome(verdict, true), outcome('published')])).toBe(0)
})

test('statement 5: nothing at all is incomplete', () => {
  expect(exitCodeOf([])).toBe(4)
})

test('a problem for a person takes precedence over one that can be tried again, in any order', () => {
  expect(exitCodeOf([outcome('undetermined'), outcome('published'), outcome('conflict')])).toBe(3)
  expect(exitCodeOf([outcome('conflict'), outcome('undetermined')])).toBe(3)
})

test('statement 5: 0 means that everything which counts is there', () => {
  const verdicts: readonly Verdict[] = ['published', 'already-public', 'conflict', 'tampered', 'missing', 'failed', 'undetermined']
  const any = fc.array(fc.record({ verdict: fc.constantFrom(...verdicts), advisory: fc.boolean() }), { minLength: 1 })
  fc.assert(
    fc.property(any, (all) => {
      const there = all.every(({ verdict, advisory }) => advisory || verdict === 'published' || verdict === 'already-public')
      expect(exitCodeOf(all.map(({ verdict, advisory }) => outcome(verdict, advisory))) === 0).toBe(there)
    }),
  )
})
