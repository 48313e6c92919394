import { createHash } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { bytes, type Coordinates, instant, later, sha256 } from '@stagegate/schema'
import { afterEach, describe, expect, test } from 'vitest'
import { tls } from '../../testing/authority.js'
import { bodyOf, sampleBytes } from '../../testing/fixtures.js'
import { GenericPackages } from '../../testing/gitlab/generic-packages.js'
import type { GenericPackagesOptions } from '../../testing/gitlab/generic-packages-options.js'
import { Jobs } from '../../testing/gitlab/jobs.js'
import type { Project } from '../../testing/gitlab/project.js'
import { Projects } from '../../testing/gitlab/projects.js'
import { type GitlabServer, startGitlab } from '../../testing/gitlab/start.js'
import { createEnvironment } from '../environment.js'
import { gitlabPackages } from './index.js'

const servers: GitlabServer[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) {
    expect(server.violations).toEqual([])
    await server.close()
  }
})

const hello = { id: 7, path: 'acme/hello', members: { ada: 'developer', reader: 'reporter' } } as const satisfies Project
const elsewhere = { id: 8, path: 'acme/staging', members: { ada: 'developer' } } as const satisfies Project
const at: Coordinates = { format: 'file', path: 'hello/1.2.3/hello.tar.gz' }
const data = sampleBytes(1000)
const item = { coordinates: at, content: { sha256: sha256(createHash('sha256').update(data).digest('hex')), size: bytes(data.length) } }
const soon = () => ({ signal: new AbortController().signal, deadline: later(instant(Date.now()), 5) })

interface World {
  readonly project?: Project
  readonly packages?: Partial<GenericPackagesOptions>
  readonly role?: 'staging' | 'public'
  /** The project whose packages they are. @default that of the job */
  readonly path?: string
  readonly user?: string
}

async function world({ project = hello, packages: options, role = 'public', path = hello.path, user = 'ada' }: World = {}) {
  const jobs = new Jobs()
  const projects = new Projects({ jobs, projects: [project, elsewhere] })
  const packages = new GenericPackages({ projects, ...options })
  const server = await startGitlab([jobs, packages, projects], { tls, root: '/code' })
  servers.push(server)
  const token = jobs.start({
    name: 'publish',
    ref: { tag: 'v1.2.3' },
    pipeline: 100,
    commit: 'c'.repeat(40),
    project: { id: 7, path: hello.path },
    user,
  })
  const environment = createEnvironment({ variables: { CI_JOB_TOKEN: token } })
  const settings = gitlabPackages.parse({ project: path, base: '/code' })
  const { origin } = new URL(server.url)
  const opened = (access: 'read' | 'write' | 'users') =>
    gitlabPackages.open({ settings, role, origin, access, credentials: access === 'users' ? [] : ['CI_JOB_TOKEN'] }, environment)
  return { jobs, token, packages, server, repository: opened('write'), opened }
}
const put = (of: { readonly repository: ReturnType<typeof gitlabPackages.open> }) => of.repository.create(item, bodyOf(data), soon())

