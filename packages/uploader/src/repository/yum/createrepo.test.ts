import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { run } from '../../package/testing/system-tools.js'
import { makeRpm } from '../../testing/packages/index.js'
import { kinds } from './kinds.js'
import { type Metadata, mergePackages, noMetadata, writeDocument } from './metadata.js'
import { buildRpms, createrepo, readAs, specsOf } from './testing/rpm-tools.js'
import { entriesIn, entryIn, readTree, writeTree } from './testing/trees.js'
import type { YumPackage } from './yum-package.js'

const seed = Number(process.env['FC_SEED'] ?? 20261130)
/** How many specs are built: some nine packages for each, and two seconds. */
const specs = Number(process.env['YUM_SPECS'] ?? 13)

/** Packages as they were before UTF-8, without their sources, and with more changes than an index lists. */
const special = [
  Buffer.from(
    'Name: old\nVersion: 1\nRelease: 1\nSummary: caf\xe9 \x93in quotes\x94 & \xfc\nLicense: X\nVendor: \xe9\n%description\nna\xefve\n' +
      '%install\nmkdir -p %{buildroot}/etc; echo x > "%{buildroot}/etc/\xe9 \x80"\n%files\n"/etc/\xe9 \x80"\n' +
      '%changelog\n* Tue Jan 02 2024 J\xf6rg <j@example.com>\n- \xa9\xe9\n',
    'latin1',
  ),
  'Name: closed\n%(touch %{_sourcedir}/none)\nVersion: 1\nRelease: 1\nSummary: without its source\nLicense: X\nSource: none\nNoSource: 0\n%description\nx\n%files\n',
  `Name: changed\nVersion: 1\nRelease: 1\nSummary: x\nLicense: X\n%description\nx\n%files\n%changelog\n${'* Tue Jan 02 2024 A <a@b> \n- x\n\n'.repeat(12)}`,
]

/** rpmbuild takes no spec with control characters, and makes them by a macro. */
const bell =
  "Name: bell\nVersion: 1\nRelease: 1\nSummary: a%(printf '\\007') bell\nLicense: X\n%description\n%(printf '\\033[1m bold \\001\\037\\002')\n%files\n"

let folder = ''
let rpms = ''
let listed: readonly YumPackage[] = []
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stagegate-yum-'))
  rpms = join(folder, 'rpms')
  await mkdir(rpms)
  const made = { name: 'made', version: '1.2~x', release: '1', architecture: 'x86_64' }
  await writeFile(join(rpms, 'made.rpm'), makeRpm(made))
  await writeFile(join(rpms, 'made.src.rpm'), makeRpm({ ...made, source: true, epoch: 3, size: 100 }))
  await buildRpms(rpms, [...specsOf(seed, specs), ...special])
  listed = await entriesIn(rpms)
}, 300_000)
afterAll(() => rm(folder, { recursive: true }))

async function repository(name: string, packages: readonly string[]): Promise<string> {
  const path = join(folder, name)
  await mkdir(path)
  for (const one of packages) await copyFile(join(rpms, one), join(path, one))
  return path
}

const written = (metadata: Metadata) => kinds.map((kind) => writeDocument(metadata, kind).toString())
const byHref = (packages: readonly YumPackage[]) => new Map(packages.map((one) => [one.href, one]))

describe(`packages that rpmbuild built (seed ${seed})`, () => {
  test('are listed as createrepo_c lists them, element for element', async () => {
    await createrepo(rpms, '--no-database')
    const theirs = byHref((await readTree(rpms)).metadata.packages)
    expect(listed.length).toBeGreaterThan(specs * 8)
    expect(theirs.size).toBe(listed.length)
    for (const { elements: ours, ...facts } of listed) {
      const { elements, ...theirFacts } = theirs.get(facts.href) ?? { elements: undefined }
      expect(theirFacts).toEqual(facts)
      for (const kind of kinds) expect(readAs(ours[kind]), facts.href).toEqual(readAs(elements?.[kind] ?? Buffer.of()))
    }
  }, 120_000)

  test('have everything that createrepo_c treats in a way of its own', () => {
    const all = Buffer.concat(listed.flatMap(({ elements }) => [elements.primary, elements.filelists, elements.other])).toString()
    const kindsOfThings = ['pre="1"', '"src"', '"noarch"', '&gt;= ', '"libc.so.6', 'type="ghost"', 'type="dir"', '~', '^', 'epoch="20"']
    const relations = ['provides', 'requires', 'conflicts', 'obsoletes', 'suggests', 'enhances', 'recommends', 'supplements']
    for (const one of [...kindsOfThings, ...relations.map((name) => `<rpm:${name}>`)]) expect(all.includes(one), one).toBe(true)
    const changes = listed.map(({ elements }) => Buffer.from(elements.other).toString().split('<changelog').length - 1)
    expect([Math.min(...changes), Math.max(...changes)]).toEqual([0, 10])
    // Several on one day have a time each.
    expect(/date="\d+[1-9]"/.test(all)).toBe(true)
  })

  test('with control characters in prose are listed without these, where createrepo_c leaves packages out', async () => {
    const path = join(folder, 'bell')
    await buildRpms(path, [bell])
    const ours = await entriesIn(path)
    expect(ours.map(({ href }) => href)).toEqual(['bell-1-1.src.rpm', 'bell-1-1.x86_64.rpm'])
    for (const { elements } of ours) {
      const lines = readAs(elements.primary)
      expect(lines).toContain('"a bell"')
      expect(lines.some((line) => /^"\[1m bold ?"$/.test(line))).toBe(true)
    }
  })

  test('become one document in whatever order they come, and the documents are readable', async () => {
    const { metadata } = mergePackages(noMetadata, listed)
    const documents = written(metadata)
    for (const order of [listed.toReversed(), listed.toSorted((a, b) => (a.checksum.value < b.checksum.value ? -1 : 1))]) {
      const [some, others] = [order.slice(0, 100), order.slice(100)]
      expect(written(mergePackages(mergePackages(noMetadata, some).metadata, others).metadata)).toEqual(documents)
    }
    const tree = join(folder, 'written')
    await writeTree(tree, metadata, 1)
    expect((await readTree(tree)).metadata).toEqual(metadata)
  })
})

