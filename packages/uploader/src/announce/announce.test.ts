import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { documentText, parseReleaseManifest, sha256 } from '@stagegate/schema'
import { describe, expect, onTestFinished, test } from 'vitest'
import { exitCodeOfError } from '../exit-code.js'
import { parseSha256Sums } from '../file/sha256sums.js'
import { contentOf, memoryRepository, originOf, planOf, sampleBytes, temporaryFolder } from '../testing/fixtures.js'
import { RateLimits } from '../testing/gitlab/rate-limits.js'
import {
  Announcements,
  type AnnouncementsOptions,
  type Artifact,
  commit,
  deb,
  downloads,
  file,
  hello,
  hub,
  image,
} from '../testing/transfer/announcements.js'
import type { ReleasePage } from './page.js'

async function opened(options: AnnouncementsOptions = {}): Promise<Announcements> {
  const gitlab = await Announcements.start(options)
  onTestFinished(() => gitlab.close())
  return gitlab
}

const jammy = deb('ubuntu/jammy', 'hello_1.2.3_amd64.deb')
const noble = deb('ubuntu/noble', 'hello_1.2.3_amd64.deb')
const tarball = file('hello/1.2.3/hello.tar.gz')
const candidate = deb('debian/bookworm', 'hello_1.2.3~rc1+git_amd64.deb')
const hello123 = image('hello', '1.2.3')
const all: readonly Artifact[] = [jammy, noble, tarball, candidate, hello123].map((at) => ({ at }))
const registries = { hub: 'registry.gitlab.com/acme' }
const sums = file('hello-release/1.2.3/SHA256SUMS')
const sealed = file('hello-release/1.2.3/release-manifest.json')
const names = [
  'ubuntu/jammy/hello_1.2.3_amd64.deb',
  'ubuntu/noble/hello_1.2.3_amd64.deb',
  'hello.tar.gz',
  'hello_1.2.3~rc1+git_amd64.deb',
  'registry.gitlab.com/acme/hello:1.2.3',
  'SHA256SUMS',
  'release-manifest.json',
]

/** The bytes of an asset, as a member's job downloads it. */
async function downloaded(gitlab: Announcements, url: string): Promise<Buffer> {
  const answer = await fetch(url, { headers: { 'job-token': gitlab.startJob() } })
  expect(answer.status).toBe(200)
  return Buffer.from(await answer.arrayBuffer())
}

