import type { ReleaseManifest } from '@stagegate/schema'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { exitCodeOfError } from '../exit-code.js'
import { sampleBytes } from '../testing/fixtures.js'
import { RateLimits } from '../testing/gitlab/rate-limits.js'
import type { Death } from '../testing/image/mortal-client.js'
import type { Fault, Misbehaviour } from '../testing/server/faults.js'
import {
  Announcements,
  type AnnouncementsOptions,
  type Announcing,
  commit,
  deb,
  file,
  hello,
  image,
} from '../testing/transfer/announcements.js'

/*
 * Announcements that die at any request, lose answers, meet each other, and whose token ends. In the end there is one entry with each asset
 * once, no file is there twice, nothing is overwritten, and an entry of ours has never been visible with a part of them.
 */

const registries = { hub: 'registry.gitlab.com/acme' }
let versions = 0

/** Three files and an image of a new version, all public. */
function newRelease(gitlab: Announcements): { readonly version: string; readonly manifest: ReleaseManifest } {
  const version = `1.0.${++versions}`
  const places = [
    deb('ubuntu/jammy', `hello_${version}_amd64.deb`, { version }),
    deb('ubuntu/noble', `hello_${version}~noble_amd64.deb`, { version }),
    file(`hello/${version}/hello.tar.gz`),
    image('hello', version),
  ]
  return {
    version,
    manifest: gitlab.release(
      version,
      places.map((at) => ({ at })),
    ),
  }
}

function namesOf(version: string): readonly string[] {
  return [
    `hello_${version}_amd64.deb`,
    `hello_${version}~noble_amd64.deb`,
    'hello.tar.gz',
    `registry.gitlab.com/acme/hello:${version}`,
    'SHA256SUMS',
    'release-manifest.json',
  ]
}

const documents = (version: string) => ['SHA256SUMS', 'release-manifest.json'].map((name) => file(`hello-release/${version}/${name}`))

/** The whole of what must hold at the end. */
function expectWhole(gitlab: Announcements, version: string, theirs: readonly string[], because: string): void {
  expect(gitlab.entries(version).length, because).toBe(1)
  expect([...gitlab.names(version)].sort(), because).toEqual([...theirs, ...namesOf(version)].sort())
  for (const at of documents(version)) expect(gitlab.filesAt(at).length, because).toBe(1)
}

interface Way extends Pick<AnnouncementsOptions, 'packages'> {
  /** Something is there before. */
  readonly before?: (gitlab: Announcements, version: string, manifest: ReleaseManifest) => Promise<void> | void
  /** The names of assets that people have added. */
  readonly theirs?: readonly string[]
  readonly faults?: readonly Fault[]
  /** The least number of requests of a whole announcement. */
  readonly steps: number
}

const changelog = { name: 'Changelog', url: 'https://acme.example/changelog' }
const lost: Misbehaviour = { commitThenReset: true }
const ways: readonly (readonly [string, Way])[] = [
  ['that is fresh', { steps: 22 }],
  ['that is half made: the documents are there', { steps: 14, before: (gitlab, _, manifest) => killedAtEntry(gitlab, manifest) }],
  [
    'with an entry that people made',
    {
      steps: 26,
      theirs: ['Changelog'],
      before: (gitlab, version) =>
        void gitlab.releases.add({ project: 7, tag: `v${version}`, commit, name: 'Theirs', description: 'Theirs.', links: [changelog] }),
    },
  ],
  ['that was made before', { steps: 12, before: async (gitlab, _, manifest) => void (await gitlab.announce(manifest, { registries })) }],
  ['on a GitLab that lists late', { steps: 24, packages: { lag: 3 } }],
  [
    'whose answers are lost',
    {
      steps: 22,
      faults: [
        { on: { method: 'PUT' }, do: lost },
        { on: { method: 'POST' }, do: lost },
      ],
    },
  ],
]

/** The first run ends when everything but the entry is there. */
async function killedAtEntry(gitlab: Announcements, manifest: ReleaseManifest): Promise<void> {
  const token = gitlab.startJob()
  await gitlab.announce(manifest, {
    registries,
    token,
    hold: async ({ method }) => {
      if (method === 'POST') throw new Error('killed')
    },
  })
  gitlab.jobs.end(token)
}

