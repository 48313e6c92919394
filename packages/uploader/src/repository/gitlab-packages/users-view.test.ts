import { buffer } from 'node:stream/consumers'
import type { Coordinates, PlannedRepository } from '@stagegate/schema'
import { expect, onTestFinished, test } from 'vitest'
import { tls } from '../../testing/authority.js'
import { contentOf, manifestOf, originOf, planOf, sampleBytes, soon, virtualClock } from '../../testing/fixtures.js'
import { GenericPackages } from '../../testing/gitlab/generic-packages.js'
import { Jobs } from '../../testing/gitlab/jobs.js'
import type { Project } from '../../testing/gitlab/project.js'
import { Projects } from '../../testing/gitlab/projects.js'
import { startGitlab } from '../../testing/gitlab/start.js'
import { verify } from '../../verb/verify.js'
import type { Access } from '../define.js'
import { createEnvironment } from '../environment.js'
import { openRepositories } from '../open.js'

/* Opened by a plan, as the verify job does it: the token that the plan names for publishing is the one that every job has. */

const hello: Project = { id: 7, path: 'acme/hello', members: { ada: 'developer', guest: 'guest' } }
const at: Coordinates = { format: 'file', path: 'hello/1.2.3/hello.tar.gz' }
const data = sampleBytes(1000)

interface World {
  readonly project?: Project
  readonly user?: string
  readonly variable?: string
  readonly token?: 'job' | 'private'
}

async function world({ project = hello, user = 'ada', variable = 'CI_JOB_TOKEN', token = 'job' }: World = {}) {
  const jobs = new Jobs()
  const projects = new Projects({ jobs, projects: [project], tokens: { 'glpat-1': { kind: 'personal', user: 'ada' } } })
  const packages = new GenericPackages({ projects })
  const server = await startGitlab([jobs, packages, projects], { tls })
  onTestFinished(async () => {
    await server.close()
    expect(server.violations).toEqual([])
  })
  const job = jobs.start({
    name: 'verify',
    ref: { tag: 'v1' },
    pipeline: 100,
    commit: 'c'.repeat(40),
    project: { id: 7, path: hello.path },
    user,
  })
  packages.add(7, ['hello', '1.2.3'], { name: 'hello.tar.gz', text: data })
  const planned: PlannedRepository = {
    role: 'public',
    type: 'gitlab-packages',
    origin: server.url,
    settings: { project: hello.path, token },
    credentials: { read: [variable], write: [variable] },
  }
  const clock = virtualClock()
  const environment = createEnvironment({ variables: { CI_JOB_TOKEN: job, DOWNLOADS_TOKEN: 'glpat-1' }, clock })
  const plan = { ...planOf(), repositories: { stable: planned } }
  const open = (access: Access) => openRepositories(plan, new Map([['stable', access]]), environment)
  const served = async () => {
    const stream = await open('users').get('stable')?.served?.(at, soon())
    return stream && (await buffer(stream))
  }
  const verified = async () => {
    const manifest = manifestOf([{ coordinates: at, content: contentOf(data) }])
    const options = { origin: originOf(planOf()), repositories: open('users'), clock, random: () => 0.5 }
    return (await verify(manifest, options)).findings.map(({ found }) => found)
  }
  return {
    jobs,
    job,
    packages,
    server,
    open,
    served,
    verified,
    clock,
    tokens: () => server.requests.filter(({ headers }) => 'job-token' in headers),
  }
}

test.each([
  ['a public project', { ...hello, visibility: 'public' }],
  ['a private project whose packages are everybody’s', { ...hello, packageRegistry: 'everyone' }],
] as const)('%s is read without a token, always', async (_, project) => {
  const w = await world({ project })
  expect(await w.served()).toEqual(data)
  expect(await w.verified()).toEqual(['sealed-bytes'])
  expect(w.tokens()).toEqual([])
  w.packages.delete('hello', '1.2.3')
  expect(await w.served()).toBeUndefined()
})

test.each([
  ['a private project', hello],
  ['an internal project', { ...hello, visibility: 'internal' }],
  ['a public project whose packages are for members', { ...hello, visibility: 'public', packageRegistry: 'members' }],
] as const)('%s is read as a member’s job does, and verify does not wait for visitors', async (_, project) => {
  const w = await world({ project })
  expect(await w.served()).toEqual(data)
  expect(await w.verified()).toEqual(['sealed-bytes'])
  expect(w.clock.waits).toEqual([])
  w.packages.delete('hello', '1.2.3')
  expect(await w.served()).toBeUndefined()
})

test('a public project is looked at without a token, too, and no token asks for what is not there', async () => {
  const w = await world({ project: { ...hello, visibility: 'public' } })
  expect(await w.open('users').get('stable')?.observe(at, soon())).toMatchObject({ saw: 'present' })
  w.packages.delete('hello', '1.2.3')
  expect(await w.served()).toBeUndefined()
  expect(w.tokens()).toEqual([])
})

test('the question who sees the packages is asked once, and again where the answer did not come', async () => {
  const w = await world()
  w.server.faults.add({ on: { path: /package_name=-&/ }, do: { answer: 502 } })
  const repository = w.open('users').get('stable')
  await expect(repository?.served?.(at, soon())).rejects.toMatchObject({ code: 'gitlab/unavailable' })
  for (const _ of [1, 2]) (await repository?.served?.(at, soon()))?.destroy()
  expect(w.server.requests.filter(({ path }) => path.includes('package_name=-&'))).toHaveLength(2)
})

test('a publisher’s own token is not among the users’: the private project is not seen, as before', async () => {
  const w = await world({ variable: 'DOWNLOADS_TOKEN', token: 'private' })
  expect(await w.served()).toBeUndefined()
  expect(w.server.requests.every(({ headers }) => !('private-token' in headers))).toBe(true)
})

test('a member who may not read the packages learns which right is missing, without a wait', async () => {
  const w = await world({ user: 'guest' })
  await expect(w.served()).rejects.toMatchObject({ code: 'repository/refused', next: expect.stringContaining('developer of acme/hello') })
  expect(await w.verified()).toEqual(['refused'])
  expect(w.clock.waits).toEqual([])
})

test('several files with one name are accepted by nobody', async () => {
  const w = await world()
  w.packages.add(7, ['hello', '1.2.3'], { name: 'hello.tar.gz', text: 'other' })
  await expect(w.served()).rejects.toMatchObject({ code: 'repository/ambiguous' })
})
