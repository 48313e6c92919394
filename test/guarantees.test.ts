import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = new URL('..', import.meta.url).pathname
const text = readFileSync(join(root, 'docs/guarantees.md'), 'utf8')
const statements = Array.from({ length: 10 }, (_, index) => index + 1)

interface Named {
  readonly name: string
  readonly statements: readonly number[]
}
/** Every test, or group of tests, whose name says which statements it shows. */
const tests = ['packages', 'test'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.test.ts') && !path.includes('node_modules'))
    .flatMap((path) => namedIn(readFileSync(join(root, folder, path), 'utf8'))),
)
function namedIn(source: string): readonly Named[] {
  const names = source.matchAll(/(['`])(statements? ([\d, ]+): .*?)\1(?=[,)])/g)
  return [...names].map(([, , name = '', numbers = '']) => ({ name, statements: numbers.split(', ').map(Number) }))
}

function rowOf(statement: number): string {
  const rows = text.split('\n').filter((line) => line.startsWith(`| ${statement} | `))
  expect(rows, `rows of statement ${statement}`).toHaveLength(1)
  return rows[0] ?? ''
}
const citedIn = (row: string) => [...row.matchAll(/`(statement \d+: .*?)`(?=;| \||,)/g)].map(([, name = '']) => name)

test.each(statements)('statement %i has a row that says what is promised, how, by which tests, and what is not', (statement) => {
  const row = rowOf(statement)
  const cells = row.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, ''))
  expect(cells).toHaveLength(5)
  for (const cell of cells.slice(1)) expect(cell.length).toBeGreaterThan(20)

  const cited = citedIn(row)
  expect(cited.length).toBeGreaterThanOrEqual(2)
  for (const name of cited) expect(name).toMatch(new RegExp(`^statement ${statement}: `))
  // What is not cited is counted: there may be more by now.
  const others = tests.filter((one) => one.statements.includes(statement) && !cited.includes(one.name) && one.statements.length === 1)
  expect(others.length).toBeGreaterThanOrEqual(Number(/and (\d+) others/.exec(row)?.[1] ?? 0))
  const several = tests.some((one) => one.statements.includes(statement) && one.statements.length > 1)
  expect(several, 'the model shows it').toBe(row.includes('the model'))
})

test('every test that is cited exists', () => {
  const cited = citedIn(text)
  expect(cited.length).toBeGreaterThan(30)
  const names = new Set(tests.map(({ name }) => name))
  expect(cited.filter((name) => !names.has(name))).toEqual([])
})

test('no test shows a statement that there is not', () => {
  expect(tests.length).toBeGreaterThan(100)
  expect(tests.filter((one) => one.statements.some((statement) => !statements.includes(statement)))).toEqual([])
})
