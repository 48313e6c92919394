import { expect, test } from 'vitest'
import { nearest } from './nearest.js'

test.each([
  ['scirpt', 'script'],
  ['hodl', 'hold'],
  ['after-script', 'afterScript'],
  ['STAGE', 'stage'],
  ['stagee', 'stage'],
])('%s was probably to be %s', (word, meant) => {
  expect(nearest(word, ['hold', 'routes', 'script', 'afterScript', 'stage'])).toBe(meant)
})

test.each(['moon', 'hlod_', 'x', ''])('%j has no nearest name', (word) => {
  expect(nearest(word, ['hold', 'routes', 'script'])).toBeUndefined()
})

test.each(['', 'x'])('%j shares nothing with a name of one letter', (word) => {
  expect(nearest(word, ['m'])).toBeUndefined()
})