describe('an index that createrepo_c wrote', () => {
  test.each([
    ['with gzip', ['--general-compress-type=gz']],
    ['with xz', ['--general-compress-type=xz']],
    ['with its own choice', []],
    ['with sqlite beside it', ['--database']],
    ['without checksums in names', ['--simple-md-filenames']],
    ['with SHA-512', ['--checksum=sha512']],
    ['with tags', ['--distro=cpe:/o:x:1,Some & Thing', '--content=a<b', '--repo=r', '--revision=word']],
    ['with another place', ['--baseurl=https://example.com/é&x/']],
  ])('%s keeps every byte of its packages', async (what, options) => {
    const some = listed.slice(0, 12).map(({ href }) => href)
    const path = await repository(what, some)
    await createrepo(path, ...options)
    const before = await readTree(path)
    expect(before.metadata.packages).toHaveLength(12)
    await writeTree(path, before.metadata, 1, before.repomd)
    const after = await readTree(path)
    expect(byHref(after.metadata.packages)).toEqual(byHref(before.metadata.packages))
    expect(after.repomd.kept).toEqual(before.repomd.kept)
    // createrepo_c reads what it is given, or would list nothing.
    await createrepo(path, '--update', '--skip-stat', ...options)
    expect((await readTree(path)).metadata.packages).toHaveLength(12)
  })

  test('has the bytes of its documents in each package, from tag to tag', async () => {
    const path = await repository(
      'bytes',
      listed.slice(0, 5).map(({ href }) => href),
    )
    await createrepo(path, '--general-compress-type=gz')
    const { repomd, metadata } = await readTree(path)
    for (const kind of kinds) {
      const document = gunzipSync(await readFile(join(path, repomd.documents[kind].href))).toString('latin1')
      const elements = document.match(/<package[ >].*?<\/package>/gs)
      expect(elements).toEqual(metadata.packages.map(({ elements }) => Buffer.from(elements[kind]).toString('latin1')))
    }
  })

  test('gains a package, and createrepo_c agrees with the whole', async () => {
    const [first, ...rest] = listed.slice(20, 40).map(({ href }) => href)
    const path = await repository('gains', rest)
    await createrepo(path)
    await copyFile(join(rpms, first ?? ''), join(path, first ?? ''))
    const { repomd, metadata } = await readTree(path)
    const merged = mergePackages(metadata, [await entryIn(path, first ?? '')])
    expect(merged).toMatchObject({ conflicts: [], present: [] })
    await writeTree(path, merged.metadata, 1, repomd)
    const ours = byHref((await readTree(path)).metadata.packages)
    await createrepo(path)
    const theirs = byHref((await readTree(path)).metadata.packages)
    expect(theirs.size).toBe(20)
    for (const [href, { elements }] of theirs)
      for (const kind of kinds) expect(readAs(ours.get(href)?.elements[kind] ?? Buffer.of())).toEqual(readAs(elements[kind]))
  })

  test('with bzip2 is refused, for nothing here reads that', async () => {
    const path = await repository(
      'bzip2',
      listed.slice(0, 1).map(({ href }) => href),
    )
    await createrepo(path, '--general-compress-type=bz2')
    await expect(readTree(path)).rejects.toMatchObject({
      code: 'repository/index-broken',
      what: expect.stringContaining('not compressed with gzip, xz or zstd'),
    })
  })

  test('with zstd is read', async () => {
    const path = await repository(
      'zstd',
      listed.slice(0, 3).map(({ href }) => href),
    )
    await createrepo(path, '--simple-md-filenames', '--general-compress-type=gz', '--no-database')
    const repomd = await readFile(join(path, 'repodata/repomd.xml'), 'utf8')
    await run('sh', '-c', `cd '${path}/repodata' && gunzip *.xml.gz && zstd -q *.xml`)
    let changed = repomd
    for (const kind of kinds) {
      const [sum = ''] = (await run('sha256sum', join(path, `repodata/${kind}.xml.zst`))).split(' ')
      const size = (await readFile(join(path, `repodata/${kind}.xml.zst`))).length
      changed = changed.replace(
        new RegExp(`(<data type="${kind}">\\s*<checksum type="sha256">)\\w+(.*?${kind}.xml.)gz(.*?<size>)\\d+`, 's'),
        `$1${sum}$2zst$3${size}`,
      )
    }
    await writeFile(join(path, 'repodata/repomd.xml'), changed)
    expect((await readTree(path)).metadata.packages).toHaveLength(3)
  })

  test('of a file in two places keeps both', async () => {
    const [one] = listed
    const path = await repository('twice', [one?.href ?? ''])
    await copyFile(join(path, one?.href ?? ''), join(path, 'copy.rpm'))
    await createrepo(path)
    const { metadata } = await readTree(path)
    expect(metadata.packages.map(({ href }) => href).sort()).toEqual([one?.href, 'copy.rpm'].sort())
    const merged = mergePackages(metadata, one === undefined ? [] : [one])
    expect(merged.present).toHaveLength(1)
    expect(merged.metadata.packages).toHaveLength(2)
  })
})
