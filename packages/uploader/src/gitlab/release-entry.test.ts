import { describe, expect, onTestFinished, test } from 'vitest'
import { createEnvironment } from '../environment.js'
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

async function world({ user = 'ada', project = hello, ...options }: Partial<ReleasesOptions> & { user?: string; project?: Project } = {}) {
  const jobs = new Jobs()
  const projects = new Projects({ jobs, projects: [project] })
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
  const ensure = (more: Partial<ReleaseEntry> = {}) =>
    ensureReleaseEntry({ ...entry, ...more }, { api, project: 'acme/hello', clock, random: () => 0 })
  const show = async () => {
    const answer = await fetch(`${server.url}/api/v4/projects/7/releases/v1.2.3`, { headers: { 'job-token': token } })
    return answer.status === 200 ? answer.json() : undefined
  }
  const links = () => releases.all.flatMap((one) => one.links.map(({ name }) => name)).sort()
  const posts = () => server.requests.filter(({ method }) => method === 'POST').map(({ path }) => path)
  return { server, ensure, show, links, posts }
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
    ['of a tag that is not there', { project: { ...hello, tags: {} } }, 422, /Ref is not specified/],
    ['of a protected tag', { project: { ...hello, protectedTags: { 'v*': 'maintainer' } } }, 403, undefined],
    ['of a reporter', { user: 'reader' }, 403, undefined],
  ] as const)('%s is told with its status', async (_, options, status, words) => {
    const { ensure, show } = await world(options)
    const error = await ensure().catch((reason: unknown) => reason)
    expect(error).toMatchObject({ name: 'GitlabRefusal', status })
    if (words !== undefined) expect(error).toMatchObject({ said: expect.stringMatching(words) })
    expect(await show()).toBeUndefined()
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
