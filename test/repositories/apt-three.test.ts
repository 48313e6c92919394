// Repositories for apt as Debian 13 reads them: apt 3, over HTTPS, which has sqv check signatures by a policy of its own.
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { builtAptThree } from '../tasks/apt-three.mjs'
import { type Key, yesterdaysKey } from '../tasks/keys.mjs'
import { type ClientOptions, clientOf, deb, published, sha256Of } from './apt-trees.js'
import { contentOf } from './source.js'
import { startDirectory, type Trees } from './trees.js'

let trees: Trees
let keys: Readonly<Record<'ed25519' | 'rsa' | 'other', Key>>
beforeAll(async () => {
  const [ed25519, rsa, other] = await Promise.all([yesterdaysKey('acme'), yesterdaysKey('acme-rsa', 'rsa3072'), yesterdaysKey('other')])
  keys = { ed25519, rsa, other }
  trees = await startDirectory()
})
afterAll(() => trees?.stop())

let places = 0
/** A tree of its own with one package, signed by a key. */
async function treeOf(name: 'ed25519' | 'rsa') {
  const path = `debian-${places++}`
  const [suite, acme] = [join(trees.files, path, 'dists/stable'), deb('acme')]
  const publish = (...packages: Parameters<typeof published>[2]) => published(trees, { path, keys: [keys[name]] }, packages)
  await publish(acme)
  const client = (trusted: keyof typeof keys = name, options: ClientOptions = {}) =>
    clientOf(`${trees.url}/${path}`, [keys[trusted]], { programs: builtAptThree(), ...options })
  return { suite, acme, publish, client }
}

test('it is apt 3, and no gpgv is where it looks for one', async () => {
  const { client } = await treeOf('ed25519')
  expect(await client().run('apt-get', '--version')).toMatch(/^apt 3\./)
  await expect(client().run('gpgv', '--version')).rejects.toThrow('No such file')
})

test.each(['ed25519', 'rsa'] as const)('it finds packages and brings them, with a key of %s, and sees the next release', async (name) => {
  const { acme, publish, client } = await treeOf(name)
  const user = client()
  // sqv's own warnings, such as that a key will be refused next year, would come here, too.
  expect(await user.run('apt-get', 'update', '--audit')).not.toMatch(/^(W|E|A|N):/m)
  expect(await user.available()).toEqual(['acme 1.0 amd64'])
  expect(sha256Of(join(await user.download('acme'), acme.file))).toBe(contentOf(acme.data).sha256)
  await publish(deb('acme', '1.1'), deb('acme-doc', '1.1', 'all'))
  await user.update()
  expect(await user.available()).toEqual(['acme 1.1 amd64', 'acme-doc 1.1 all'])
  await user.download('acme=1.0', 'acme=1.1', 'acme-doc')
})

test('it reads Release and Release.gpg where there is no InRelease', async () => {
  const { suite, client } = await treeOf('ed25519')
  rmSync(join(suite, 'InRelease'))
  const user = client()
  await user.update()
  expect(await user.available()).toEqual(['acme 1.0 amd64'])
})

const change = (file: string, from: string | RegExp, to: string) => {
  const before = readFileSync(file, 'utf8')
  writeFileSync(file, before.replace(from, to))
  expect(readFileSync(file, 'utf8')).not.toBe(before)
}

test.each<[string, (suite: string) => void, RegExp]>([
  [
    'that nobody signed',
    (suite) => {
      for (const file of ['InRelease', 'Release.gpg']) rmSync(join(suite, file))
    },
    /is not signed/,
  ],
  ['that was changed after it was signed', (suite) => change(join(suite, 'InRelease'), /^Suite: stable/m, 'Suite: stabler'), /manipulated/],
  ['whose date was changed', (suite) => change(join(suite, 'InRelease'), /^Date: \w+/m, 'Date: Xyz'), /manipulated/],
  [
    'whose detached signature is that of another text',
    (suite) => {
      rmSync(join(suite, 'InRelease'))
      change(join(suite, 'Release'), /^Suite: stable/m, 'Suite: stabler')
    },
    /manipulated/,
  ],
  ['with text before the signed one', (suite) => change(join(suite, 'InRelease'), /^/, 'Suite: other\n'), /NOSPLIT/],
  ['whose signature is cut off', (suite) => change(join(suite, 'InRelease'), /-----BEGIN PGP SIGNATURE[\s\S]*/, ''), /Splitting up/],
])('it refuses a tree %s', async (_, spoil, message) => {
  const { suite, client } = await treeOf('ed25519')
  spoil(suite)
  const user = client()
  await expect(user.update()).rejects.toThrow(message)
  expect(await user.available()).toEqual([])
})

test('it refuses a tree that another key signed', async () => {
  const { client } = await treeOf('ed25519')
  await expect(client('other').update()).rejects.toThrow(/Missing key/)
})

test('it refuses a package that was changed', async () => {
  const { acme, suite, client } = await treeOf('ed25519')
  const user = client()
  await user.update()
  const data = Buffer.from(acme.data)
  data[data.length - 1] = (data.at(-1) ?? 0) ^ 1
  writeFileSync(join(suite, '../../pool/stable/main', acme.file), data)
  await expect(user.download('acme')).rejects.toThrow(/Hash Sum mismatch/)
})
