import { describe, expect, onTestFinished, test } from 'vitest'
import { tls } from '../authority.js'
import { GenericPackages, type GenericPackagesOptions } from './generic-packages.js'
import { type JobOptions, Jobs } from './jobs.js'
import { PipelineJobs } from './pipeline-jobs.js'
import { Pipelines } from './pipelines.js'
import { startGitlab } from './start.js'

// That the emulated GitLab is as strict as the real one.
const job: JobOptions = { name: 'seal', ref: { tag: 'v1' }, pipeline: 100, commit: 'c'.repeat(40) }
const generic = '/api/v4/projects/7/packages/generic'

async function gitlab(options: Omit<GenericPackagesOptions, 'jobs'> = {}) {
  const jobs = new Jobs()
  const packages = new GenericPackages({ jobs, ...options })
  const server = await startGitlab([jobs, packages], { tls })
  onTestFinished(() => server.close())
  const token = jobs.start(job)
  const ask = (path: string, init: RequestInit = {}, headers: Record<string, string> = { 'job-token': token }) =>
    fetch(`${server.url}${path}`, { ...init, headers })
  const put = async (path: string, body: string) => (await ask(`${generic}/${path}`, { method: 'PUT', body })).status
  return { jobs, packages, server, token, ask, put }
}

describe('a job', () => {
  test('is known by its token, in either of two headers, as long as it runs', async () => {
    const { jobs, token, ask } = await gitlab()
    for (const headers of [{ 'job-token': token }, { authorization: `Bearer ${token}` }])
      expect(await (await ask('/api/v4/job', {}, headers)).json()).toMatchObject({
        id: 101,
        name: 'seal',
        ref: 'v1',
        tag: true,
        status: 'running',
      })
    for (const headers of [{}, { 'job-token': 'another' }, { 'private-token': token }])
      expect((await ask('/api/v4/job', {}, headers)).status).toBe(401)
    jobs.end(token)
    expect((await ask('/api/v4/job')).status).toBe(401)
  })

  test('that puts its token into an address has leaked it', async () => {
    const { server, token, ask } = await gitlab()
    await expect(ask(`/api/v4/job?job_token=${token}`)).rejects.toThrow()
    expect(server.violations).toEqual([expect.stringContaining('a token in the URL')])
  })
})

describe('generic packages', () => {
  test('take a second file of one name, and give the newest', async () => {
    const { packages, ask, put } = await gitlab()
    expect([await put('acme/1.2.3/a.txt', 'one'), await put('acme/1.2.3/a.txt', 'two')]).toEqual([201, 201])
    expect(packages.all['acme/1.2.3']?.map(({ id, text }) => [id, text])).toEqual([
      [1, 'one'],
      [2, 'two'],
    ])
    const answer = await ask(`${generic}/acme/1.2.3/a.txt`)
    expect([answer.status, await answer.text()]).toEqual([200, 'two'])
    expect((await ask(`${generic}/acme/1.2.3/b.txt`)).status).toBe(404)
  })

  test('refuse it where they are set to', async () => {
    const { put } = await gitlab({ duplicates: 'refused' })
    expect([await put('acme/1/a', 'one'), await put('acme/1/a', 'one'), await put('acme/1/b', 'two')]).toEqual([201, 400, 201])
  })

  test.each(['a b/1/a', 'acme/1..2/a', 'acme/1/a~', 'acme/1/~a', 'ac%C3%A4me/1/a', 'acme/1:2/a'])('do not take %s', async (path) => {
    const { packages, put } = await gitlab()
    expect(await put(path, 'one')).toBe(400)
    expect(packages.all).toEqual({})
  })

  test('show a file that was just sent, and list in pages what there is', async () => {
    const { ask, put } = await gitlab({ maxPerPage: 2 })
    for (const version of ['1', '2', '3']) await put(`acme/${version}/a`, 'x')
    await put('other/1/a', 'x')
    const sent = await ask(`${generic}/acme/1/b?select=package_file`, { method: 'PUT', body: 'y' })
    expect(await sent.json()).toMatchObject({
      id: 5,
      package_id: 1,
      file_name: 'b',
      size: 1,
      file_sha256: expect.stringMatching(/^a1fce4/),
    })
    const page = async (query: string) => {
      const answer = await ask(`/api/v4/projects/7/packages?${query}`)
      const listed: readonly { name: string; version: string }[] = JSON.parse(await answer.text())
      return [listed.map(({ name, version }) => `${name} ${version}`), answer.headers.get('x-next-page')]
    }
    expect(await page('package_name=ACM&per_page=100')).toEqual([['acme 1', 'acme 2'], '2'])
    expect(await page('package_name=acme&per_page=100&page=2')).toEqual([['acme 3'], ''])
    expect(await page('package_version=1')).toEqual([['acme 1', 'other 1'], ''])
    expect(await page('package_type=npm')).toEqual([[], ''])
    expect(await (await ask('/api/v4/projects/7/packages/1/package_files')).json()).toMatchObject([{ id: 1 }, { id: 5 }])
    expect((await ask('/api/v4/projects/7/packages?per_page=0')).status).toBe(400)
  })

  test('say which pipeline sent a file, and nothing of what came without a job', async () => {
    const { jobs, packages, ask } = await gitlab()
    const another = jobs.start({ ...job, ref: { branch: 'topic' }, pipeline: 200, user: 'mallory' })
    await ask(`${generic}/acme/1/a`, { method: 'PUT', body: 'x' })
    await ask(`${generic}/acme/1/b`, { method: 'PUT', body: 'x' }, { 'job-token': another })
    packages.add(7, ['acme', '1'], { name: 'c', text: 'x' })
    const files: readonly { pipelines?: unknown }[] = JSON.parse(await (await ask('/api/v4/projects/7/packages/1/package_files')).text())
    expect(files).toMatchObject([
      { file_name: 'a', pipelines: [{ id: 100, project_id: 7, ref: 'v1', sha: 'c'.repeat(40), user: { username: 'ada' } }] },
      { file_name: 'b', pipelines: [{ id: 200, ref: 'topic', user: { username: 'mallory' } }] },
      { file_name: 'c' },
    ])
    expect(files[2]).not.toHaveProperty('pipelines')
    expect(await (await ask('/api/v4/projects/7/packages')).json()).toMatchObject([{ pipeline: { id: 100 } }])
  })

  test('are hidden by any upload that asks for it, and shown again by another', async () => {
    const { ask, put } = await gitlab()
    await put('acme/1/a', 'x')
    const listed = async (query: string) => {
      const found: readonly { status: string }[] = JSON.parse(await (await ask(`/api/v4/projects/7/packages${query}`)).text())
      return found.map(({ status }) => status)
    }
    expect(await put('acme/1/b?status=hidden', 'x')).toBe(201)
    expect([await listed(''), await listed('?status=hidden')]).toEqual([[], ['hidden']])
    // By its number it is not found, by its name it is given.
    expect((await ask('/api/v4/projects/7/packages/1/package_files')).status).toBe(404)
    expect((await ask(`${generic}/acme/1/a`)).status).toBe(200)
    // An upload that says nothing of a status changes none.
    expect(await put('acme/1/c', 'x')).toBe(201)
    expect(await listed('')).toEqual([])
    expect(await put('acme/1/d?status=default', 'x')).toBe(201)
    expect([await listed(''), await listed('?status=hidden')]).toEqual([['default'], []])
    expect([await put('acme/1/e?status=gone', 'x'), (await ask('/api/v4/projects/7/packages?status=gone')).status]).toEqual([400, 400])
  })

  test('are the project’s own', async () => {
    const { jobs, ask, put } = await gitlab()
    await put('acme/1/a', 'x')
    const stranger = jobs.start({ ...job, project: { id: 8, path: 'mallory/acme' } })
    expect((await ask('/api/v4/projects/7/packages', {}, { 'job-token': stranger })).status).toBe(404)
    expect((await ask('/api/v4/projects/8/packages/1/package_files', {}, { 'job-token': stranger })).status).toBe(404)
    expect((await ask('/api/v4/projects/7/packages', {}, {})).status).toBe(401)
  })
})