describe('a release', () => {
  test('is announced in one call with everything, and each asset leads to the sealed bytes', async () => {
    const gitlab = await opened()
    const manifest = gitlab.release('1.2.3', all)
    const { announcement, error } = await gitlab.announce(manifest, { notes: '# News\n\nIt is faster.\n', registries })
    expect(error).toBeUndefined()
    expect(announcement).toMatchObject({
      outcome: 'created',
      url: `${gitlab.server.url}/acme/hello/-/releases/v1.2.3`,
      leftOut: [],
    })
    expect(announcement?.assets.map(({ name, type, path }) => [name, type, path])).toEqual([
      [names[0], 'package', '/ubuntu/jammy/hello_1.2.3_amd64.deb'],
      [names[1], 'package', '/ubuntu/noble/hello_1.2.3_amd64.deb'],
      [names[2], 'other', '/hello.tar.gz'],
      [names[3], 'package', undefined],
      [names[4], 'image', undefined],
      ['SHA256SUMS', 'other', '/SHA256SUMS'],
      ['release-manifest.json', 'other', '/release-manifest.json'],
    ])
    expect(announcement).not.toHaveProperty('upcomingUntil')
    for (const { name, url, sha256: digest } of announcement?.assets ?? [])
      expect(contentOf(await (name.includes(':') ? manifestAt(url) : downloaded(gitlab, url))).sha256, name).toBe(digest)
    expect(gitlab.server.requests.filter(({ method }) => method === 'POST')).toHaveLength(1)
    const [entry, ...others] = gitlab.entries('1.2.3')
    expect(others).toEqual([])
    expect(entry).toMatchObject({ name: 'v1.2.3', commit })
    expect(entry?.links.map(({ name, url, directAssetPath, type }) => ({ name, url, path: directAssetPath, type }))).toEqual(
      announcement?.assets.map(({ name, url, path, type }) => ({ name, url, path, type })),
    )
    const digest = manifest.targets.at(-1)?.artifacts[0]?.content.sha256
    expect(entry?.description).toBe(
      [
        '# News',
        '',
        'It is faster.',
        '',
        '### Images',
        '',
        '```text',
        'registry.gitlab.com/acme/hello:1.2.3',
        `registry.gitlab.com/acme/hello@sha256:${digest}`,
        '```',
        '',
      ].join('\n'),
    )
  })

  async function manifestAt(url: string): Promise<Buffer> {
    expect(url).toMatch(/^https:\/\/127\.0\.0\.1:\d+\/v2\/acme\/hello\/manifests\/sha256:[0-9a-f]{64}$/)
    const answer = await fetch(url, { headers: { accept: 'application/vnd.oci.image.manifest.v1+json' } })
    return Buffer.from(await answer.arrayBuffer())
  }

  test('has a manifest that reads as the sealed one, and checksums that sha256sum checks', async () => {
    const gitlab = await opened()
    const manifest = gitlab.release('1.2.3', all)
    const { announcement } = await gitlab.announce(manifest, { registries })
    const byName = new Map(announcement?.assets.map((asset) => [asset.name, asset]))
    const read = (name: string) => downloaded(gitlab, byName.get(name)?.url ?? '')
    const text = (await read('release-manifest.json')).toString()
    expect(text).toBe(documentText(manifest))
    expect(parseReleaseManifest(text, 'the manifest')).toEqual(manifest)
    const list = (await read('SHA256SUMS')).toString()
    const listed = parseSha256Sums(list)
    expect(listed.map(({ file: name }) => name)).toEqual(names.slice(0, 4))
    const folder = await temporaryFolder()
    for (const { file: name } of listed) {
      mkdirSync(dirname(join(folder, name)), { recursive: true })
      writeFileSync(join(folder, name), await read(name))
    }
    writeFileSync(join(folder, 'SHA256SUMS'), list)
    expect(execFileSync('sha256sum', ['--check', '--strict', 'SHA256SUMS'], { cwd: folder, encoding: 'utf8' })).toContain(
      'hello.tar.gz: OK',
    )
  })

  test('that is announced again sends nothing, and changes nothing that people have written', async () => {
    const gitlab = await opened()
    const manifest = gitlab.release('1.2.3', all)
    await gitlab.announce(manifest, { registries, notes: 'News.' })
    gitlab.releases.change(7, 'v1.2.3', { name: 'Theirs', description: 'Theirs.' })
    const before = gitlab.entries('1.2.3')
    const { announcement, asked } = await gitlab.announce(manifest, { registries, notes: 'Other news.' })
    expect(announcement).toMatchObject({ outcome: 'there' })
    expect(asked.filter(({ method }) => method !== 'GET' && method !== 'HEAD')).toEqual([])
    expect(gitlab.entries('1.2.3')).toEqual(before)
  })

  test('is the same whatever order the manifest’s members have', async () => {
    const gitlab = await opened()
    const manifest = gitlab.release('1.2.3', all)
    await gitlab.announce(manifest, { registries })
    // The cast: the members of a document in another order are the same document.
    const shuffled = Object.fromEntries(Object.entries(manifest).reverse()) as typeof manifest
    const { announcement, asked } = await gitlab.announce(shuffled, { registries })
    expect(announcement).toMatchObject({ outcome: 'there' })
    expect(asked.some(({ method }) => method === 'PUT')).toBe(false)
  })

  test('of images alone has the manifest, and no list of checksums', async () => {
    const gitlab = await opened()
    const { announcement } = await gitlab.announce(gitlab.release('1.2.3', [{ at: hello123 }]))
    expect(announcement?.assets.map(({ name }) => name)).toEqual([
      `${new URL(gitlab.registry.url).host}/acme/hello:1.2.3`,
      'release-manifest.json',
    ])
    expect(gitlab.filesAt(sums)).toEqual([])
  })

  test('of files alone has no section of images', async () => {
    const gitlab = await opened()
    await gitlab.announce(gitlab.release('1.2.3', [{ at: tarball }]))
    await gitlab.announce(gitlab.release('1.2.4', [{ at: file('hello/1.2.4/hello.tar.gz') }]), { notes: 'News.\n\n' })
    expect(gitlab.entries('1.2.3')[0]?.description ?? '').toBe('')
    expect(gitlab.entries('1.2.4')[0]?.description).toBe('News.\n')
  })

  test('two of whose tags are one image has one asset for it, and both names for copying', async () => {
    const gitlab = await opened()
    const manifest = gitlab.release('1.2.3', [{ at: hello123 }])
    const [target] = manifest.targets
    if (target === undefined) throw new Error('Expected a target')
    const alpine = { ...target, target: 'alpine', tags: [{ tag: '1.2.3-alpine', moves: false } as const] }
    const stored = gitlab.registry.image('acme/hello')
    stored.tags.set('1.2.3-alpine', stored.tags.get('1.2.3') ?? '')
    const { announcement } = await gitlab.announce({ ...manifest, targets: [target, alpine] }, { registries })
    expect(announcement?.assets.map(({ type }) => type)).toEqual(['image', 'other'])
    expect(gitlab.entries('1.2.3')[0]?.description).toContain('registry.gitlab.com/acme/hello:1.2.3-alpine\n')
  })

  test('says nothing of packages that other repositories have', async () => {
    const gitlab = await opened()
    const elsewhere = { at: noble, destinations: [{ repository: 'packagecloud', advisory: false }] }
    const { announcement } = await gitlab.announce(gitlab.release('1.2.3', [{ at: jammy }, elsewhere]))
    expect(announcement?.assets.map(({ name }) => name)).toEqual([
      jammy.format === 'deb' ? jammy.file : '',
      'SHA256SUMS',
      'release-manifest.json',
    ])
  })

  test('of more than a hundred files is one entry', async () => {
    const gitlab = await opened()
    const many = Array.from({ length: 120 }, (_, index) => ({ at: file(`hello/1.2.3/${index}.txt`) }))
    const { announcement, error } = await gitlab.announce(gitlab.release('1.2.3', many))
    expect(error).toBeUndefined()
    expect(announcement?.assets).toHaveLength(122)
    expect(gitlab.names('1.2.3')).toHaveLength(122)
  })

  test('whose lists have no digest is read', async () => {
    const gitlab = await opened({ packages: { lag: 1000 } })
    const manifest = gitlab.release('1.2.3', [{ at: tarball }])
    expect(await gitlab.announce(manifest)).toMatchObject({ announcement: { outcome: 'created' } })
    gitlab.remove(tarball)
    gitlab.add(tarball, sampleBytes(500, 99))
    expect((await gitlab.announce(manifest)).error).toMatchObject({ code: 'gate/not-as-sealed' })
  })

  test('reports step by step what was looked at, and what was uploaded', async () => {
    const gitlab = await opened()
    const told: string[] = []
    await gitlab.announce(gitlab.release('1.2.3', [{ at: tarball }, { at: hello123 }]), {
      onEvent: (event) =>
        void told.push(event.event === 'verdict' ? `${event.target} ${event.outcome.verdict}` : `${event.target} ${event.event}`),
    })
    expect(told).toEqual(
      expect.arrayContaining(['target 0 observed', 'target 1 observed', 'SHA256SUMS published', 'release-manifest.json published']),
    )
  })
})

