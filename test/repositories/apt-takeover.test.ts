// A suite that another tool wrote goes on: what it lists stays installable for its clients, and ours comes to it.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { verifyFiles } from '@stagegate/uploader'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { temporaryFolder } from '../release/files.js'
import { type Key, yesterdaysKey } from '../tasks/keys.mjs'
import { clientOf, deb, openTree, publish, published, sha256Of } from './apt-trees.js'
import { contentOf } from './source.js'
import { servers, type Trees } from './trees.js'

let [theirs, ours]: readonly Key[] = []
/** gpg's folder with the key of the other tool. Its path is short, as a socket lies in it. */
const home = mkdtempSync(join(tmpdir(), 'sg-'))
beforeAll(async () => {
  ;[theirs, ours] = await Promise.all([yesterdaysKey('aptly', 'rsa3072'), yesterdaysKey('acme')])
  execFileSync('gpg', ['--homedir', home, '--batch', '--quiet', '--import'], { input: theirs?.secret, timeout: 30_000 })
})
afterAll(() => {
  execFileSync('gpgconf', ['--homedir', home, '--kill', 'all'], { timeout: 30_000 })
  rmSync(home, { recursive: true, force: true })
})
const theKeys = () => {
  if (theirs === undefined || ours === undefined) throw new Error('Expected keys')
  return { theirs, ours }
}

const before = [deb('old', '1.0'), deb('old-doc', '1.0', 'all'), deb('libold++', '1:1.0~rc1+b1')]

/** A folder with the packages. */
function incoming(): readonly [folder: string, files: readonly string[]] {
  const folder = temporaryFolder()
  for (const { file, data } of before) writeFileSync(join(folder, file), data)
  return [folder, before.map(({ file }) => join(folder, file))]
}

const run = (command: string, words: readonly string[]) =>
  execFileSync(command, words, { env: { ...process.env, GNUPGHOME: home }, stdio: 'pipe', timeout: 60_000 })

const tools: readonly (readonly [name: string, write: () => string])[] = [
  [
    'aptly',
    () => {
      const [folder] = incoming()
      const rootDir = temporaryFolder()
      const config = join(rootDir, 'aptly.conf')
      writeFileSync(config, JSON.stringify({ rootDir, architectures: ['amd64'], gpgProvider: 'gpg' }))
      const aptly = (...words: readonly string[]) => run('aptly', [`-config=${config}`, ...words])
      aptly('repo', 'create', '-distribution=stable', '-component=main', 'acme')
      aptly('repo', 'add', 'acme', folder)
      aptly('publish', 'repo', '-batch', `-gpg-key=${theKeys().theirs.fingerprint}`, '-origin=Acme', '-label=Acme', 'acme')
      return join(rootDir, 'public')
    },
  ],
  [
    'reprepro',
    () => {
      const [, files] = incoming()
      const folder = temporaryFolder()
      mkdirSync(join(folder, 'conf'))
      const fields = { Codename: 'stable', Suite: 'stable', Origin: 'Acme', Label: 'Acme', Architectures: 'amd64', Components: 'main' }
      const lines = Object.entries({ ...fields, SignWith: theKeys().theirs.fingerprint }).map(([name, value]) => `${name}: ${value}\n`)
      writeFileSync(join(folder, 'conf/distributions'), lines.join(''))
      run('reprepro', ['--basedir', folder, '-S', 'misc', '-P', 'optional', 'includedeb', 'stable', ...files])
      return folder
    },
  ],
]

describe.each(servers)('on %s', (_, start) => {
  let trees: Trees
  beforeAll(async () => {
    trees = await start()
  })
  afterAll(() => trees?.stop())

  test.each(tools)('a suite that %s wrote and signed goes on', async (tool, write) => {
    await trees.bring(write(), tool)
    const { theirs, ours } = theKeys()
    const client = clientOf(`${trees.url}/${tool}`, [theirs])
    await client.update()
    const all = ['libold++ 1:1.0~rc1+b1 amd64', 'old 1.0 amd64', 'old-doc 1.0 all']
    expect(await client.available()).toEqual(all)
    await client.install('old=1.0')

    // Another key alone would take over nothing, nor another label.
    const others = await publish(trees, { path: tool, keys: [ours] }, [deb('new')])
    expect(others.outcomes[0]).toMatchObject({ verdict: 'failed' })
    const relabelled = await publish(trees, { path: tool, keys: [theirs], label: 'Other' }, [deb('new')])
    expect(relabelled.outcomes[0]).toMatchObject({ verdict: 'failed', problem: { code: 'repository/index-fixed' } })
    await client.update()
    expect(await client.available()).toEqual(all)

    await published(trees, { path: tool, keys: [theirs], origin: 'Acme', label: 'Acme' }, [deb('new'), deb('old', '1.1')])
    await client.update()
    expect(await client.available()).toEqual([all[0], 'new 1.0 amd64', 'old 1.1 amd64', all[2]])
    await client.install('old', 'old-doc', 'new', 'libold++')
    expect(await client.installed()).toEqual(['libold++ 1:1.0~rc1+b1', 'new 1.0', 'old 1.1', 'old-doc 1.0'])
    const folder = await client.download('libold++', 'old=1.0')
    expect(sha256Of(join(folder, 'libold++_1%3a1.0~rc1+b1_amd64.deb'))).toBe(contentOf(before[2]?.data ?? Buffer.alloc(0)).sha256)
  })

  test.each(tools)('one that %s wrote goes on with a key of ours, once its certificate is known', async (tool, write) => {
    const path = `${tool}-other-key`
    await trees.bring(write(), path)
    const { theirs, ours } = theKeys()
    const client = clientOf(`${trees.url}/${path}`, [theirs, ours])
    await client.update()
    // One text after the other, as `cat` puts them.
    const certificates = `${theirs.certificate}${ours.certificate}`
    await published(trees, { path, keys: [ours], certificates }, [deb('new')])
    await client.update()
    expect(await client.available()).toHaveLength(4)
    await client.download('old', 'new', 'libold++')
    // Users' own eyes need both certificates, too.
    const repository = openTree(trees, { path, keys: [ours], certificates })
    const [file, coordinates] = ['new_1.0_amd64.deb', { format: 'deb', distribution: 'debian/stable', name: 'new' } as const]
    const expected = { file, sha256: contentOf(deb('new').data).sha256 }
    const at = () => ({ ...coordinates, version: '1.0', architecture: 'amd64', file })
    expect(await verifyFiles([expected], { repository, at, deadline: 0 })).toMatchObject([{ found: 'expected-bytes' }])
  })
})
