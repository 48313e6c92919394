import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'

/*
 * The architecture lists the rooms of each package from the bottom up. Imports follow that order.
 */

const root = new URL('..', import.meta.url).pathname
const sections = readFileSync(join(root, 'docs/architecture.md'), 'utf8').split(/^## /m)

/** The rank of each room: the row of the table that names it first. */
function ranksIn(name: string): ReadonlyMap<string, number> {
  const rows = (sections.find((one) => one.startsWith(`packages/${name}, from the bottom up`)) ?? '').match(/^\| `.*$/gm) ?? []
  const ranks = new Map<string, number>()
  for (const [rank, row] of rows.entries())
    for (const [, place = ''] of (row.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)) {
      const room = roomOf(place)
      if (!ranks.has(room)) ranks.set(room, rank)
    }
  return ranks
}

/** A folder of the package's root, or a file there. */
function roomOf(path: string): string {
  return path.includes('/') ? `${path.split('/', 1)[0]}/` : path
}

const isProduct = (path: string) => /(?<!\.test|\.test-d)\.ts$/.test(path) && !path.split('/').includes('testing')

test.each(['sdk', 'uploader', 'cli'])('no file of %s imports from a room above its own', (name) => {
  const ranks = ranksIn(name)
  const folder = join(root, 'packages', name, 'src')
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(isProduct)
  expect([...new Set(files.map(roomOf))].filter((room) => !ranks.has(room))).toEqual([])
  const rankOf = (path: string) => ranks.get(roomOf(path)) ?? Number.NaN
  const upward = files.flatMap((file) =>
    [...readFileSync(join(folder, file), 'utf8').matchAll(/(?:from|import\() ?'(\.[^']+)\.js'/g)]
      .map(([, path = '']) => join(dirname(file), `${path}.ts`))
      .filter((imported) => isProduct(imported) && rankOf(imported) > rankOf(file))
      .map((imported) => `${file} -> ${imported}`),
  )
  expect(upward).toEqual([])
})