describe('a supplement', () => {
  const main: readonly Artifact[] = [{ at: jammy }]
  const late = (gitlab: Announcements) => {
    const { targets, ...manifest } = gitlab.release('1.2.3', [{ at: noble }])
    return { ...manifest, targets: targets.map((target) => ({ ...target, target: 'ubuntu/noble' })), supplements: sha256('5'.repeat(64)) }
  }
  const own = /^(?:SHA256SUMS-ubuntu-noble-[0-9a-f]{8}|release-manifest-ubuntu-noble-[0-9a-f]{8}\.json)$/

  test('completes the entry with names and documents of its own', async () => {
    const gitlab = await opened()
    await gitlab.announce(gitlab.release('1.2.3', main))
    const { announcement, error } = await gitlab.announce(late(gitlab))
    expect(error).toBeUndefined()
    expect(announcement).toMatchObject({ outcome: 'completed' })
    expect(announcement?.assets.map(({ name }) => name)).toEqual([
      'ubuntu/noble/hello_1.2.3_amd64.deb',
      expect.stringMatching(own),
      expect.stringMatching(own),
    ])
    expect(gitlab.names('1.2.3')).toHaveLength(6)
  })

  test('that is announced before its release waits for nothing', async () => {
    const gitlab = await opened()
    expect(await gitlab.announce(late(gitlab))).toMatchObject({ announcement: { outcome: 'created' } })
    expect(await gitlab.announce(gitlab.release('1.2.3', main))).toMatchObject({ announcement: { outcome: 'completed' } })
    expect(gitlab.names('1.2.3')).toHaveLength(6)
  })
})

