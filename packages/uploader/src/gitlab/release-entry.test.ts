import { describe, expect, onTestFinished, test } from 'vitest'
import { exitCodeOfError } from '../exit-code.js'
import { createEnvironment } from '../repository/environment.js'
import { tls } from '../testing/authority.js'
import { virtualClock } from '../testing/fixtures.js'
import { Jobs } from '../testing/gitlab/jobs.js'
import type { Project } from '../testing/gitlab/project.js'
import { Projects } from '../testing/gitlab/projects.js'
import { Releases, type ReleasesOptions } from '../testing/gitlab/releases.js'
import { startGitlab } from '../testing/gitlab/start.js'
import { GitlabApi } from './gitlab-api.js'
import { ensureReleaseEntry, type ReleaseEntry } from './release-entry.js'

const commit = 'c'.repeat(40)
const hello: Project = { id: 7, path: 'acme/hello', members: { ada: 'developer', reader: 'reporter' }, tags: { 'v1.2.3': commit } }
const package_ = {
  name: 'hello_1.2.3~rc1+git_amd64.deb',
  url: 'https://gitlab.example/hello.deb',
  type: 'package',
  path: '/packages/hello.deb',
} as const
const image = { name: 'hello:1.2.3', url: 'https://registry.example/hello', type: 'image' } as const
const sums = { name: 'SHA256SUMS', url: 'https://gitlab.example/SHA256SUMS' } as const
const entry: ReleaseEntry = { tag: 'v1.2.3', commit, name: 'Hello 1.2.3', description: 'News.', assets: [package_, image, sums] }

interface World extends Partial<ReleasesOptions> {
  readonly user?: string
  readonly project?: Project
  /** Further projects. */
  readonly more?: readonly Project[]
}

async function world({ user = 'ada', project = hello, more = [], ...options }: World = {}) {
  const jobs = new Jobs()
  const projects = new Projects({ jobs, projects: [project, ...more] })
  const releases = new Releases({ projects, ...options })
  const server = await startGitlab([jobs, releases, projects], { tls, root: '/code' })
  onTestFinished(async () => {
    await server.close()
    expect(server.violations).toEqual([])
  })
  const token = jobs.start({ name: 'publish', ref: { tag: 'v1.2.3' }, pipeline: 100, commit, project: { id: 7, path: hello.path }, user })
  const clock = virtualClock()
  const environment = createEnvironment({ variables: { CI_JOB_TOKEN: token }, clock })
  const api = new GitlabApi({ url: server.url }, environment)
  const ensureIn = (path: string, { commit: at, ...parts }: Partial<ReleaseEntry> = {}) =>
    ensureReleaseEntry({ ...entry, ...parts, commit: at }, { api, project: path, clock, random: () => 0 })
  const ensure = (parts: Partial<ReleaseEntry> = {}) => ensureIn('acme/hello', { commit, ...parts })
  const show = async () => {
    const answer = await fetch(`${server.url}/api/v4/projects/7/releases/v1.2.3`, { headers: { 'job-token': token } })
    return answer.status === 200 ? answer.json() : undefined
  }
  const links = () => releases.all.flatMap((one) => one.links.map(({ name }) => name)).sort()
  const posts = () => server.requests.filter(({ method }) => method === 'POST').map(({ path }) => path)
  return { jobs, token, projects, releases, server, ensure, ensureIn, show, links, posts, clock }
}
const names = [package_.name, image.name, sums.name].sort()

test('a new entry is made in one call, with everything', async () => {
  const { ensure, show, links, posts, server } = await world()
  expect(await ensure()).toEqual({ outcome: 'created', url: `${server.url}/acme/hello/-/releases/v1.2.3` })
  expect(posts()).toEqual(['/code/api/v4/projects/acme%2Fhello/releases'])
  expect(links()).toEqual(names)
  expect(await show()).toMatchObject({
    name: 'Hello 1.2.3',
    description: 'News.',
    assets: {
      links: expect.arrayContaining([
        expect.objectContaining({
          ...{ name: package_.name, url: package_.url, link_type: 'package' },
          direct_asset_url: `${server.url}/acme/hello/-/releases/v1.2.3/downloads/packages/hello.deb`,
        }),
      ]),
    },
  })
})

test('one that has everything stays as it is, with what people wrote', async () => {
  const { ensure, show, posts } = await world()
  await ensure()
  const before = await show()
  expect(await ensure({ name: 'Another', description: 'Other news.' })).toMatchObject({ outcome: 'there' })
  expect(await show()).toEqual(before)
  expect(posts()).toHaveLength(1)
})