describe('pipelines and their jobs', () => {
  const read = 'glpat-9a8b7c6d5e4f'
  async function reading(variablesReadable: boolean) {
    const pipelines = new Pipelines({ project: 'acme/deployer', trigger: 'glptt-1', read, variablesReadable })
    const jobs = new PipelineJobs({ project: 7, read, maxPerPage: 2 })
    const server = await startGitlab([pipelines, jobs], { tls })
    onTestFinished(() => server.close())
    const ask = (path: string, headers: Record<string, string> = { 'private-token': read }) =>
      fetch(`${server.url}/api/v4/projects/${path}`, { headers })
    return { pipelines, jobs, ask }
  }

  test('say when they were created and where they are; their variables only to a maintainer', async () => {
    for (const readable of [true, false]) {
      const { pipelines, ask } = await reading(readable)
      const { id, createdAt } = pipelines.startByHand('nightly', 'main', { A: 'b' })
      const path = `acme%2Fdeployer/pipelines/${id}`
      expect(await (await ask(path)).json()).toMatchObject({
        created_at: createdAt,
        web_url: expect.stringContaining(`acme/deployer/-/pipelines/${id}`),
      })
      const variables = await ask(`${path}/variables`)
      expect(variables.status).toBe(readable ? 200 : 403)
      if (readable) expect(await variables.json()).toMatchObject([{ key: 'A', value: 'b' }])
      expect((await ask('acme%2Fdeployer/pipelines/99/variables')).status).toBe(404)
    }
  })

  test('list the newest attempt of each job, bridges apart, to a token that may read, and to no job', async () => {
    const { jobs, ask } = await reading(false)
    jobs.say(100, 'seal', 'failed')
    jobs.say(100, 'seal', 'success')
    jobs.say(100, 'deploy', 'success', 'bridge')
    const listed = async (rest: string) => (await ask(`7/pipelines/100/${rest}`)).json()
    expect(await listed('jobs')).toMatchObject([{ id: 502, name: 'seal', status: 'success' }])
    expect(await listed('jobs?include_retried=true')).toMatchObject([{ id: 502 }, { id: 501, status: 'failed' }])
    expect(await listed('bridges')).toMatchObject([{ name: 'deploy' }])
    for (const [path, headers, status] of [
      ['7/pipelines/100/jobs', { 'job-token': 'glcbt-1' }, 401],
      ['7/pipelines/100/jobs', { 'private-token': 'another' }, 401],
      ['8/pipelines/100/jobs', undefined, 404],
      ['7/pipelines/101/jobs', undefined, 404],
    ] as const)
      expect((await ask(path, headers)).status).toBe(status)
  })
})
