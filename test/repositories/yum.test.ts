// Repositories for yum as their users see them: the real dnf and zypper, over HTTPS, on real servers.
import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { verifyFiles } from '@stagegate/uploader'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Dnf } from '../../packages/uploader/src/repository/yum/testing/dnf.js'
import { temporaryFolder } from '../release/files.js'
import { type Key, signatureWith, yesterdaysKey } from '../tasks/keys.mjs'
import { contentOf } from './source.js'
import { type Built, servers, type Trees } from './trees.js'
import { digestsBelow, distribution, openTree, publish, published, rpm, type Settings } from './yum-trees.js'
import { Zypper } from './zypper.js'

let keys: readonly Key[]
beforeAll(async () => {
  keys = await Promise.all([yesterdaysKey('acme'), yesterdaysKey('acme-next', 'rsa3072')])
})
function theKeys(): readonly [Key, Key] {
  const [key, next] = keys
  if (key === undefined || next === undefined) throw new Error('Expected keys')
  return [key, next]
}

const digestsOf = (packages: readonly Built[]) => packages.map(({ data }) => contentOf(data).sha256).sort()

/** The settings of a client that wants the index signed by one of these keys. */
function trusting(trusted: readonly Key[]): Readonly<Record<string, string>> {
  const file = join(temporaryFolder(), 'keys.asc')
  writeFileSync(file, trusted.map(({ certificate }) => certificate).join('\n'))
  return { repo_gpgcheck: '1', gpgkey: `file://${file}` }
}

/** Name, version and architecture of each package that dnf has installed. */
async function installedBy(dnf: Dnf): Promise<readonly string[]> {
  const answer = await dnf.ask('repoquery', '--installed', '--queryformat', '%{name} %{evr} %{arch}')
  return answer.trim().split('\n').sort()
}

/** The size of a package's file, which is another one in each version. */
const sizeIn = (root: string, name: string) => statSync(join(root, 'usr/share', name, 'padding')).size

const before = [rpm('acme', '1.0~rc1-1', 'x86_64', 11), rpm('plus+plus', '2:1.0^git7-1'), rpm('acme-doc', '1.0~rc1-1', 'noarch', 12)]
const after = [rpm('acme', '1.0-1', 'x86_64', 21), rpm('acme-doc', '1.0-1', 'noarch', 22), rpm('acme', '1.0-1', 'aarch64')]