describe.each(ways)('an announcement %s', (_, { before, theirs = [], faults = [], steps, packages }) => {
  let gitlab: Announcements
  beforeAll(async () => {
    gitlab = await Announcements.start({ packages, isPlain: true })
  })
  afterAll(() => gitlab.close())

  async function begun() {
    gitlab.server.faults.clear()
    const { version, manifest } = newRelease(gitlab)
    await before?.(gitlab, version, manifest)
    return { version, manifest, entry: gitlab.entries(version)[0] }
  }

  async function run(manifest: ReleaseManifest, death?: Death) {
    gitlab.server.faults.add(...faults)
    const ended = await gitlab.announce(manifest, { registries, death })
    gitlab.server.faults.clear()
    return ended
  }

  test('statement 4: that is killed before or after any request, and runs again, ends with one entry that has everything once', async () => {
    const whole = await begun()
    const { error, asked } = await run(whole.manifest)
    expect(error).toBeUndefined()
    expectWhole(gitlab, whole.version, theirs, 'not killed')
    expect(asked.length).toBeGreaterThanOrEqual(steps)
    for (let at = 1; at <= asked.length; at++) {
      for (const when of ['before', 'after'] as const) {
        const { version, manifest, entry } = await begun()
        const because = `killed ${when} request ${at} of ${asked.length}`
        const killed = await run(manifest, { at, when })
        const [seen] = gitlab.entries(version)
        // One that we made is visible whole, or not at all.
        if (entry === undefined && seen !== undefined) expect(seen.links.length, because).toBe(6)
        const there = documents(version).flatMap((place) => gitlab.filesAt(place).map(({ id }) => id))
        const again = await gitlab.announce(manifest, { registries })
        expect(again.error, because).toBeUndefined()
        expectWhole(gitlab, version, theirs, because)
        const ids = documents(version).flatMap((place) => gitlab.filesAt(place).map(({ id }) => id))
        expect(ids, because).toEqual(expect.arrayContaining(there))
        if (entry !== undefined)
          expect(gitlab.entries(version)[0], because).toMatchObject({ name: entry.name, description: entry.description })
        if (killed.announcement === undefined) expect([3, 4], because).toContain(exitCodeOfError(killed.error))
      }
    }
  })
})

test('the points at which announcements are killed are 200 at least', () => {
  expect(ways.reduce((sum, [, { steps }]) => sum + 2 * steps, 0)).toBeGreaterThanOrEqual(200)
})

async function opened(options: AnnouncementsOptions = {}): Promise<Announcements> {
  const gitlab = await Announcements.start(options)
  onTestFinished(() => gitlab.close())
  return gitlab
}

describe('trouble', () => {
  const faults = {
    'a lost answer': lost,
    'a reset': { reset: 'before-body' },
    '500': { answer: 500 },
    '502 after it was done': { commitThenAnswer: 502 },
    '503': { answer: 503 },
    '429 and a time': { answer: 429, headers: { 'retry-after': '7' } },
    'half an answer': { truncateAnswer: 10 },
  } as const satisfies Readonly<Record<string, Misbehaviour>>
  const requests = [
    ['a list of packages', { method: 'GET', path: /packages\?/ }],
    ['a list of files', { method: 'GET', path: /package_files/ }],
    ['an upload', { method: 'PUT' }],
    ['a look at the entry', { method: 'GET', path: /releases/ }],
    ['the entry', { method: 'POST' }],
  ] as const
  const rows = requests.flatMap(([request, on]) => Object.entries(faults).map(([name, fault]) => [name, request, on, fault] as const))

  let gitlab: Announcements
  beforeAll(async () => {
    gitlab = await Announcements.start({ isPlain: true })
  })
  afterAll(() => gitlab.close())

  test.each(rows)(
    '%s to %s, once, is waited out; always, it is exit code 4, and the next run ends well',
    async (name, request, on, fault) => {
      for (const times of [1, Number.POSITIVE_INFINITY]) {
        const { version, manifest } = newRelease(gitlab)
        gitlab.server.faults.add({ on, times, do: fault })
        const { error } = await gitlab.announce(manifest, { registries })
        gitlab.server.faults.clear()
        const because = `${name} to ${request}, ${times} times: ${error}`
        if (times === 1) expect(error, because).toBeUndefined()
        if (error !== undefined) expect(exitCodeOfError(error), because).toBe(4)
        const [seen] = gitlab.entries(version)
        if (seen !== undefined) expect(seen.links.length, because).toBe(6)
        expect((await gitlab.announce(manifest, { registries })).error, because).toBeUndefined()
        expectWhole(gitlab, version, [], because)
      }
    },
  )

  test.each(['front-end', 'endpoint'] as const)('a GitLab that refuses two of six requests (%s) gets one entry', async (by) => {
    const limited = await opened({ before: [new RateLimits({ allowed: 4, refused: 2, retryAfter: 7, by })] })
    const { version, manifest } = newRelease(limited)
    expect((await limited.announce(manifest, { registries })).error).toBeUndefined()
    expectWhole(limited, version, [], by)
  })
})

