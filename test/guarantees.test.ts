import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = new URL('..', import.meta.url).pathname
const text = readFileSync(join(root, 'docs/guarantees.md'), 'utf8')
const statements = Array.from({ length: 11 }, (_, index) => index + 1)

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

const sections = text.split(/^## /m)
function sectionOf(statement: number): string {
  const found = sections.filter((section) => section.startsWith(`${statement}. `))
  expect(found, `sections of statement ${statement}`).toHaveLength(1)
  return found[0] ?? ''
}
const citedIn = (part: string) => [...part.matchAll(/`(statement \d+: .*?)`(?=;|,|\n| \|)/g)].map(([, name = '']) => name)

test.each(statements)('statement %i has a section that says what is promised, how, by which tests, and what is not', (statement) => {
  const section = sectionOf(statement)
  for (const part of ['**How.** ', '**Not promised.** ', '**Tests**\n']) expect(section.split(part), part).toHaveLength(2)
  expect(section.split('\n').filter((line) => line.length > 140)).toEqual([])

  const cited = citedIn(section)
  expect(cited.length).toBeGreaterThanOrEqual(2)
  for (const name of cited) expect(name).toMatch(new RegExp(`^statement ${statement}: `))
  // Tests that are not cited are only counted: there may be more by now.
  const others = tests.filter((one) => one.statements.includes(statement) && !cited.includes(one.name) && one.statements.length === 1)
  expect(others.length).toBeGreaterThanOrEqual(Number(/and (\d+) others/.exec(section)?.[1] ?? 0))
  const several = tests.some((one) => one.statements.includes(statement) && one.statements.length > 1)
  expect(several, 'the model shows it').toBe(section.includes('the model'))
})

test('every test that is cited exists', () => {
  const cited = citedIn(text)
  expect(cited.length).toBeGreaterThan(30)
  const names = new Set(tests.map(({ name }) => name))
  expect(cited.filter((name) => !names.has(name))).toEqual([])
})

test('no test shows a statement that does not exist', () => {
  expect(tests.length).toBeGreaterThan(100)
  expect(tests.filter((one) => one.statements.some((statement) => !statements.includes(statement)))).toEqual([])
})