describe('something that is not public as it was sealed', () => {
  test.each([
    ['a package', jammy, 'hello_1.2.3_amd64.deb for ubuntu/jammy in downloads: it is not there', 'target 0'],
    ['a file', tarball, 'hello/1.2.3/hello.tar.gz in downloads: it is not there', 'target 2'],
  ] as const)('is %s that is missing: nothing is made, and its publish job is named', async (_, at, line, target) => {
    const gitlab = await opened()
    const manifest = gitlab.release('1.2.3', all)
    gitlab.remove(at)
    const { error } = await gitlab.announce(manifest)
    expect(error).toMatchObject({
      code: 'announce/incomplete',
      where: 'the release entry of hello 1.2.3',
      what: expect.stringContaining(line),
      next: `Nothing was announced. Run the publish job of ${target}, then this one again.`,
    })
    expect(exitCodeOfError(error)).toBe(4)
    expectNothing(gitlab)
  })

  test('is an image that is missing, or that another one has taken the tag of', async () => {
    const gitlab = await opened()
    const manifest = gitlab.release('1.2.3', all)
    const stored = gitlab.registry.image('acme/hello')
    const tag = stored.tags.get('1.2.3') ?? ''
    stored.tags.delete('1.2.3')
    const missing = (await gitlab.announce(manifest)).error
    expect(missing).toMatchObject({ code: 'announce/incomplete', what: expect.stringContaining('hello:1.2.3 in hub: it is not there') })
    gitlab.release('1.2.3', [{ at: hello123 }])
    const other = (await gitlab.announce(manifest)).error
    expect(other).toMatchObject({
      name: 'GateError',
      code: 'gate/not-as-sealed',
      what: expect.stringContaining(`but ${tag.slice(7)} is sealed`),
    })
    expect([missing, other].map(exitCodeOfError)).toEqual([4, 3])
    expectNothing(gitlab)
    stored.tags.set('1.2.3', tag)
    expect(await gitlab.announce(manifest)).toMatchObject({ announcement: { outcome: 'created' } })
  })

  test('is more than fits into a message: ten are listed, and the others counted', async () => {
    const gitlab = await opened()
    const many = Array.from({ length: 14 }, (_, index) => file(`hello/1.2.3/${index}.txt`))
    const manifest = gitlab.release(
      '1.2.3',
      many.map((at) => ({ at })),
    )
    for (const at of many.slice(1)) gitlab.remove(at)
    const { error } = await gitlab.announce(manifest)
    const { what = '', next = '' } = Object(error)
    expect(what.match(/: it is not there$/gm)).toHaveLength(10)
    expect(what).toMatch(/\nand 3 more$/)
    expect(next).toContain('target 10, others, then this one again')
  })

  test('is a file with other bytes, whatever is missing beside it', async () => {
    const gitlab = await opened()
    const manifest = gitlab.release('1.2.3', all)
    gitlab.remove(jammy)
    gitlab.remove(tarball)
    gitlab.add(tarball, sampleBytes(500, 99))
    const { error } = await gitlab.announce(manifest)
    expect(error).toMatchObject({
      name: 'GateError',
      code: 'gate/not-as-sealed',
      what: expect.stringMatching(/it is not there\n.*it has the sha256/),
    })
    expect(exitCodeOfError(error)).toBe(3)
    expectNothing(gitlab)
  })

  test('is a second file of one name, which nobody takes by chance', async () => {
    const gitlab = await opened()
    const manifest = gitlab.release('1.2.3', all)
    gitlab.add(tarball, sampleBytes(500, 99))
    const { error } = await gitlab.announce(manifest)
    expect(error).toMatchObject({
      code: 'announce/incomplete',
      final: true,
      what: expect.stringContaining('several different files have this name'),
    })
    expect(exitCodeOfError(error)).toBe(3)
    expectNothing(gitlab)
  })

  test('is a list of checksums that somebody else has put there: a conflict, and nothing is overwritten', async () => {
    const gitlab = await opened()
    const manifest = gitlab.release('1.2.3', all)
    gitlab.add(sums, Buffer.from('theirs'))
    const { error } = await gitlab.announce(manifest)
    expect(error).toMatchObject({
      code: 'gate/not-as-sealed',
      what: expect.stringContaining('hello-release/1.2.3/SHA256SUMS in downloads'),
    })
    expect(exitCodeOfError(error)).toBe(3)
    expect(gitlab.releases.all).toEqual([])
    expect(gitlab.filesAt(sums).map(({ size }) => size)).toEqual([6])
    gitlab.remove(sums)
    expect(await gitlab.announce(manifest)).toMatchObject({ announcement: { outcome: 'created' } })
  })

  test('is unknown while a server has problems: exit code 4, and no entry is made', async () => {
    const gitlab = await opened()
    const manifest = gitlab.release('1.2.3', all)
    gitlab.registry.faults.add({ times: Number.POSITIVE_INFINITY, do: { answer: 503 } })
    const { error } = await gitlab.announce(manifest)
    expect(error).toMatchObject({ code: 'announce/incomplete', what: expect.stringContaining('hello:1.2.3 in hub') })
    expect(exitCodeOfError(error)).toBe(4)
    expectNothing(gitlab)
  })

  function expectNothing(gitlab: Announcements): void {
    expect(gitlab.releases.all).toEqual([])
    expect([...gitlab.filesAt(sums), ...gitlab.filesAt(sealed)]).toEqual([])
  }
})