describe('a file', () => {
  test('goes up as raw bytes under its own name, and is read back', async () => {
    const w = await world()
    expect(await w.repository.observe(at, soon())).toEqual({ saw: 'absent' })
    const written = await put(w)
    expect(written).toMatchObject({ outcome: 'accepted' })
    expect(Object.keys(w.packages.all)).toEqual(['hello/1.2.3'])
    const seen = await w.repository.observe(at, soon())
    expect(seen).toMatchObject({ saw: 'present', ...item.content })
    if (seen.saw === 'present') expect(await buffer(await w.repository.read(seen.location, soon()))).toEqual(data)
  })

  test.each(['storage', 'storage-with-checksum'] as const)('that lies on a %s is read from there, without the token', async (downloads) => {
    const w = await world({ packages: { downloads } })
    await put(w)
    const seen = await w.repository.observe(at, soon())
    if (seen.saw === 'present') expect(await buffer(await w.repository.read(seen.location, soon()))).toEqual(data)
    expect(w.server.requests.some(({ at: where }) => where === 'storage')).toBe(true)
  })

  test('is not sent beside one that is there', async () => {
    const w = await world()
    w.packages.add(7, ['hello', '1.2.3'], { name: 'hello.tar.gz', text: 'other' })
    expect(await put(w)).toEqual({ outcome: 'exists' })
    expect(w.packages.all['hello/1.2.3']).toHaveLength(1)
  })

  test.each([
    [
      'before',
      (w: Awaited<ReturnType<typeof world>>) => w.packages.add(7, ['hello', '1.2.3'], { name: 'hello.tar.gz', text: 'other' }),
      true,
    ],
    [
      'after',
      (w: Awaited<ReturnType<typeof world>>) => w.packages.add(7, ['hello', '1.2.3'], { name: 'hello.tar.gz', text: 'other' }),
      false,
    ],
  ])('with another of its name that was added %s is taken by nobody', async (_, add, first) => {
    const w = await world()
    if (first) add(w)
    w.packages.add(7, ['hello', '1.2.3'], { name: 'hello.tar.gz', text: data.toString('latin1') })
    if (!first) add(w)
    await expect(w.repository.observe(at, soon())).rejects.toMatchObject({
      code: 'repository/ambiguous',
      where: expect.stringContaining('hello 1.2.3'),
    })
    await expect(put(w)).rejects.toMatchObject({ code: 'repository/ambiguous' })
    expect(w.packages.all['hello/1.2.3']).toHaveLength(2)
  })

  test('twice with the same bytes is there', async () => {
    const w = await world()
    for (const _ of [1, 2]) w.packages.add(7, ['hello', '1.2.3'], { name: 'hello.tar.gz', text: 'same' })
    expect(await w.repository.observe(at, soon())).toMatchObject({ saw: 'present', size: 4 })
  })

  test('twice, without digests from the server, is accepted by nobody', async () => {
    const w = await world()
    const rows = [1, 2].map((id) => ({ id, file_name: 'hello.tar.gz', created_at: 'some day', file_sha256: null, size: 4 }))
    w.packages.add(7, ['hello', '1.2.3'], { name: 'hello.tar.gz', text: 'same' })
    w.server.faults.add({ on: { path: /package_files/ }, do: { answer: 200, body: rows } })
    await expect(w.repository.observe(at, soon())).rejects.toMatchObject({ code: 'repository/ambiguous' })
  })

  test('of another package, another version or another name is not ours', async () => {
    const w = await world()
    for (const [name, version, file] of [
      ['hello-world', '1.2.3', 'hello.tar.gz'],
      ['hello', '1.2.30', 'hello.tar.gz'],
      ['hello', '1.2.3', 'hello.tar.gz.sig'],
    ] as const)
      w.packages.add(7, [name, version], { name: file, text: 'other' })
    expect(await w.repository.observe(at, soon())).toEqual({ saw: 'absent' })
  })

  test('that GitLab refuses as a duplicate exists', async () => {
    const w = await world({ packages: { duplicates: 'refused', lag: 5, readable: 'installable' } })
    w.packages.add(7, ['hello', '1.2.3'], { name: 'hello.tar.gz', text: 'other' })
    w.packages.mark('hello', '1.2.3', 'processing')
    expect(await put(w)).toEqual({ outcome: 'exists' })
  })

  test('that is gone between look and read is not there', async () => {
    const w = await world()
    await put(w)
    const seen = await w.repository.observe(at, soon())
    w.packages.delete('hello', '1.2.3')
    if (seen.saw === 'present') await expect(w.repository.read(seen.location, soon())).rejects.toMatchObject({ code: 'content/not-there' })
  })
})

test.each(['default', 'hidden', 'deprecated', 'processing', 'error'] as const)('a package of the status %s is there', async (status) => {
  const w = await world()
  await put(w)
  w.packages.mark('hello', '1.2.3', status)
  expect(await w.repository.observe(at, soon())).toMatchObject({ saw: 'present' })
})

test('a hidden package is there on a version that knows no packages being deleted', async () => {
  const w = await world()
  await put(w)
  w.packages.mark('hello', '1.2.3', 'hidden')
  w.server.faults.add({
    on: { path: /status=pending_destruction/ },
    do: { answer: 400, body: { error: 'status does not have a valid value' } },
  })
  expect(await w.repository.observe(at, soon())).toMatchObject({ saw: 'present' })
})

test('a package that is being deleted is absent, and a new one takes its place', async () => {
  const w = await world({ packages: { readable: 'installable' } })
  await put(w)
  w.packages.mark('hello', '1.2.3', 'pending_destruction')
  expect(await w.repository.observe(at, soon())).toEqual({ saw: 'absent' })
})

