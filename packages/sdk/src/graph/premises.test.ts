import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { all, type Expression, evaluate, parse, present, print } from '../condition/index.js'
import { assignments, expressions } from '../condition/testing/arbitrary.js'
import { conjuncts, simplified } from './premises.js'

const read = (text: string): Expression => {
  const parsed = parse(text)
  if (!parsed.ok) throw new Error(parsed.message)
  return present(parsed.expression)
}
const written = (...texts: readonly string[]) => simplified(texts.map(read)).map((one) => print(one).text)

test('the other premises do not repeat what one already says', () => {
  expect(written('$A == "a"', '$A != "a" || $B == "b"')).toEqual(['$A == "a"', '$B == "b"'])
  expect(written('$A == "a"', '$A == "a" || $B == "b"')).toEqual(['$A == "a"'])
  // Each can make another one shorter.
  expect(written('$C != "c" || $D == "d"', '$B != "b" || $C == "c"', '$A != "a" || $B == "b"', '$A == "a"')).toEqual([
    '$D == "d"',
    '$C == "c"',
    '$B == "b"',
    '$A == "a"',
  ])
  expect(written('$A == "a"', '$A != "a" || ($B == "b" && $C == "c")')).toEqual(['$A == "a"', '$B == "b"', '$C == "c"'])
  expect(written('$A == "a" || $B == "b"', '$A != "a" || $C == "c"')).toEqual(['$A == "a" || $B == "b"', '$A != "a" || $C == "c"'])
})

test('simplified premises hold in the same pipelines', () => {
  const holds = (premises: readonly Expression[], variables: Record<string, string>) => evaluate(present(all(premises)), variables)
  fc.assert(
    fc.property(fc.array(expressions, { maxLength: 5 }), assignments, (drawn, variables) => {
      const premises = drawn.flatMap((one) => conjuncts(present(one)))
      // The opposites of some stand beside them, as those of earlier rules do.
      const more = [...premises, ...premises.flatMap((one, index) => conjuncts(present(index % 2 === 0 ? { kind: 'not', of: one } : one)))]
      for (const some of [premises, more]) expect(holds(simplified(some), variables)).toBe(holds(some, variables))
    }),
    { numRuns: 500 },
  )
})