describe('an advisory destination', () => {
  const advisory = { ...downloads, advisory: true }
  const artifacts: readonly Artifact[] = [
    { at: tarball },
    { at: jammy, destinations: [advisory] },
    { at: hello123, destinations: [{ ...hub, advisory: true }] },
  ]

  test('is left out and reported, and added to the entry once it is there', async () => {
    const gitlab = await opened()
    const manifest = gitlab.release('1.2.3', artifacts)
    const data = manifest.targets[1]?.artifacts[0]?.content
    const [kept] = gitlab.filesAt(jammy)
    gitlab.remove(jammy)
    const stored = gitlab.registry.image('acme/hello')
    const tag = stored.tags.get('1.2.3') ?? ''
    stored.tags.set('1.2.3', stored.add('application/vnd.oci.image.manifest.v1+json', Buffer.from('{"schemaVersion":2}')))
    const first = await gitlab.announce(manifest, { registries })
    expect(first.error).toBeUndefined()
    expect(first.announcement?.assets.map(({ name }) => name)).toEqual(['hello.tar.gz', 'SHA256SUMS', 'release-manifest.json'])
    expect(first.announcement?.leftOut).toEqual([
      { target: 'target 1', coordinates: jammy, destination: advisory, because: 'it is not there' },
      {
        target: 'target 2',
        coordinates: hello123,
        destination: { ...hub, advisory: true },
        because: expect.stringContaining('it has the sha256'),
      },
    ])
    expect(gitlab.entries('1.2.3')[0]?.description ?? '').not.toContain('Images')
    // The list of checksums has it from the beginning, as it follows from the manifest.
    const [list] = gitlab.filesAt(sums)
    expect(list).toBeDefined()
    gitlab.add(jammy, sampleBytes(502, 2))
    expect(contentOf(sampleBytes(502, 2))).toEqual(data)
    expect(kept?.sha256).toBe(data?.sha256)
    stored.tags.set('1.2.3', tag)
    const second = await gitlab.announce(manifest, { registries })
    expect(second.announcement).toMatchObject({ outcome: 'completed', leftOut: [] })
    expect(second.asked.some(({ method }) => method === 'PUT')).toBe(false)
    expect(gitlab.names('1.2.3')).toHaveLength(5)
  })
})