describe('a job’s token that ends', () => {
  test('at any request leaves the entry whole or unmade, says to run the job again, and the next job ends well', async () => {
    const gitlab = await opened({})
    const first = newRelease(gitlab)
    const { asked } = await gitlab.announce(first.manifest, { registries })
    for (let at = 2; at <= asked.length; at += 2) {
      const { version, manifest } = newRelease(gitlab)
      const token = gitlab.startJob()
      let requests = 0
      const hold: Announcing['hold'] = async () => {
        if (++requests === at) gitlab.jobs.end(token)
      }
      const { error } = await gitlab.announce(manifest, { registries, token, hold })
      const because = `ended at request ${at} of ${asked.length}: ${error}`
      if (error !== undefined) {
        expect(String(error), because).toMatch(/the job has ended|A job’s token is valid only while the job runs/)
        expect(String(error), because).toMatch(/Run the job again/)
      }
      const [seen] = gitlab.entries(version)
      if (seen !== undefined) expect(seen.links.length, because).toBe(6)
      expect((await gitlab.announce(manifest, { registries })).error, because).toBeUndefined()
      expectWhole(gitlab, version, [], because)
    }
  })

  test('after it was known is exit code 4', async () => {
    const gitlab = await opened()
    const { manifest } = newRelease(gitlab)
    const token = gitlab.startJob()
    const hold: Announcing['hold'] = async ({ method }) => {
      if (method === 'PUT' || method === 'POST') gitlab.jobs.end(token)
    }
    const { error } = await gitlab.announce(manifest, { registries, token, hold })
    expect(exitCodeOfError(error)).toBe(4)
  })
})

describe('two announcements at once', () => {
  const settings = [
    ['adds a second file', {}],
    ['refuses a second file', { duplicates: 'refused' }],
    ['answers 500 to the second that creates a package', { raceWith500: true }],
    ['lists late', { lag: 2 }],
  ] as const satisfies readonly (readonly [string, AnnouncementsOptions['packages']])[]

  test.each(settings)('both end well where GitLab %s, one held before any request until the other has ended', async (_, packages) => {
    const gitlab = await opened({ packages })
    const counted = newRelease(gitlab)
    const { asked } = await gitlab.announce(counted.manifest, { registries })
    for (const held of [0, 1, ...asked.flatMap(({ method }, index) => (method === 'GET' ? [] : [index + 1])), asked.length]) {
      const { version, manifest } = newRelease(gitlab)
      const token = gitlab.startJob()
      let other: ReturnType<Announcements['announce']> | undefined
      const begin = () => {
        other ??= gitlab.announce(manifest, { registries, token })
        return other
      }
      let requests = 0
      const hold: Announcing['hold'] = async () => {
        if (++requests === held) await begin()
      }
      const both = await Promise.all([gitlab.announce(manifest, { registries, hold }), ...(held === 0 ? [begin()] : [])])
      const outcomes = [...both, await begin()]
      for (const { error } of outcomes) expect(error, `held before request ${held}`).toBeUndefined()
      expect(gitlab.entries(version)).toHaveLength(1)
      expect([...gitlab.names(version)].sort()).toEqual([...namesOf(version)].sort())
      // Of two uploads at one time GitLab keeps both; they are the same bytes, and so count as one.
      for (const at of documents(version)) expect(new Set(gitlab.filesAt(at).map(({ sha256 }) => sha256)).size).toBe(1)
      expect(await gitlab.announce(manifest, { registries })).toMatchObject({ announcement: { outcome: 'there' } })
    }
  })
})

