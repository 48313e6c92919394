import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

/*
 * The pages for maintainers name paths and symbols. Each of them exists.
 */

const root = new URL('..', import.meta.url).pathname
const pages = [
  'docs/architecture.md',
  'docs/glossary.md',
  'docs/decisions.md',
  'docs/guarantees.md',
  'docs/gate.md',
  'docs/waits.md',
  'CONTRIBUTING.md',
]
const textOf = (page: string) => readFileSync(join(root, page), 'utf8').replace(/^```[\s\S]*?^```/gm, '')
const quotedIn = (page: string) => [...textOf(page).matchAll(/`([^`\n]+)`/g)].map(([, text = '']) => text)

const sources = readdirSync(join(root, 'packages'), { recursive: true, encoding: 'utf8' })
  .filter((path) => /^[a-z]+\/src\/.*\.ts$/.test(path))
  .map((path) => readFileSync(join(root, 'packages', path), 'utf8'))
  .join('\n')

test.each(pages)('every path that %s names exists', (page) => {
  const paths = quotedIn(page).filter((text) => /^(?:packages|test|docs|examples)\/[\w./-]*\w\/?$/.test(text))
  const links = [...textOf(page).matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, link = '']) => join(page, '..', link))
  expect([...paths, ...links].filter((path) => !existsSync(join(root, path)))).toEqual([])
})

test('every room and file that a table of the architecture names exists in its package', () => {
  const sections = textOf('docs/architecture.md').split(/^## /m)
  for (const name of ['schema', 'sdk', 'uploader', 'cli']) {
    const section = sections.find((one) => one.startsWith(`packages/${name}`)) ?? ''
    const places = [...section.matchAll(/`([a-z][\w-]*(?:\/[\w.-]*)*(?:\/|\.ts))`/g)].map(([, place = '']) => place)
    expect(places.length, name).toBeGreaterThan(3)
    const all = readdirSync(join(root, 'packages', name, 'src'), { recursive: true, encoding: 'utf8' }).map((path) => `/${path}`)
    const missing = places.filter(
      (place) => !place.startsWith('packages/') && !all.some((path) => path.endsWith(`/${place.replace(/\/$/, '')}`)),
    )
    expect(missing, name).toEqual([])
  }
})

test('every symbol that the architecture names is declared', () => {
  const symbols = quotedIn('docs/architecture.md')
    .map((text) => /^([A-Za-z]+)(?:\(\)|\[\])?$/.exec(text)?.[1])
    // A word in lower case is a symbol only where it is called.
    .filter((name): name is string => name !== undefined && /[a-z][A-Z]|^[A-Z][a-z]/.test(name))
  expect(symbols.length).toBeGreaterThan(25)
  const undeclared = symbols.filter((name) => !new RegExp(`\\b(?:function|class|interface|type|const) ${name}\\b`).test(sources))
  expect(undeclared).toEqual([])
})

test('the architecture has no line that an editor has to wrap far', () => {
  const long = textOf('docs/architecture.md')
    .split('\n')
    .filter((line) => line.length > 140 && !line.startsWith('|'))
  expect(long).toEqual([])
})