describe('staging', () => {
  test('has names of its own, so that staging and public can be one project', async () => {
    const w = await world({ role: 'staging' })
    await put(w)
    expect(Object.keys(w.packages.all)).toEqual(['stagegate-staging.probe/1', 'stagegate-staging.hello/1.2.3'])
    await expect(w.opened('users').served?.(at, soon())).resolves.toBeUndefined()
  })

  test('that anybody can read takes nothing', async () => {
    const w = await world({ role: 'staging', project: { ...hello, visibility: 'public' } })
    await expect(put(w)).rejects.toMatchObject({ code: 'repository/not-private' })
    expect(w.packages.all).toEqual({})
  })

  test('whose files anybody can download by their addresses takes nothing, though only members see the list', async () => {
    const w = await world({ role: 'staging', project: { ...hello, packageRegistry: 'everyone' } })
    const refused = {
      code: 'repository/not-private',
      message: expect.stringContaining('Turn off "Allow anyone to pull from package registry"'),
    }
    await expect(put(w)).rejects.toMatchObject(refused)
    // A job that comes later finds the file by which the first one looked.
    await expect(w.opened('write').create(item, bodyOf(data), soon())).rejects.toMatchObject(refused)
    expect(Object.entries(w.packages.all).map(([name, files]) => [name, files.length])).toEqual([['stagegate-staging.probe/1', 1]])
  })

  test.each([
    ['a server in trouble', { answer: 502 }, 'gitlab/unavailable'],
    ['an answer that no GitLab gives', { answer: 204 }, 'repository/unexpected-answer'],
  ])('that is %s when it is looked at takes nothing, and is asked again', async (_, fault, code) => {
    const w = await world({ role: 'staging' })
    w.server.faults.add({ on: { method: 'GET', path: /probe/ }, times: 1, do: fault })
    await expect(put(w)).rejects.toMatchObject({ code })
    expect(Object.keys(w.packages.all)).not.toContain('stagegate-staging.hello/1.2.3')
    expect(await put(w)).toMatchObject({ outcome: 'accepted' })
  })

  test('that the job may only read says so, as an upload does', async () => {
    const w = await world({ role: 'staging', user: 'reader' })
    await expect(put(w)).rejects.toMatchObject({ message: expect.stringContaining('must be a developer of acme/hello') })
    expect(w.packages.all).toEqual({})
  })

  test('of a public project whose packages are for members alone takes them', async () => {
    const w = await world({ role: 'staging', project: { ...hello, visibility: 'public', packageRegistry: 'members' } })
    expect(await put(w)).toMatchObject({ outcome: 'accepted' })
  })

  test('in another project works where that one allows this one', async () => {
    const closed = await world({ role: 'staging', path: elsewhere.path })
    await expect(closed.repository.observe(at, soon())).rejects.toMatchObject({
      code: 'repository/refused',
      next: expect.stringContaining('Settings > CI/CD > Job token permissions'),
    })
    const open = await world({ role: 'staging', path: elsewhere.path, project: hello })
    expect(open.packages.all).toEqual({})
  })
})

describe('a public place', () => {
  test('gives what users get: of a public project without a token, of a private one nothing', async () => {
    const open = await world({ project: { ...hello, visibility: 'public' } })
    await put(open)
    const stream = await open.opened('users').served?.(at, soon())
    expect(stream && (await buffer(stream))).toEqual(data)
    const closed = await world()
    await put(closed)
    expect(await closed.opened('users').served?.(at, soon())).toBeUndefined()
  })
})

describe('a refusal', () => {
  test.each([
    ['a file that is too large', { packages: { maxFileSize: 10 } }, 'repository/too-large'],
    ['a protected package', { packages: { protectedNames: { 'hel*': 'nobody' } } }, 'repository/protected'],
  ] as const)('of %s is for good, and says so', async (_, options, code) => {
    const w = await world(options)
    expect(await put(w)).toMatchObject({ outcome: 'refused', because: { code, message: expect.stringContaining('GitLab’s answer: ') } })
  })

  test('of a name that an old version does not take is for good', async () => {
    const w = await world({ packages: { refusedCharacters: '-.' } })
    await expect(put(w)).rejects.toMatchObject({ name: 'RepositoryRefusal', next: 'Correct it, or use a newer GitLab.' })
  })

  test('of a reporter names the right that is missing', async () => {
    const w = await world({ user: 'reader' })
    await expect(put(w)).rejects.toMatchObject({ code: 'repository/forbidden', next: expect.stringContaining('a developer of acme/hello') })
  })

  test('without a word may pass: the object store has failed', async () => {
    const w = await world()
    w.packages.failUploads(1)
    await expect(put(w)).rejects.toMatchObject({ code: 'repository/forbidden', final: false })
    expect(await put(w)).toMatchObject({ outcome: 'accepted' })
  })

  test('of a token whose job is over says to run it again', async () => {
    const w = await world()
    w.jobs.end(w.token)
    await expect(put(w)).rejects.toMatchObject({
      code: 'repository/refused',
      next: 'A job’s token is valid only while the job runs. Run the job again.',
    })
  })

  test.each([
    ['no such project', { path: 'acme/nothing' }],
    ['a registry that is switched off', { project: { ...hello, packageRegistry: 'disabled' } }],
    ['an instance without packages', { packages: { enabled: false } }],
  ] as const)('for %s is never taken for absent', async (_, options) => {
    const w = await world(options)
    await expect(w.repository.observe(at, soon())).rejects.toMatchObject({ code: 'repository/refused' })
    await expect(put(w)).rejects.toMatchObject({ code: 'repository/refused' })
  })
})

test.each([
  [{}, 'project'],
  [{ project: 'hello' }, 'project'],
  [{ project: 'acme/hello', base: 'code' }, 'base'],
  [{ project: 'acme/hello', token: 'deploy' }, 'token'],
  [{ project: 'acme/hello', more: 1 }, 'settings'],
  [{ project: '../hello' }, 'project'],
])('settings %j are refused', (settings, word) => {
  expect(() => gitlabPackages.parse(settings)).toThrow(word)
})
