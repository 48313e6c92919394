import { expect, test } from 'vitest'
import { table, wrappedTable } from './table.js'

const rows = [
  ['  starts', 'by itself'],
  ['  because', 'none of its rules matches: $CI_COMMIT_TAG, $CI_COMMIT_BRANCH == "main" and others'],
]

test('the last column is wrapped at spaces, below itself', () => {
  expect(wrappedTable(rows, 44)).toEqual([
    '  starts   by itself',
    '  because  none of its rules matches:',
    '           $CI_COMMIT_TAG, $CI_COMMIT_BRANCH',
    '           == "main" and others',
  ])
})

test('nothing is wrapped for a file, in a column that is too narrow, or inside a word', () => {
  expect(wrappedTable(rows, undefined)).toEqual(table(rows))
  expect(wrappedTable(rows, 30)).toEqual(table(rows))
  expect(wrappedTable([['a', 'x'.repeat(90)]], 40)).toEqual([`a  ${'x'.repeat(90)}`])
})
