// The commands of docs/guide/own-repository.md, run in this order.

import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { aptRepository, release, yumRepository } from '@stagegate/uploader'
import { makeDeb, makeRpm } from '@stagegate/uploader/testing'
import { afterAll, expect, test } from 'vitest'
import { temporaryFolder } from '../release/files.js'

const page = readFileSync(new URL('../../docs/guide/own-repository.md', import.meta.url), 'utf8')
const [key = '', clients = '', another = '', takeApt = '', takeYum = '', clean = ''] = [...page.matchAll(/^```sh\n(.*?)^```/gms)].map(
  ([, commands = '']) => commands,
)

// The agent's socket lies in it, whose path has 107 bytes at most.
const home = mkdtempSync(join(tmpdir(), 'sg-'))
const env = { ...process.env, GNUPGHOME: home, LC_ALL: 'C.UTF-8' }
afterAll(() => {
  execFileSync('gpgconf', ['--kill', 'all'], { env })
  rmSync(home, { recursive: true, force: true })
})

/** A key made as the page says asks for a passphrase, which an empty one answers. */
writeFileSync(join(home, 'gpg.conf'), 'pinentry-mode loopback\npassphrase ""\n')

function run(commands: string, cwd: string): string {
  return execFileSync('bash', ['-e', '-c', commands], { cwd, env, encoding: 'utf8', timeout: 60_000, stdio: 'pipe' })
}

const root = temporaryFolder()
const tree = join(root, 'tree')
mkdirSync(tree)
const text = (name: string) => readFileSync(join(root, name), 'utf8')

/** Publishes a version as a job does. */
async function publish(version: string, keys: readonly string[]) {
  const built = join(root, version)
  const files = {
    [`debian/bookworm/acme_${version}_amd64.deb`]: makeDeb({ name: 'acme', version, architecture: 'amd64' }),
    [`el/9/acme-${version}-1.x86_64.rpm`]: makeRpm({ name: 'acme', version, release: '1', architecture: 'x86_64' }),
  }
  for (const [name, data] of Object.entries(files)) {
    mkdirSync(dirname(join(built, name)), { recursive: true })
    writeFileSync(join(built, name), data)
  }
  const options = { on: tree, signWith: keys.map((name) => ({ value: text(name) })), certificates: text('release-key.asc') }
  const outcomes = [
    ...(
      await release({ name: 'acme', version, from: built, files: ['**/*.deb'], to: { apt: aptRepository({ ...options, path: 'debian' }) } })
    ).outcomes,
    ...(await release({ name: 'acme', version, from: built, files: ['**/*.rpm'], to: { yum: yumRepository({ ...options, path: 'rpm' }) } }))
      .outcomes,
  ]
  return outcomes.map(({ verdict, problem }) => problem?.message ?? verdict)
}

test('the page has the commands that are run here, and those of clients', () => {
  expect(clients).toContain('/debian/archive-keyring.asc')
  expect(clients).toContain('bookworm main')
  expect(page.match(/^```sh$/gm)).toHaveLength(6)
})

test('a key, a release, another key, and releases by both and by the new one', async () => {
  run(key, root)
  expect(await publish('1.0', ['signing-key.asc'])).toEqual(['published', 'published'])
  run(another, root)
  expect(await publish('1.1', ['signing-key.asc', 'signing-key-2.asc'])).toEqual(['published', 'published'])
  expect(await publish('1.2', ['signing-key-2.asc'])).toEqual(['published', 'published'])
})

test('only files that no index names may be deleted', () => {
  const files = () =>
    readdirSync(tree, { recursive: true, encoding: 'utf8' }).filter((name) =>
      /by-hash\/SHA256\/|repodata\/(?:former\/)?[0-9a-f]{64}/.test(name),
    )
  for (const name of files()) utimesSync(join(tree, name), 0, Date.now() / 1000 - 60 * 86_400)
  const listed = run(clean, tree).trim().split('\n')
  // Of the two former states: a packed list for amd64 and three documents of yum each; and the first InRelease and repomd.xml, as the second ones are
  // named by the last. The list of arm64 is as old, and in use.
  expect(listed).toHaveLength(2 * (1 + 3) + 2)
  for (const name of listed) rmSync(join(tree, name))
  expect(files().some((name) => name.includes('binary-arm64'))).toBe(true)
})

test('a repository that was cleaned up goes on', async () => {
  expect(await publish('1.3', ['signing-key-2.asc'])).toEqual(['published', 'published'])
})

test('a suite without InRelease, and what createrepo_c wrote, go on once they are signed', async () => {
  // As another tool leaves them.
  const suite = join(tree, 'debian/dists/bookworm')
  rmSync(join(tree, '.stagegate'), { recursive: true })
  rmSync(join(suite, 'InRelease'))
  rmSync(join(suite, 'by-hash'), { recursive: true })
  rmSync(join(tree, 'rpm/el/9/repodata'), { recursive: true })
  run('createrepo_c --quiet .', join(tree, 'rpm/el/9'))
  const refused = await publish('1.4', ['signing-key-2.asc'])
  expect(refused).toEqual([expect.stringContaining('Release file but no InRelease'), expect.stringContaining('no signature')])
  run(takeApt, suite)
  run(takeYum, join(tree, 'rpm/el/9'))
  expect(await publish('1.4', ['signing-key-2.asc'])).toEqual(['published', 'published'])
  expect(readFileSync(join(suite, 'InRelease'), 'utf8')).toContain('X-Stagegate-Former')
  const amd64 = execFileSync('zcat', [join(suite, 'main/binary-amd64/Packages.gz')], { encoding: 'utf8' })
  expect(amd64.match(/^Version: .*$/gm)).toEqual(['1.0', '1.1', '1.2', '1.3', '1.4'].map((version) => `Version: ${version}`))
})
