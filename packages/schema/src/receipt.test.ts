import { expect, test } from 'vitest'
import { describeProblem } from './receipt.js'

test.each<[string, readonly string[] | undefined, string]>([
  ['fetch failed', undefined, 'fetch failed'],
  ['fetch failed', [], 'fetch failed'],
  ['fetch failed\nRun it again.', ['ECONNREFUSED'], 'fetch failed (ECONNREFUSED)'],
  ['fetch failed', ['a', 'b'], 'fetch failed (a; b)'],
  ['', undefined, ''],
])('a problem on one line has the first of its message, and its causes: %j, %j', (message, causes, line) => {
  expect(describeProblem({ message, ...(causes && { causes: [...causes] }) })).toBe(line)
})