describe('people who come in between', () => {
  const tarball = (version: string) => file(`hello/${version}/hello.tar.gz`)

  test('delete a file: that is reported, no entry is made, and after its publish job one is', async () => {
    const gitlab = await opened()
    const { version, manifest } = newRelease(gitlab)
    const content = gitlab.filesAt(tarball(version))[0]
    await killedAtEntry(gitlab, manifest)
    gitlab.remove(tarball(version))
    const { error } = await gitlab.announce(manifest, { registries })
    expect(error).toMatchObject({ code: 'announce/incomplete', next: expect.stringContaining('Run the publish job of target 2') })
    expect(gitlab.releases.all).toEqual([])
    // The seed of its bytes: the third artifact of the only release.
    gitlab.add(tarball(version), sampleBytes(503, 3))
    expect(gitlab.filesAt(tarball(version))[0]?.sha256).toBe(content?.sha256)
    expect((await gitlab.announce(manifest, { registries })).error).toBeUndefined()
    expectWhole(gitlab, version, [], 'deleted')
  })

  test('delete the documents: they are sent again, and the entry stays', async () => {
    const gitlab = await opened()
    const { version, manifest } = newRelease(gitlab)
    await gitlab.announce(manifest, { registries })
    const before = gitlab.entries(version)
    for (const at of documents(version)) gitlab.remove(at)
    expect(await gitlab.announce(manifest, { registries })).toMatchObject({ announcement: { outcome: 'there' } })
    expectWhole(gitlab, version, [], 'deleted')
    expect(gitlab.entries(version)).toEqual(before)
  })

  test('delete the entry right after it is made: that is reported, and the next run makes it again', async () => {
    const gitlab = await opened()
    const { version, manifest } = newRelease(gitlab)
    let isMade = false
    const { error } = await gitlab.announce(manifest, {
      registries,
      hold: async ({ method, path }) => {
        if (isMade && path.includes('/releases/')) gitlab.releases.delete(7, `v${version}`)
        isMade ||= method === 'POST'
      },
    })
    expect(error).toMatchObject({ code: 'gate/release-entry', what: 'GitLab accepted an asset but does not list it' })
    expect((await gitlab.announce(manifest, { registries })).error).toBeUndefined()
    expectWhole(gitlab, version, [], 'deleted')
  })

  test.each(['SHA256SUMS', 'hello.tar.gz'] as const)(
    'add a second %s, before or after ours: nobody takes either, and nothing is overwritten',
    async (name) => {
      const gitlab = await opened()
      for (const isFirst of [true, false]) {
        const { version, manifest } = newRelease(gitlab)
        const at = name === 'hello.tar.gz' ? tarball(version) : file(`hello-release/${version}/${name}`)
        if (!isFirst) await killedAtEntry(gitlab, manifest)
        gitlab.add(at, Buffer.from('theirs'))
        const rows = gitlab.filesAt(at)
        const { error } = await gitlab.announce(manifest, { registries })
        expect(exitCodeOfError(error)).toBe(3)
        expect(gitlab.entries(version)).toEqual([])
        expect(gitlab.filesAt(at)).toEqual(rows)
      }
    },
  )

  test('make the entry while ours is on its way: it keeps its contents, and gets missing assets', async () => {
    const gitlab = await opened()
    const { version, manifest } = newRelease(gitlab)
    let isMade = false
    const { announcement } = await gitlab.announce(manifest, {
      registries,
      hold: async ({ method }) => {
        if (method !== 'POST' || isMade) return
        isMade = true
        gitlab.releases.add({ project: hello.id, tag: `v${version}`, commit, name: 'Theirs', links: [changelog] })
      },
    })
    expect(announcement).toMatchObject({ outcome: 'completed' })
    expect(gitlab.entries(version)[0]).toMatchObject({ name: 'Theirs' })
    expectWhole(gitlab, version, ['Changelog'], 'made')
  })
})