describe('an image that is on no server', () => {
  test('has no asset, and the reason is given; one with a name that people know has its address', async () => {
    const gitlab = await opened()
    const manifest = gitlab.release('1.2.3', [{ at: tarball }, { at: hello123, destinations: [{ repository: 'folder', advisory: false }] }])
    const content = manifest.targets[1]?.artifacts[0]?.content
    if (content === undefined) throw new Error('Expected an image')
    const observe = async () => ({ saw: 'present', ...content, location: 'somewhere' }) as const
    const also = { folder: { ...memoryRepository(), observe } }
    const plain = await gitlab.announce(manifest, { also })
    expect(plain.announcement?.leftOut).toMatchObject([{ target: 'target 1', because: 'it is not on a server, so it has no address' }])
    expect(gitlab.names('1.2.3')).not.toContain('docker.io/acme/hello:1.2.3')
    const named = await gitlab.announce(manifest, { also, registries: { folder: 'docker.io/acme/' } })
    expect(named.announcement?.assets[1]).toMatchObject({
      name: 'docker.io/acme/hello:1.2.3',
      url: `https://registry-1.docker.io/v2/acme/hello/manifests/sha256:${content.sha256}`,
    })
  })
})

describe('the entry', () => {
  test('that people made beforehand keeps its contents, gets missing assets, and is reported as upcoming', async () => {
    const gitlab = await opened()
    const manifest = gitlab.release('1.2.3', all)
    const links = [{ name: 'Changelog', url: 'https://acme.example/changelog' }]
    gitlab.releases.add({
      project: 7,
      tag: 'v1.2.3',
      commit,
      name: 'Theirs',
      description: 'Theirs.',
      releasedAt: '2099-01-01T00:00:00.000Z',
      links,
    })
    const { announcement } = await gitlab.announce(manifest, { registries, notes: 'Ours.' })
    expect(announcement).toMatchObject({ outcome: 'completed', upcomingUntil: '2099-01-01T00:00:00.000Z' })
    expect(gitlab.entries('1.2.3')).toMatchObject([{ name: 'Theirs', description: 'Theirs.', releasedAt: '2099-01-01T00:00:00.000Z' }])
    expect(gitlab.names('1.2.3')).toEqual(['Changelog', ...names])
  })

  test('with an asset of our name that leads elsewhere is for a person to look at', async () => {
    const gitlab = await opened()
    const manifest = gitlab.release('1.2.3', all)
    gitlab.releases.add({ project: 7, tag: 'v1.2.3', commit, links: [{ name: 'SHA256SUMS', url: 'https://acme.example/sums' }] })
    const { error } = await gitlab.announce(manifest)
    expect(error).toMatchObject({ code: 'gate/release-entry', what: expect.stringContaining('https://acme.example/sums') })
    expect(exitCodeOfError(error)).toBe(3)
    expect(gitlab.names('1.2.3')).toEqual(['SHA256SUMS'])
  })

  test('of a tag that is at another commit is for a person to look at', async () => {
    const gitlab = await opened()
    const manifest = gitlab.release('1.2.3', all)
    gitlab.projects.tagsOf(hello).set('v1.2.3', 'd'.repeat(40))
    const { error } = await gitlab.announce(manifest)
    expect(error).toMatchObject({ code: 'gate/release-entry', what: expect.stringContaining('d'.repeat(40)) })
  })

  test.each([
    ['a protected tag', { project: { ...hello, protectedTags: { 'v*': 'maintainer' } } }, 'Settings > Repository > Protected tags'],
    ['an asset', { releases: { pathPattern: /^never$/ } }, 'Correct what GitLab names'],
  ] as const)('that GitLab refuses because of %s is not made, and the message says what to do', async (_, options, next) => {
    const gitlab = await opened(options)
    const { error } = await gitlab.announce(gitlab.release('1.2.3', all))
    expect(error).toMatchObject({ code: 'gate/release-refused', next: expect.stringContaining(next) })
    expect(exitCodeOfError(error)).toBe(3)
    expect(gitlab.releases.all).toEqual([])
  })

  test('of a tag that somebody has deleted is not made, and pushing it again helps', async () => {
    const gitlab = await opened()
    const manifest = gitlab.release('1.2.3', all)
    gitlab.projects.tagsOf(hello).delete('v1.2.3')
    const { error } = await gitlab.announce(manifest)
    expect(error).toMatchObject({ code: 'gate/release-refused', what: expect.stringContaining('the tag v1.2.3 does not exist') })
    gitlab.tag('1.2.3')
    expect(await gitlab.announce(manifest)).toMatchObject({ announcement: { outcome: 'created' } })
  })
})

