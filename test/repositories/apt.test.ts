// Repositories for apt as their users see them: the real apt-get, over HTTPS, on real servers.
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { get } from 'node:https'
import { join } from 'node:path'
import { verifyFiles } from '@stagegate/uploader'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { ca } from '../authority.js'
import { listen } from '../listen.js'
import { type Key, yesterdaysKey } from '../tasks/keys.mjs'
import { clientOf, deb, openTree, publish, published, type Settings, sha256Of } from './apt-trees.js'
import { contentOf } from './source.js'
import { type Built, servers, type Trees } from './trees.js'

/** As gpgv and sqv say it. */
const unknownKey = /NO_PUBKEY|Missing key/

let [key, other]: readonly Key[] = []
beforeAll(async () => {
  ;[key, other] = await Promise.all([yesterdaysKey('acme'), yesterdaysKey('acme-next', 'rsa3072')])
})
const theKeys = () => {
  if (key === undefined || other === undefined) throw new Error('Expected keys')
  return [key, other] as const
}

describe.each(servers)('on %s', (_, start) => {
  let trees: Trees
  beforeAll(async () => {
    trees = await start()
  })
  afterAll(() => trees?.stop())

  let places = 0
  /** A tree of its own. */
  function place(settings: Partial<Settings> = {}) {
    const path = `debian-${places++}`
    const all = { path, keys: [theKeys()[0]], ...settings }
    return {
      path,
      url: `${trees.url}/${path}`,
      files: join(trees.files, path),
      settings: all,
      published: (packages: readonly Built[], more: Partial<Settings> = {}, distribution?: string) =>
        published(trees, { ...all, ...more }, packages, distribution),
      client: (...[keys = [theKeys()[0]], options]: Partial<[readonly Key[], Parameters<typeof clientOf>[2]]>) =>
        clientOf(`${trees.url}/${path}`, keys, options),
    }
  }

  test.each(['names', 'digests'] as const)(
    'apt-get finds packages, brings and installs them, and upgrades from the version before; in a pool by %s',
    async (pool) => {
      const tree = place({ pool })
      const before = [deb('acme', '1.0'), deb('acme-doc', '1.0', 'all'), deb('libstdc++', '1:2.0~rc1+b1-3')]
      await tree.published(before)
      const client = tree.client()
      await client.update()
      expect(await client.available()).toEqual(['acme 1.0 amd64', 'acme-doc 1.0 all', 'libstdc++ 1:2.0~rc1+b1-3 amd64'])
      const folder = await client.download('acme', 'acme-doc', 'libstdc++')
      const digests = readdirSync(folder).map((file) => sha256Of(join(folder, file)))
      expect(digests.sort()).toEqual(before.map(({ data }) => contentOf(data).sha256).sort())
      await client.install('acme', 'acme-doc', 'libstdc++')
      expect(await client.installed()).toEqual(['acme 1.0', 'acme-doc 1.0', 'libstdc++ 1:2.0~rc1+b1-3'])
      const content = join(client.folder, 'root/usr/share/acme/content')
      expect(readFileSync(content, 'utf8')).toBe('acme 1.0')

      await tree.published([
        deb('acme', '1.1~rc1'),
        deb('acme', '1.1', 'amd64', { Depends: 'acme-doc (= 1.1)' }),
        deb('acme-doc', '1.1', 'all'),
      ])
      await client.update()
      await client.install('acme')
      expect(await client.installed()).toEqual(['acme 1.1', 'acme-doc 1.1', 'libstdc++ 1:2.0~rc1+b1-3'])
      expect(readFileSync(content, 'utf8')).toBe('acme 1.1')
      // Versions before stay.
      await client.download('acme=1.0', 'acme=1.1~rc1')
    },
  )

  test('a client that reads no index by digest reads it by its plain name, unless there is none', async () => {
    const settings = { 'Acquire::By-Hash': 'no' }
    const [with_, without] = [place(), place({ plainNames: false })]
    for (const tree of [with_, without]) {
      await tree.published([deb('acme')])
      const usual = tree.client()
      await usual.update()
      expect(await usual.available()).toEqual(['acme 1.0 amd64'])
    }
    // The second change moves what the first one brought.
    await with_.published([deb('second')])
    const old = with_.client(undefined, { settings })
    await old.update()
    expect(await old.available()).toEqual(['acme 1.0 amd64', 'second 1.0 amd64'])
    await expect(without.client(undefined, { settings }).update()).rejects.toThrow(/Packages/)
  })

  test('a client that knows Release and Release.gpg alone reads those', async () => {
    const tree = place()
    await tree.published([deb('acme')])
    await tree.published([deb('second')])
    const { url, close } = await listen((request, response) =>
      request.url?.endsWith('/InRelease') ? void response.writeHead(404).end() : pass(`${tree.url}${request.url}`, response),
    )
    onTestFinished(close)
    const client = clientOf(url, [theKeys()[0]])
    await client.update()
    expect(await client.available()).toEqual(['acme 1.0 amd64', 'second 1.0 amd64'])
  })

  test('a client of another architecture has an index from the first, without a warning', async () => {
    const tree = place()
    await tree.published([deb('acme'), deb('acme-doc', '1.0', 'all')])
    const client = tree.client(undefined, { settings: { 'APT::Architecture': 'arm64', 'APT::Architectures': 'arm64' } })
    expect(await client.run('sh', '-c', 'apt-get update 2>&1')).not.toMatch(/^[WEN]:/m)
    expect(await client.available()).toEqual(['acme-doc 1.0 all'])
  })

  test('keys change over: clients with the old one, then with either, then with the new one', async () => {
    const tree = place()
    const [old, next] = theKeys()
    const [early, late] = [tree.client([old]), tree.client([next])]
    await tree.published([deb('first')])
    await early.update()
    // A client of its own: versitygw ignores If-Range, so one that was refused would go on with the rest of another file.
    await expect(tree.client([next]).update()).rejects.toThrow(unknownKey)
    await tree.published([deb('second')], { keys: [old, next] })
    for (const client of [early, late]) {
      await client.update()
      expect(await client.available()).toEqual(['first 1.0 amd64', 'second 1.0 amd64'])
    }
    // As the guide tells clients to get it.
    const keyring = readFileSync(join(tree.files, 'archive-keyring.asc'), 'utf8')
    const guided = tree.client([{ ...old, certificate: keyring }])
    await tree.published([deb('third')], { keys: [next] })
    await guided.update()
    await late.update()
    expect(await late.available()).toEqual(['first 1.0 amd64', 'second 1.0 amd64', 'third 1.0 amd64'])
    await expect(early.update()).rejects.toThrow(unknownKey)
  })

  test('a writer with a key that the suite does not know changes nothing', async () => {
    const tree = place()
    await tree.published([deb('acme')])
    const top = () => readFileSync(join(tree.files, 'dists/stable/InRelease'))
    const before = top()
    const { outcomes } = await publish(trees, { ...tree.settings, keys: [theKeys()[1]] }, [deb('other')])
    expect(outcomes[0]).toMatchObject({ verdict: 'failed', problem: { message: expect.stringMatching(/sign|key/i) } })
    expect(top()).toEqual(before)
  })

  test('two suites of one tree list their own packages', async () => {
    const tree = place()
    await tree.published([deb('acme', '1.0~deb12')], {}, 'debian/bookworm')
    await tree.published([deb('acme', '1.0~deb13')], {}, 'debian/trixie')
    for (const [suite, version] of [
      ['bookworm', '1.0~deb12'],
      ['trixie', '1.0~deb13'],
    ]) {
      const client = tree.client(undefined, { suite })
      await client.update()
      expect(await client.available()).toEqual([`acme ${version} amd64`])
      await client.download('acme')
    }
  })

  test('a client that has read InRelease is not disturbed by a release before its next request', async () => {
    const tree = place()
    await tree.published([deb('acme')])
    const asked: string[] = []
    let publishing: Promise<void> | undefined
    const { url, close } = await listen(async (request, response) => {
      asked.push(request.url ?? '')
      if (request.url?.includes('/binary-amd64/')) {
        publishing ??= tree.published([deb('second')])
        await publishing
      }
      pass(`${tree.url}${request.url}`, response)
    })
    onTestFinished(close)
    const client = clientOf(url, [theKeys()[0]])
    await client.update()
    expect(asked).toEqual(['/dists/stable/InRelease', expect.stringContaining('/by-hash/SHA256/')])
    expect(await client.available()).toEqual(['acme 1.0 amd64'])
    await client.update()
    expect(await client.available()).toEqual(['acme 1.0 amd64', 'second 1.0 amd64'])
    await client.download('acme', 'second')
  })

  test('verify reads what users install, and tells where they would not get it', async () => {
    const tree = place()
    const acme = deb('acme')
    await tree.published([acme])
    await tree.published([deb('second')])
    const expected = { file: acme.file, sha256: contentOf(acme.data).sha256 }
    const at = {
      format: 'deb',
      distribution: 'debian/stable',
      name: 'acme',
      version: '1.0',
      architecture: 'amd64',
      file: acme.file,
    } as const
    const verified = async () => {
      const [found] = await verifyFiles([expected], { repository: openTree(trees, tree.settings), at: () => at, deadline: 0 })
      return found
    }
    expect(await verified()).toMatchObject({ found: 'expected-bytes' })
    const client = tree.client()
    await client.update()
    rmSync(join(tree.files, 'pool/stable/main', acme.file))
    expect(await verified()).toMatchObject({ found: 'index-broken', problem: { code: 'repository/index-broken' } })
    await expect(client.download('acme')).rejects.toThrow('404')
  })
})

/** Passes an answer on, byte by byte. */
function pass(url: string, response: Parameters<Parameters<typeof listen>[0]>[1]): void {
  get(url, { ca }, (answer) => {
    response.writeHead(answer.statusCode ?? 500, answer.headers)
    answer.pipe(response)
  }).once('error', () => response.destroy())
}