describe.each(servers)('on %s', (_, start) => {
  let trees: Trees
  beforeAll(async () => {
    trees = await start()
  })
  afterAll(() => trees?.stop())

  let places = 0
  /** A repository of its own. */
  function place(more: Partial<Settings> = {}) {
    const path = `rpm-${places++}`
    const settings = { path, keys: theKeys().slice(0, 1), ...more }
    const url = `${trees.url}/${path}/${distribution}/`
    return {
      path,
      files: join(trees.files, path, distribution),
      settings,
      published: (packages: readonly Built[], now: Partial<Settings> = {}) => published(trees, { ...settings, ...now }, packages),
      dnf: (options?: Readonly<Record<string, string>>) => Dnf.in(temporaryFolder(), url, options),
      zypper: (options?: Readonly<Record<string, string>>) => Zypper.in(temporaryFolder(), url, options),
    }
  }

  test.each(['names', 'digests'] as const)(
    'dnf finds packages, brings and installs them, and upgrades from the version before; in a pool by %s',
    async (pool) => {
      const tree = place({ pool })
      await tree.published(before)
      const dnf = await tree.dnf()
      await dnf.ask('makecache')
      const folder = temporaryFolder()
      const names = ['acme', 'plus+plus', 'acme-doc']
      await dnf.ask('install', '--downloadonly', '--downloaddir', folder, ...names)
      expect(digestsBelow(folder)).toEqual(digestsOf(before))
      await dnf.ask('install', ...names)
      expect(await installedBy(dnf)).toEqual(['acme 1.0~rc1-1 x86_64', 'acme-doc 1.0~rc1-1 noarch', 'plus+plus 2:1.0^git7-1 x86_64'])
      await tree.published(after)
      await dnf.ask('upgrade')
      expect(await installedBy(dnf)).toEqual(['acme 1.0-1 x86_64', 'acme-doc 1.0-1 noarch', 'plus+plus 2:1.0^git7-1 x86_64'])
      expect([sizeIn(dnf.root, 'acme'), sizeIn(dnf.root, 'acme-doc')]).toEqual([21, 22])
      // Versions before stay.
      await dnf.ask('downgrade', 'acme-1.0~rc1')
      expect(sizeIn(dnf.root, 'acme')).toBe(11)
    },
  )

  test.each(['names', 'digests'] as const)('zypper installs packages and upgrades them; in a pool by %s', async (pool) => {
    const tree = place({ pool })
    await tree.published(before)
    const zypper = await tree.zypper()
    await zypper.ask('install', 'acme', 'plus+plus', 'acme-doc')
    expect(zypper.downloaded()).toEqual(digestsOf(before))
    await tree.published(after)
    // It looks for a newer index every ten minutes, or when it is told to.
    await zypper.ask('refresh')
    await zypper.ask('update')
    expect(zypper.downloaded()).toEqual(digestsOf([...before, ...after.slice(0, 2)]))
    expect([sizeIn(zypper.root, 'acme'), sizeIn(zypper.root, 'acme-doc')]).toEqual([21, 22])
  })

  test('clients that want a signed index get one, and refuse it with another key, changed, or without a signature', async () => {
    const [key, other] = theKeys()
    const tree = place({ indexSignature: true })
    await tree.published(before)
    await tree.published(after)
    const [dnf, zypper] = [await tree.dnf(trusting([key])), await tree.zypper(trusting([key]))]
    await dnf.ask('install', 'acme')
    await zypper.ask('install', 'acme')
    expect([sizeIn(dnf.root, 'acme'), sizeIn(zypper.root, 'acme')]).toEqual([21, 21])
    await expect((await tree.dnf(trusting([other]))).ask('makecache')).rejects.toThrow('GPG')
    await expect((await tree.zypper(trusting([other]))).ask('refresh')).rejects.toThrow()
    const index = readFileSync(join(tree.files, 'repodata/repomd.xml'))
    writeFileSync(join(tree.files, 'repodata/repomd.xml'), `${index} `)
    await expect((await tree.dnf(trusting([key]))).ask('makecache')).rejects.toThrow('GPG')
    writeFileSync(join(tree.files, 'repodata/repomd.xml'), index)
    rmSync(join(tree.files, 'repodata/repomd.xml.asc'))
    await expect((await tree.dnf(trusting([key]))).ask('makecache')).rejects.toThrow('repomd.xml.asc')
  })

  test('keys change over: dnf with the old one, then with either, then with the new one', async () => {
    const [old, next] = theKeys()
    const tree = place({ indexSignature: true })
    const clientOf = (...trusted: readonly Key[]) => tree.dnf(trusting(trusted))
    const early = await clientOf(old)
    await tree.published([rpm('first')])
    await early.ask('install', 'first')
    await expect((await clientOf(next)).ask('makecache')).rejects.toThrow('GPG')
    await tree.published([rpm('second')], { keys: [old, next] })
    for (const client of [early, await clientOf(next)]) await client.ask('install', 'second')
    await tree.published([rpm('third')], { keys: [next] })
    const late = await clientOf(next)
    await late.ask('install', 'first', 'third')
    expect(await installedBy(late)).toEqual(['first 1.0-1 x86_64', 'third 1.0-1 x86_64'])
    await expect(early.ask('install', 'third')).rejects.toThrow('GPG')
  })

  test('a writer with a key that the repository does not know changes nothing', async () => {
    const tree = place()
    await tree.published(before)
    const top = () => readFileSync(join(tree.files, 'repodata/repomd.xml'))
    const index = top()
    const { outcomes } = await publish(trees, { ...tree.settings, keys: theKeys().slice(1) }, after)
    expect(new Set(outcomes.map(({ verdict }) => verdict))).toEqual(new Set(['failed']))
    expect(outcomes[0]?.problem?.message).toMatch(/sign|key/i)
    expect(top()).toEqual(index)
  })

  test('a repository of createrepo_c’s that was signed once goes on: its clients upgrade across', async () => {
    const [key] = theKeys()
    const tree = place({ indexSignature: true })
    const folder = temporaryFolder()
    for (const { file, data } of before) writeFileSync(join(folder, file), data)
    execFileSync('createrepo_c', ['--quiet', '--database', folder], { timeout: 60_000 })
    const index = join(folder, 'repodata/repomd.xml')
    writeFileSync(`${index}.asc`, await signatureWith(key, readFileSync(index), '--detach-sign'))
    await trees.bring(folder, `${tree.path}/${distribution}`)
    const clients = [await tree.dnf(trusting([key])), await tree.zypper(trusting([key]))]
    for (const client of clients) await client.ask('install', 'acme', 'acme-doc', 'plus+plus')
    await tree.published(after)
    const [dnf, zypper] = clients
    await dnf?.ask('upgrade')
    await zypper?.ask('refresh')
    await zypper?.ask('update')
    for (const { root } of clients) expect([sizeIn(root, 'acme'), sizeIn(root, 'acme-doc')]).toEqual([21, 22])
    // One that comes new finds the packages from before where they lay.
    const fresh = await tree.dnf(trusting([key]))
    await fresh.ask('install', 'plus+plus', 'acme-1.0~rc1')
    expect(await installedBy(fresh)).toEqual(['acme 1.0~rc1-1 x86_64', 'plus+plus 2:1.0^git7-1 x86_64'])
  })

  test('verification reads packages back as users do, and tells what they would not get', async () => {
    const tree = place()
    await tree.published([...before, ...after])
    const all = [...before, ...after].map(({ file, data }) => ({ file, sha256: contentOf(data).sha256 }))
    const at = (file: string) => {
      const [, name = '', version = '', architecture = ''] = /^(.*)-([^-]+-[^-]+)\.(\w+)\.rpm$/.exec(file) ?? []
      const full = name === 'plus+plus' ? `2:${version}` : version
      return { format: 'rpm', distribution, name, version: full, architecture, file } as const
    }
    // As another program, that has the certificates and no key.
    const verified = async () => {
      const found = await verifyFiles(all, { repository: openTree(trees, tree.settings), at, deadline: 0 })
      return Object.fromEntries(found.map(({ file, found, problem }) => [file, problem?.code ?? found]))
    }
    const expected = Object.fromEntries(all.map(({ file }) => [file, 'expected-bytes']))
    expect(await verified()).toEqual(expected)
    const [lost] = before
    rmSync(join(tree.files, 'Packages', lost?.file ?? ''))
    expect(await verified()).toEqual({ ...expected, [lost?.file ?? '']: 'repository/index-broken' })
  })
})