test('one that lacks assets gets them, and keeps its own', async () => {
  const { ensure, links } = await world()
  await ensure({ assets: [{ name: 'theirs', url: 'https://elsewhere.example/theirs' }, image] })
  expect(await ensure()).toMatchObject({ outcome: 'completed' })
  expect(links()).toEqual([...names, 'theirs'].sort())
})

test.each([
  ['another address', { ...image, url: 'https://registry.example/other' }],
  ['another name at its address', { ...image, name: 'other' }],
  ['another type', { ...image, type: 'other' }],
  ['another path', { ...package_, path: '/packages/other.deb' }],
] as const)('an asset with %s is for a person to look at, and nothing is changed', async (_, asset) => {
  const { ensure, show } = await world()
  await ensure({ assets: [asset] })
  const before = await show()
  await expect(ensure()).rejects.toMatchObject({
    name: 'GateError',
    code: 'gate/release-entry',
    where: 'the release v1.2.3 of the project acme/hello',
  })
  expect(await show()).toEqual(before)
})

test('a tag at another commit is for a person to look at', async () => {
  const { ensure } = await world()
  await ensure()
  await expect(ensure({ commit: 'd'.repeat(40) })).rejects.toMatchObject({ code: 'gate/release-entry' })
})

describe('in another project', () => {
  const downloads: Project = {
    id: 8,
    path: 'acme/downloads',
    members: { ada: 'developer' },
    jobTokens: { 'acme/hello': ['ADMIN_RELEASES'] },
  }

  test('the tag is made at the ref where it is not there, and its commit is not compared', async () => {
    const { ensureIn, releases, projects } = await world({ more: [downloads] })
    expect(await ensureIn('acme/downloads', { ref: 'main' })).toMatchObject({ outcome: 'created' })
    expect(releases.all).toMatchObject([{ project: 8, tag: 'v1.2.3', commit: 'a'.repeat(40) }])
    expect(projects.tagsOf(downloads).get('v1.2.3')).toBe('a'.repeat(40))
    expect(await ensureIn('acme/downloads', { ref: 'main' })).toMatchObject({ outcome: 'there' })
  })

  test('a ref that is not there is refused by its name', async () => {
    const { ensureIn } = await world({ more: [downloads] })
    await expect(ensureIn('acme/downloads', { ref: 'nowhere' })).rejects.toMatchObject({
      code: 'gate/release-refused',
      what: expect.stringContaining('Target nowhere is invalid'),
    })
  })
})

describe('an entry that people made beforehand', () => {
  const theirs = { project: 7, tag: 'v1.2.3', commit, name: 'Theirs', description: 'Their news.' }

  test('keeps its name, its description and its date, and is reported as upcoming', async () => {
    const { ensure, releases, show } = await world({ now: () => '2026-01-31T12:00:00.000Z' })
    releases.add({ ...theirs, releasedAt: '2026-03-01T10:00:00.000+02:00' })
    const upcoming = { upcomingUntil: '2026-03-01T08:00:00.000Z' }
    expect(await ensure()).toMatchObject({ outcome: 'completed', ...upcoming })
    expect(await show()).toMatchObject({ name: 'Theirs', description: 'Their news.', released_at: '2026-03-01T10:00:00.000+02:00' })
    expect(await ensure()).toMatchObject({ outcome: 'there', ...upcoming })
    releases.change(7, 'v1.2.3', { releasedAt: '2026-01-01T08:00:00.000Z' })
    expect(await ensure()).not.toHaveProperty('upcomingUntil')
  })

  test('without dates, as an older version shows it, is no upcoming one', async () => {
    const { ensure, server, show } = await world()
    await ensure()
    const { released_at: _, upcoming_release: __, ...old } = Object(await show())
    server.faults.add({ on: { method: 'GET' }, times: Number.POSITIVE_INFINITY, do: { answer: 200, body: old } })
    expect(await ensure()).toEqual({ outcome: 'there', url: `${server.url}/acme/hello/-/releases/v1.2.3` })
  })
})

