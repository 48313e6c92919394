// The packages as npm would publish them.
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../release/files.js'

const root = new URL('../..', import.meta.url).pathname

/** The folder of a package, as it is after npm install. */
function unpacked(name: string): string {
  const folder = temporaryFolder()
  execFileSync(join(root, 'node_modules/.bin/pnpm'), ['pack', '--pack-destination', folder], {
    cwd: join(root, 'packages', name),
    stdio: 'pipe',
  })
  const [tarball = ''] = readdirSync(folder)
  execFileSync('tar', ['--extract', '--gzip', '--file', tarball], { cwd: folder })
  return join(folder, 'package')
}

test('the uploader brings its guarantees, recipes, codes and changelog, and their links lead to files of the package', () => {
  const folder = unpacked('uploader')
  const pages = ['README.md', 'CHANGELOG.md', ...readdirSync(join(folder, 'docs')).map((page) => `docs/${page}`)]
  expect(pages).toEqual(expect.arrayContaining(['docs/codes.md', 'docs/guarantees.md', 'docs/recipes.md', 'docs/waits.md']))
  const linksIn = (page: string) => {
    const text = readFileSync(join(folder, page), 'utf8').replace(/^```[\s\S]*?^```/gm, '')
    return [...text.matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map(([, link = '']) => join(dirname(page), link))
  }
  const links = pages.flatMap(linksIn)
  expect(links).toContain('examples/folder.ts')
  expect(links.filter((link) => link.startsWith('..') || !existsSync(join(folder, link)))).toEqual([])
  // The pages that the README names, though without links, are there, too.
  const named = [...readFileSync(join(folder, 'README.md'), 'utf8').matchAll(/`((?:docs|examples)\/[\w.]*|CHANGELOG\.md)`/g)]
  expect(named.length).toBeGreaterThan(4)
  expect(named.map(([, path = '']) => path).filter((path) => !existsSync(join(folder, path)))).toEqual([])
})