describe('in another project', () => {
  const elsewhere = { id: 8, path: 'acme/downloads', members: { ada: 'developer' } } as const
  const world = (allowed: readonly ('ADMIN_PACKAGES' | 'ADMIN_RELEASES')[]) =>
    opened({ path: 'acme/downloads', more: [{ ...elsewhere, jobTokens: { 'acme/hello': allowed } }] })

  test('the tag is made where ref says, and its commit is not compared', async () => {
    const gitlab = await world(['ADMIN_PACKAGES', 'ADMIN_RELEASES'])
    const { announcement } = await gitlab.announce(gitlab.release('1.2.3', [{ at: tarball }]), { ref: 'main' })
    expect(announcement).toMatchObject({ outcome: 'created', url: `${gitlab.server.url}/acme/downloads/-/releases/v1.2.3` })
    expect(gitlab.entries('1.2.3')).toMatchObject([{ project: 8, commit: 'a'.repeat(40) }])
  })

  test('without ref the tag must be there', async () => {
    const gitlab = await world(['ADMIN_PACKAGES', 'ADMIN_RELEASES'])
    const { error } = await gitlab.announce(gitlab.release('1.2.3', [{ at: tarball }]))
    expect(error).toMatchObject({
      code: 'gate/release-refused',
      next: expect.stringContaining('set `ref` to the commit or branch for the tag'),
    })
  })

  test('a job whose token lacks a permission gets the permission’s name', async () => {
    const gitlab = await world(['ADMIN_PACKAGES'])
    const { error } = await gitlab.announce(gitlab.release('1.2.3', [{ at: tarball }]), { ref: 'main' })
    expect(error).toMatchObject({ code: 'gate/release-refused', next: expect.stringContaining('ADMIN_RELEASES') })
    expect(gitlab.releases.all).toEqual([])
  })
})

describe('nothing is asked of a server for', () => {
  const page = (api: object): ReleasePage => Object({ project: 'acme/hello', api: { where: String, ...api } })
  test.each<[string, object, object]>([
    [
      'a manifest of another pipeline',
      { origin: originOf(planOf(), { pipeline: 1, ref: { tag: 'v1.2.3' }, commit }) },
      { code: 'gate/manifest' },
    ],
    ['a page of another GitLab', { page: page({ origin: 'https://elsewhere.example' }) }, { code: 'usage/options' }],
    ['no page', { page: undefined }, { code: 'usage/options' }],
    ['a registry that is none', { registries: { hub: 'not a registry' } }, { code: 'usage/options' }],
    ['an empty ref', { ref: '' }, { code: 'usage/options' }],
    ['notes that are no text', { notes: 1 }, { code: 'usage/options' }],
    ['an option that it does not have', { note: 'News.' }, { code: 'usage/options', next: expect.stringContaining('Did you mean notes') }],
    ['a repository that was not given', { repository: 'mirror' }, { code: 'usage/repository' }],
  ])('%s', async (_, options, expected) => {
    const gitlab = await opened()
    const { error } = await gitlab.announce(gitlab.release('1.2.3', all), Object(options))
    expect(error).toMatchObject(expected)
    expect(exitCodeOfError(error)).toBe(Object(expected).code === 'gate/manifest' ? 3 : 2)
    expect(gitlab.server.requests).toEqual([])
  })

  test('a branch, which has no entry', async () => {
    const gitlab = await opened()
    const origin = originOf(planOf(), { ref: { branch: 'main' }, commit })
    const { error } = await gitlab.announce({ ...gitlab.release('1.2.3', all), origin })
    expect(error).toMatchObject({ code: 'usage/no-tag' })
    expect(gitlab.server.requests).toEqual([])
  })

  test('a release of which nothing is there', async () => {
    const gitlab = await opened()
    const { error } = await gitlab.announce(
      gitlab.release('1.2.3', [{ at: tarball, destinations: [{ repository: 'packagecloud', advisory: false }] }]),
    )
    expect(error).toMatchObject({ code: 'usage/nothing' })
    expect(exitCodeOfError(error)).toBe(2)
    expect(gitlab.server.requests).toEqual([])
  })
})

test('a GitLab that limits its rates gets one entry', async () => {
  const gitlab = await opened({ before: [new RateLimits({ allowed: 6, refused: 2, retryAfter: 7 })] })
  const { announcement } = await gitlab.announce(gitlab.release('1.2.3', all), { registries })
  expect(announcement).toMatchObject({ outcome: 'created' })
  expect(gitlab.names('1.2.3')).toEqual(names)
})
