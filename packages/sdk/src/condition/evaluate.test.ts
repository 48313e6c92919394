import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { evaluate } from './evaluate.js'
import { parse } from './parse.js'
import { assignments, expressions } from './testing/arbitrary.js'
import { negate, present } from './truth.js'

const variables = {
  PRESENT: 'my variable',
  EMPTY: '',
  PATH_LIKE: 'a/path/variable/value',
  TRUE: 'true',
  STARTS: '/^my/',
  STARTS_CASELESS: '/^MY/i',
  ONE: '/y/',
  BROKEN: '/(/',
}

function holds(input: string): boolean {
  const parsed = parse(input)
  if (!parsed.ok) throw new Error(`${input}: ${parsed.message}`)
  return evaluate(parsed.expression, variables)
}

describe('evaluate', () => {
  it.each([
    ['$PRESENT', true],
    ['$EMPTY', false],
    ['$UNDEFINED', false],
    ['$PRESENT == "my variable"', true],
    ['"my variable" == $PRESENT', true],
    ['$PRESENT == null', false],
    ['$EMPTY == null', false],
    ['$EMPTY == ""', true],
    ['$UNDEFINED == null', true],
    ['$UNDEFINED == ""', false],
    ['$UNDEFINED != ""', true],
    ['$PRESENT != "my variable"', false],
    ['$UNDEFINED == $ALSO_UNDEFINED', true],
    ['$TRUE == true', true],
    ['false == $TRUE', false],
    ['$PRESENT =~ /var.*e$/', true],
    ['$PRESENT =~ /^var.*/', false],
    ['$PRESENT =~ /VAR.*/i', true],
    ['$EMPTY =~ /var.*/', false],
    ['$UNDEFINED =~ /var.*/', false],
    ['$UNDEFINED !~ /var.*/', true],
    ['$PATH_LIKE =~ /path\\/variable/', true],
    ['$PRESENT =~ $STARTS', true],
    ['$PRESENT =~ $STARTS_CASELESS', true],
    ['$PRESENT =~ $ONE', true],
    ['$PRESENT !~ $STARTS', false],
    ['$PRESENT =~ $UNDEFINED', false],
    ['$PRESENT !~ $UNDEFINED', true],
    ['!$UNDEFINED', true],
    ['!$PRESENT == "false"', true],
    ['($PRESENT && null) || $EMPTY == ""', true],
    ['"string" == ("test" && "string")', true],
    ['("string" == "test") || "string"', true],
  ])('takes %s for %s', (input, expected) => {
    expect(holds(input)).toBe(expected)
  })

  it.each([
    ['an unset variable is empty text to a pattern', '$UNDEFINED =~ /^$/', true],
    ['an empty string counts as true to &&', '$EMPTY && $PRESENT', true],
    ['but not as the last operand', '$PRESENT && $EMPTY', false],
    ['an empty string ends ||', '$EMPTY || $PRESENT', false],
    ['an unset variable does not', '$UNDEFINED || $PRESENT', true],
    ['a right side that is no pattern is searched for the left', '"23" =~ "1234"', true],
    ['as is one that does not compile', '"(" =~ $BROKEN', true],
  ])('knows that %s', (_, input, expected) => {
    expect(holds(input)).toBe(expected)
  })

  it('is not fooled by the names of inherited properties', () => {
    expect(holds('$constructor')).toBe(false)
    expect(holds('$toString == null')).toBe(true)
  })
})

describe('present and negate', () => {
  it('say the same and the opposite, in words that combine', () => {
    fc.assert(
      fc.property(expressions, assignments, (expression, drawn) => {
        const expected = evaluate(expression, drawn)
        expect(evaluate(present(expression), drawn)).toBe(expected)
        expect(evaluate(negate(expression), drawn)).toBe(!expected)
        expect(evaluate({ kind: 'all', of: [present(expression), present(expression)] }, drawn)).toBe(expected)
      }),
      { numRuns: 5000 },
    )
  })
})
