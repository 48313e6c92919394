import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import { painted, takesColour } from './colour.js'

test.each([
  ['a terminal', true, {}, true],
  ['a file', false, {}, false],
  ['NO_COLOR', true, { NO_COLOR: '1' }, false],
  ['an empty NO_COLOR', true, { NO_COLOR: '' }, true],
  ['a dumb terminal', true, { TERM: 'dumb' }, false],
  ['FORCE_COLOR in a file', false, { FORCE_COLOR: '1' }, true],
  ['FORCE_COLOR against NO_COLOR', false, { FORCE_COLOR: '1', NO_COLOR: '1' }, true],
  ['FORCE_COLOR=0', true, { FORCE_COLOR: '0' }, false],
])('%s', (_, isTTY, variables, expected) => {
  expect(takesColour({ isTTY }, variables)).toBe(expected)
})

test('the severity alone is in colour, at the beginning of a line', () => {
  const text = 'error: a\n  at b\nwarning: an error: c\nWEAKER   d\n'
  const shown = painted(text, process.stdout, { FORCE_COLOR: '1' })
  expect(shown).toBe('\u001b[31merror\u001b[39m: a\n  at b\n\u001b[33mwarning\u001b[39m: an error: c\n\u001b[31mWEAKER\u001b[39m   d\n')
  expect(stripVTControlCharacters(shown)).toBe(text)
})
