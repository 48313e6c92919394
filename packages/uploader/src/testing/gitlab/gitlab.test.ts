import { describe, expect, onTestFinished, test } from 'vitest'
import { tls } from '../authority.js'
import { emulated } from './emulated.js'
import { PipelineJobs } from './pipeline-jobs.js'
import { Pipelines } from './pipelines.js'
import { startGitlab } from './start.js'

// That the emulated GitLab is as strict as the real one.

describe('a job', () => {
  test('is known by its token, in either of two headers, as long as it runs', async () => {
    const { jobs, token, ask } = await emulated()
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
    const { server, token, ask } = await emulated()
    await expect(ask(`/api/v4/job?job_token=${token}`)).rejects.toThrow()
    expect(server.violations).toEqual([expect.stringContaining('a token in the URL')])
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
