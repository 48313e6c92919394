import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { instant } from '@stagegate/schema'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readDigest } from '../../contract/read-digest.js'
import { soon } from '../../testing/fixtures.js'
import { MemoryFiles } from '../../testing/memory-store.js'
import { virtualClock } from '../../testing/virtual-clock.js'
import { openYum, rpm, signing } from '../indexed/testing/trees.js'
import { bytesOf, listed, type MemoryTree, published, publishInto, top, write } from './testing/memory-tree.js'
import { createrepo } from './testing/rpm-tools.js'

const old = [rpm('acme', '0.9-1'), rpm('plus+plus', '2:1.0~rc1-1'), rpm('acme-doc', '0.9-1', 'noarch')]
const comps = '<comps><group><id>all</id><name>All of it</name><description>x</description></group></comps>'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stagegate-takeover-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** A tree that createrepo_c wrote, with these packages in its root, as scripts keep it. */
async function oldTree(...options: readonly string[]): Promise<MemoryTree> {
  const path = await mkdtemp(join(folder, 'tree-'))
  for (const { at, data } of old) await writeFile(join(path, at.file), data)
  await createrepo(path, ...options)
  const files = new MemoryFiles()
  for (const one of await readdir(path, { recursive: true, withFileTypes: true })) {
    if (!one.isFile()) continue
    const file = join(one.parentPath, one.name)
    write(files, `el/9/${file.slice(path.length + 1)}`, await readFile(file))
  }
  // createrepo_c dates it by the clock of the machine.
  const clock = virtualClock(instant(Date.now() + 60_000))
  return { files, clock }
}

/** Signs it as a person does once with gpg. */
async function sign({ files }: MemoryTree) {
  write(files, `${top}.asc`, await signing.detached(bytesOf(files, top) ?? Buffer.of(), instant(0)))
}

const names = ['acme 0.9-1 x86_64', 'acme-doc 0.9-1 noarch', 'plus+plus 2:1.0~rc1-1 x86_64']

describe('a repository that createrepo_c wrote', () => {
  test('is not taken over before somebody has signed it', async () => {
    const tree = await oldTree()
    const before = new Map(tree.files.files)
    const [outcome] = await publishInto(tree, [rpm('acme')])
    expect(outcome).toEqual(['failed', 'repository/index-unsigned', expect.stringContaining('no signature')])
    for (const [path, file] of before) expect(tree.files.files.get(path), path).toBe(file)
  })

  test.each([
    ['as it does today', []],
    ['with sqlite beside it', ['--database']],
    ['with xz', ['--general-compress-type=xz']],
    ['under plain names', ['--simple-md-filenames', '--general-compress-type=gz']],
  ])('%s and that was signed gains a package: all that it listed is there, and its signature is in step', async (_, options) => {
    const tree = await oldTree(...options)
    await sign(tree)
    const before = new Map(tree.files.files)
    expect(await publishInto(tree, [rpm('acme')])).toEqual(published)
    expect(listed(tree.files)).toEqual(['acme 0.9-1 x86_64', 'acme 1.0-1 x86_64', ...names.slice(1)])
    expect(bytesOf(tree.files, `${top}.asc`)?.toString()).toBe(await signing.detached(bytesOf(tree.files, top) ?? Buffer.of(), instant(0)))
    // A client that has read the old index still gets what that names.
    for (const [path, file] of before) if (path !== top && path !== `${top}.asc`) expect(tree.files.files.get(path), path).toBe(file)
    expect(bytesOf(tree.files, top)?.toString()).not.toContain('_db"')
  })

  test('keeps its groups', async () => {
    const groups = join(folder, 'comps.xml')
    await writeFile(groups, comps)
    const tree = await oldTree('--groupfile', groups)
    await sign(tree)
    await publishInto(tree, [rpm('acme')])
    expect(bytesOf(tree.files, top)?.toString()).toContain('<data type="group">')
  })

  test('keeps already published packages in their places, and conflicts with different files under their names', async () => {
    const tree = await oldTree('--no-database')
    await sign(tree)
    expect((await publishInto(tree, old)).map(([verdict]) => verdict)).toEqual(['already-public', 'already-public', 'already-public'])
    expect((await publishInto(tree, [rpm('acme', '0.9-1', 'x86_64', 100)])).map(([verdict]) => verdict)).toEqual(['conflict'])
    const stream = await openYum(tree.files, tree.clock).served(rpm('acme', '0.9-1').at, soon())
    expect(stream && (await readDigest(stream)).size).toBe(old[0]?.data.length)
    expect(listed(tree.files)).toEqual(names)
  })

  test('with SHA-512 gains packages, and says of the old ones that they cannot be compared', async () => {
    const tree = await oldTree('--checksum=sha512')
    await sign(tree)
    expect(await publishInto(tree, [rpm('acme')])).toEqual(published)
    const [outcome] = await publishInto(tree, [rpm('acme', '0.9-1')])
    expect(outcome?.[0]).toMatch(/failed|undetermined/)
    expect(outcome?.[2]).toContain('sha512')
  })
})
