// Copies the pages that the package carries. Their links lead to files of the package; a link to anything else becomes its text.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, posix, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = fileURLToPath(new URL('..', import.meta.url))
const root = resolve(here, '../..')
const programs = readdirSync(join(root, 'examples/library')).filter((name) => name.endsWith('.ts'))

/** Each file of the repository, and its place in the package. */
const places = new Map([
  ['CHANGELOG.md', 'CHANGELOG.md'],
  ['docs/codes.md', 'docs/codes.md'],
  ['docs/guarantees.md', 'docs/guarantees.md'],
  ['docs/waits.md', 'docs/waits.md'],
  ['docs/guide/library.md', 'docs/recipes.md'],
  ...programs.map((name) => [`examples/library/${name}`, `examples/${name}`]),
])

for (const folder of ['docs', 'examples']) rmSync(join(here, folder), { recursive: true, force: true })
for (const [from, to] of places) {
  mkdirSync(dirname(join(here, to)), { recursive: true })
  if (from.endsWith('.md')) writeFileSync(join(here, to), withLinks(readFileSync(join(root, from), 'utf8'), from, to))
  else cpSync(join(root, from), join(here, to))
}

function withLinks(text, from, to) {
  return text.replaceAll(/\[([^\]\n]+)\]\((?!https?:)([^)#\s]+)(#[^)]*)?\)/g, (_, words, link, anchor = '') => {
    const target = posix.join(posix.dirname(from), link)
    const place = places.get(target) ?? relative('packages/uploader', target)
    const inPackage = places.has(target) || (!place.startsWith('..') && existsSync(join(here, place)))
    return inPackage ? `[${words}](${posix.relative(posix.dirname(to), place)}${anchor})` : words
  })
}
