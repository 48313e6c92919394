import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { tls } from '../../testing/authority.js'
import { type FileServer, startFileServer } from '../../testing/file-server/start.js'
import { mergePackages, noMetadata } from './metadata.js'
import { Dnf } from './testing/dnf.js'
import { buildRpms, createrepo, specsOf } from './testing/rpm-tools.js'
import { entriesIn, entryIn, readTree, writeTree } from './testing/trees.js'

const seed = Number(process.env['FC_SEED'] ?? 20261130)

/** Two that need one another, by a version, by a file of primary and by one that filelists alone has; and the next version of one. */
const product = (version: string) => `Name: acme
Version: ${version}
Release: 1
Summary: a product
License: MIT
BuildArch: noarch
Requires: acme-data >= 1:1, /opt/acme/bin/helper
Requires: /usr/share/acme+data/table
Recommends: nothing-of-it
%description
x
%package data
Summary: its data
Epoch: 1
%description data
x
%install
mkdir -p %{buildroot}/opt/acme/bin %{buildroot}/usr/share/acme+data
echo ${version} > %{buildroot}/opt/acme/bin/acme
echo ${version} > %{buildroot}/opt/acme/bin/helper
echo ${version} > %{buildroot}/usr/share/acme+data/table
%files
/opt/acme/bin/acme
%files data
/opt/acme/bin/helper
/usr/share/acme+data
`

const comps =
  '<comps><group><id>acme-all</id><name>Everything of Acme</name><description>x</description><uservisible>true</uservisible>' +
  '<packagelist><packagereq type="mandatory">acme</packagereq></packagelist></group></comps>'

let folder = ''
let server: FileServer
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stagegate-dnf-'))
  server = await startFileServer({ tls })
  await buildRpms(join(folder, 'random'), specsOf(seed, 12))
  for (const version of ['1', '2~rc1', '2']) await buildRpms(join(folder, version), [product(version)])
}, 300_000)
afterAll(async () => {
  await server.close()
  await rm(folder, { recursive: true })
})

/** Makes the server serve a folder. */
async function serve(path: string, name: string): Promise<string> {
  for (const one of await readdir(path, { recursive: true, withFileTypes: true })) {
    if (!one.isFile()) continue
    const file = join(one.parentPath, one.name)
    server.files.set(`/${name}${file.slice(path.length)}`, await readFile(file))
  }
  return `${server.url}/${name}/`
}

async function folderOf(name: string, ...from: readonly string[]): Promise<string> {
  const path = join(folder, name)
  await mkdir(path, { recursive: true })
  for (const one of from) for (const file of await readdir(join(folder, one))) await copyFile(join(folder, one, file), join(path, file))
  return path
}

const relations = ['provides', 'requires', 'requires_pre', 'conflicts', 'obsoletes', 'recommends', 'suggests', 'supplements', 'enhances']
const facts = ['name', 'evr', 'arch', 'summary', 'description', 'license', 'url', 'packager', 'vendor', 'group', 'sourcerpm', 'buildtime']
const sizes = ['downloadsize', 'installsize']
const questions = [
  ['repoquery', '*', '--queryformat', [...facts, ...sizes, ...relations].map((one) => `${one}: %{${one}}`).join('\n')],
  ['repoquery', '*', '--list'],
  ['repoquery', '*', '--changelog'],
  ['repoquery', '--whatprovides', '/usr/share/many/*'],
  ['repoquery', '--whatprovides', '/etc/*'],
  ['repoquery', '--whatrequires', 'libc.so.6*'],
]

test(`dnf gives the same answers from a tree as from createrepo_c’s (seed ${seed})`, async () => {
  const theirs = await folderOf('theirs', 'random', '1')
  await createrepo(theirs)
  const ours = await folderOf('ours', 'random', '1')
  await writeTree(ours, mergePackages(noMetadata, await entriesIn(ours)).metadata, 1)
  const readers = [
    await Dnf.in(join(folder, 'reader-of-theirs'), await serve(theirs, 'theirs')),
    await Dnf.in(join(folder, 'reader-of-ours'), await serve(ours, 'ours')),
  ] as const
  for (const question of questions) {
    const [expected, answer] = [await readers[0].ask(...question), await readers[1].ask(...question)]
    expect(expected.split('\n').length, question.join(' ')).toBeGreaterThan(2)
    expect(answer).toBe(expected)
  }
}, 300_000)

describe('dnf installs', () => {
  test('what a tree lists, finds a file that filelists alone has, and upgrades when the tree gains a version', async () => {
    const path = await folderOf('grows', '1')
    await writeTree(path, mergePackages(noMetadata, await entriesIn(path)).metadata, 1)
    const dnf = await Dnf.in(join(folder, 'reader-of-grows'), await serve(path, 'grows'))
    await dnf.ask('install', 'acme')
    expect(await readFile(join(dnf.root, 'opt/acme/bin/acme'), 'utf8')).toBe('1\n')
    expect(await readFile(join(dnf.root, 'usr/share/acme+data/table'), 'utf8')).toBe('1\n')
    for (const version of ['2~rc1', '2']) {
      await folderOf('grows', version)
      const { metadata, repomd } = await readTree(path)
      const added = (await entriesIn(path)).filter((one) => one.version === version)
      await writeTree(path, mergePackages(metadata, added).metadata, 1, repomd)
      await serve(path, 'grows')
      await dnf.ask('upgrade')
      expect(await readFile(join(dnf.root, 'opt/acme/bin/acme'), 'utf8')).toBe(`${version}\n`)
    }
    // Nothing vanished.
    expect(
      (await dnf.ask('repoquery', '--showduplicates', 'acme', 'acme-data', '--queryformat', '%{name} %{evr}')).trim().split('\n'),
    ).toEqual(
      ['1-1', '2-1', '2~rc1-1'].flatMap((evr) => [`acme ${evr}`]).concat(['1-1', '2-1', '2~rc1-1'].map((evr) => `acme-data 1:${evr}`)),
    )
  }, 300_000)

  test('what was added to a tree of createrepo_c’s, whose sqlite files are no longer named, and whose groups are', async () => {
    const path = await folderOf('old', '1')
    await writeFile(join(folder, 'comps.xml'), comps)
    await createrepo(path, '--database', '--groupfile', join(folder, 'comps.xml'))
    const { metadata, repomd } = await readTree(path)
    expect(repomd.outdated).toEqual(['primary_db', 'filelists_db', 'other_db'])
    await folderOf('old', '2')
    const added = [await entryIn(path, 'acme-2-1.noarch.rpm'), await entryIn(path, 'acme-data-2-1.noarch.rpm')]
    await writeTree(path, mergePackages(metadata, added).metadata, 1, repomd)
    const dnf = await Dnf.in(join(folder, 'reader-of-old'), await serve(path, 'old'))
    await dnf.ask('install', 'acme')
    expect(await readFile(join(dnf.root, 'opt/acme/bin/acme'), 'utf8')).toBe('2\n')
    expect(await dnf.ask('group', 'list', '--ids')).toContain('Everything of Acme (acme-all)')
    expect((await readTree(path)).repomd.outdated).toEqual([])
  }, 300_000)
})