describe('many assets', () => {
  const many = Array.from({ length: 250 }, (_, index) => ({ name: `asset ${index}`, url: `https://gitlab.example/${index}` }))

  test('are made in one call, and read back in one answer', async () => {
    const { ensure, links, server } = await world()
    expect(await ensure({ assets: many })).toMatchObject({ outcome: 'created' })
    expect(links()).toHaveLength(250)
    expect(server.requests).toHaveLength(3)
  })

  test('that the entry’s own answer leaves out are found on their list, page by page, and not added again', async () => {
    const { ensure, links, server, show, posts } = await world()
    await ensure({ assets: many })
    const { assets, ...rest } = Object(await show())
    const short = { ...rest, assets: { ...assets, links: assets.links.slice(0, 20) } }
    server.faults.add({
      on: { method: 'GET', path: /releases\/v1\.2\.3$/ },
      times: Number.POSITIVE_INFINITY,
      do: { answer: 200, body: short },
    })
    expect(await ensure({ assets: many })).toMatchObject({ outcome: 'there' })
    expect(links()).toHaveLength(250)
    expect(posts()).toHaveLength(1)
    expect(server.requests.filter(({ path }) => path.includes('/assets/links'))).toHaveLength(3)
  })

  test('that an entry lacks are added one by one, each with its own patience', async () => {
    const { ensure, links, server, clock } = await world()
    await ensure({ assets: many.slice(0, 150) })
    // More trouble than one request would wait for, spread over many.
    for (let after = 0; after < 100; after += 10)
      server.faults.add({ on: { method: 'POST', path: /assets/ }, after, do: { answer: 429, headers: { 'retry-after': '20' } } })
    expect(await ensure({ assets: many })).toMatchObject({ outcome: 'completed' })
    expect(links()).toEqual(many.map(({ name }) => name).sort())
    expect(clock.waits.length).toBeGreaterThanOrEqual(10)
  })
})

describe('trouble', () => {
  test.each([
    ['an answer that is lost after it was made', { commitThenReset: true }],
    ['a 502 after it was made', { commitThenAnswer: 502 }],
    ['a 502 before it was made', { answer: 502 }],
    ['too many requests', { answer: 429, headers: { 'retry-after': '3' } }],
  ] as const)('%s is waited out: one entry, with everything', async (_, fault) => {
    const { ensure, links, server } = await world()
    server.faults.add({ on: { method: 'POST' }, do: fault })
    await ensure()
    expect(links()).toEqual(names)
  })

  test('two jobs at once make one entry', async () => {
    const { ensure, links } = await world()
    const outcomes = await Promise.all([ensure(), ensure(), ensure()])
    expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual(['created', 'there', 'there'])
    expect(links()).toEqual(names)
  })

  test('a list of releases that lags changes nothing: single entries are read', async () => {
    const { ensure } = await world({ listLag: 100 })
    expect(await ensure()).toMatchObject({ outcome: 'created' })
    expect(await ensure()).toMatchObject({ outcome: 'there' })
  })
})

describe('GitLab’s refusal', () => {
  test.each([
    ['of a tag that is not there', { project: { ...hello, tags: {} } }, 422, 'set `ref` to the commit or branch for the tag'],
    ['of a protected tag', { project: { ...hello, protectedTags: { 'v*': 'maintainer' } } }, 403, 'Settings > Repository > Protected tags'],
    ['of a reporter', { user: 'reader' }, 403, 'must be a Developer there'],
    ['of an asset', { pathPattern: /^never$/ }, 400, 'Correct what GitLab names'],
    ['of a project that the job does not see', { project: { ...hello, members: {} } }, 403, 'the permission ADMIN_RELEASES'],
  ] as const)('%s says what to do, and a person must investigate', async (_, options, status, next) => {
    const { ensure, releases } = await world(options)
    const error = await ensure().catch((reason: unknown) => reason)
    expect(error).toMatchObject({ name: 'GateError', code: 'gate/release-refused', next: expect.stringContaining(next), cause: { status } })
    expect(exitCodeOfError(error)).toBe(3)
    expect(releases.all).toEqual([])
  })

  test('of another project without the permission names it', async () => {
    const elsewhere: Project = {
      id: 8,
      path: 'acme/downloads',
      members: { ada: 'developer' },
      jobTokens: { 'acme/hello': ['READ_RELEASES'] },
    }
    const { ensureIn, releases } = await world({ more: [elsewhere] })
    const error = await ensureIn('acme/downloads', { ref: 'main' }).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'gate/release-refused', what: expect.stringContaining('admin_releases') })
    expect(releases.all).toEqual([])
  })

  test('of a job that is over can pass: the next job has another token', async () => {
    const { ensure, jobs, token } = await world()
    jobs.end(token)
    const error = await ensure().catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'repository/job-over', next: expect.stringContaining('Run the job again') })
    expect(exitCodeOfError(error)).toBe(4)
  })

  test.each(['hello.deb', '/a+b', '/a~b', '/a/', '/', `/${'a'.repeat(128)}`])(
    'the path %s is refused before anything is asked',
    async (path) => {
      const { ensure, server } = await world()
      await expect(ensure({ assets: [{ ...package_, path }] })).rejects.toMatchObject({ name: 'UsageError', code: 'usage/asset-path' })
      expect(server.requests).toHaveLength(0)
    },
  )
})
