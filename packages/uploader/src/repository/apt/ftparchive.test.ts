import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PackageCoordinates } from '@stagegate/schema'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { inMemory } from '../../package/bytes.js'
import { inspectDeb } from '../../package/deb.js'
import { run } from '../../package/testing/system-tools.js'
import { contentOf } from '../../testing/bytes.js'
import { makeDebOf, makeTar } from '../../testing/packages/index.js'
import { AptLayout } from './layout.js'
import { writePackages } from './packages-file.js'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stagegate-ftparchive-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** It lists these too; clients need SHA256 alone. */
const leftOut = ['md5sum', 'sha1', 'sha512']

/** The stanzas of a Packages file by package, each as its fields in lower case. */
function stanzasOf(packages: string): ReadonlyMap<string, Readonly<Record<string, string>>> {
  const stanzas = packages.split('\n\n').filter((text) => text.trim() !== '')
  return new Map(
    stanzas.map((text) => {
      const fields = text
        .split(/\n(?![ \t])/)
        .filter((line) => line !== '')
        .map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()] as const)
      const all = Object.fromEntries(fields.filter(([name]) => !leftOut.includes(name)))
      return [`${all['filename']}`, all] as const
    }),
  )
}

/** What is listed of these packages, and what apt's own tool for repositories lists. */
async function bothLists(debs: readonly Uint8Array[]) {
  const pool = await mkdtemp(join(folder, 'pool-'))
  const layout = new AptLayout({ path: undefined })
  const entries = await Promise.all(
    debs.map(async (data, number) => {
      const file = `${number}.deb`
      await writeFile(join(pool, file), data)
      const identity = await inspectDeb(inMemory(file, data))
      const at: PackageCoordinates = { ...identity, distribution: 'debian/stable', format: 'deb', file }
      return layout.describe(at, { place: join(pool, file).slice(1) as never, content: contentOf(Buffer.from(data)) }, inMemory(file, data))
    }),
  )
  const ours = writePackages(entries).toString('latin1').replaceAll('Filename: ', 'Filename: /')
  await run('sh', '-c', 'apt-ftparchive packages "$0" > "$1"', pool, join(folder, 'Packages'))
  return { ours: stanzasOf(ours), theirs: stanzasOf(await readFile(join(folder, 'Packages'), 'latin1')) }
}

const debOf = (control: string) => makeDebOf({ control: makeTar([['./control', Buffer.from(control, 'utf8')]]), compression: 'gz' })

const word = fc.stringMatching(/^[a-z][a-z0-9+.-]{1,12}$/)
const version = fc.stringMatching(/^(?:[1-9]:)?[0-9][0-9a-z.+~]{0,8}(?:-[0-9][a-z0-9.+~]{0,4})?$/)
const relation = fc
  .tuple(word, fc.constantFrom('', ':any'), fc.option(fc.tuple(fc.constantFrom('>=', '<<', '='), version)))
  .map(([name, qualifier, bound]) => `${name}${qualifier}${bound === null ? '' : ` (${bound.join(' ')})`}`)
const relations = fc.array(relation, { minLength: 1, maxLength: 4 }).chain((all) => fc.constantFrom(all.join(', '), all.join(',\n ')))
const line = fc.stringMatching(/^[A-Za-z0-9äöü€][ -~äöü€]{0,60}[A-Za-z0-9.]$/)
const description = fc
  .tuple(line, fc.array(fc.oneof(line, fc.constant('.')), { maxLength: 4 }))
  .map(([first, more]) => [first, ...more].join('\n '))
const field = fc.oneof(
  fc.tuple(fc.constantFrom('Depends', 'Pre-Depends', 'Recommends', 'Suggests', 'Breaks', 'Conflicts', 'Replaces', 'Enhances'), relations),
  fc.tuple(fc.constantFrom('Source', 'Section'), word),
  fc.tuple(fc.constantFrom('Priority'), fc.constantFrom('optional', 'important', 'required', 'extra')),
  fc.tuple(fc.constantFrom('Multi-Arch'), fc.constantFrom('foreign', 'allowed', 'no')),
  fc.tuple(fc.constantFrom('Essential', 'Protected'), fc.constantFrom('yes', 'no')),
  fc.tuple(fc.constantFrom('Installed-Size'), fc.nat(1e6).map(String)),
  fc.tuple(fc.constantFrom('Homepage', 'Bugs', 'Built-Using', 'Tag', 'X-Acme', 'license', 'VENDOR'), line),
)
const control = fc
  .record({
    name: word,
    version,
    architecture: fc.constantFrom('amd64', 'all', 'arm64'),
    maintainer: line,
    description,
    fields: fc.uniqueArray(field, { selector: ([name]) => name.toLowerCase(), maxLength: 8 }),
    last: fc.constantFrom('\n', '\n\n'),
  })
  .chain(({ last, ...all }) => {
    const lines = [
      `Package: ${all.name}`,
      `Version: ${all.version}`,
      `Architecture: ${all.architecture}`,
      `Maintainer: ${all.maintainer} <n@example.org>`,
      `Description: ${all.description}`,
      ...all.fields.map(([name, value]) => `${name}: ${value}`),
    ]
    return fc.shuffledSubarray(lines, { minLength: lines.length }).map((shuffled) => `${shuffled.join('\n')}${last}`)
  })

test('the list of 400 packages is that of apt-ftparchive, field by field', { timeout: 120_000 }, async () => {
  const seed = Number(process.env['FC_SEED'] ?? 20261130)
  const controls = fc.sample(control, { seed, numRuns: 400 })
  const { ours, theirs } = await bothLists(controls.map(debOf))
  expect([ours.size, theirs.size], `seed ${seed}`).toEqual([400, 400])
  for (const [file, fields] of theirs)
    expect(ours.get(file), `seed ${seed}: ${controls[Number(/(\d+)\.deb$/.exec(file)?.[1])]}`).toEqual(fields)
})

test('so is that of packages that dpkg-deb built, in each of its ways to pack them', { timeout: 120_000 }, async () => {
  const tree = join(folder, 'tree')
  const text =
    'Package: acme\nVersion: 1:1.2.3-4\nArchitecture: amd64\nMaintainer: Jörg Nobody <n@example.com>\nDescription: made for a test\n of ours\n .\n for all\n'
  await run('mkdir', '-p', join(tree, 'DEBIAN'))
  await writeFile(join(tree, 'DEBIAN/control'), text)
  const debs: Uint8Array[] = []
  for (const compression of ['none', 'gzip', 'xz', 'zstd']) {
    await run('dpkg-deb', '--root-owner-group', `-Z${compression}`, '--build', tree, join(folder, 'built.deb'))
    debs.push(await readFile(join(folder, 'built.deb')))
  }
  const { ours, theirs } = await bothLists(debs)
  expect(ours.size).toBe(4)
  expect(ours).toEqual(theirs)
})
