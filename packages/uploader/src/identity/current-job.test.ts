import { digestOf, isStagegateError, type ReleasePlan } from '@stagegate/schema'
import { describe, expect, onTestFinished, test } from 'vitest'
import { GitlabApi } from '../gitlab/gitlab-api.js'
import { createEnvironment } from '../repository/environment.js'
import { tls } from '../testing/authority.js'
import { planOf, virtualClock } from '../testing/fixtures.js'
import { type JobOptions, Jobs } from '../testing/gitlab/jobs.js'
import { type GitlabServer, startGitlab } from '../testing/gitlab/start.js'
import { askForJob, type CurrentJob, type Expected, gitlabOrigin, refuseOtherInstance } from './current-job.js'

const ofTag: JobOptions = { name: 'publish: [ubuntu/jammy]', ref: { tag: 'v1.2.3' }, pipeline: 100, commit: 'c'.repeat(40) }
const random = () => 0.5

interface Place {
  readonly server: GitlabServer
  readonly jobs: Jobs
  readonly token: string
  readonly plan: ReleasePlan
  readonly clock: ReturnType<typeof virtualClock>
  ask(token?: string): Promise<CurrentJob>
  whoAmI(expected?: Expected): Promise<ReturnType<typeof gitlabOrigin>>
}

async function place(job: JobOptions = ofTag, project: Partial<ReleasePlan['project']> = {}): Promise<Place> {
  const jobs = new Jobs()
  const server = await startGitlab([jobs], { tls })
  onTestFinished(() => server.close())
  const token = jobs.start(job)
  const plan: ReleasePlan = { ...planOf(), project: { url: server.url, ...project } }
  const clock = virtualClock(new Date().toISOString())
  const ask = (given: string = token) => {
    const environment = createEnvironment({ variables: { CI_JOB_TOKEN: given }, base: '/', rehearsal: false, clock })
    return askForJob(new GitlabApi(plan.project, environment), { clock, random })
  }
  return {
    server,
    jobs,
    token,
    plan,
    clock,
    ask,
    whoAmI: async (expected = { name: job.name }) => gitlabOrigin(plan, await ask(), expected),
  }
}

/** The answer with one of its fields, `pipeline.id`, as something else; without it, where that is undefined. */
function withField(answer: Readonly<Record<string, unknown>>, path: string, value: unknown): unknown {
  const [key = '', ...rest] = path.split('.')
  const inner = answer[key]
  if (rest.length === 0 || typeof inner !== 'object') return { ...answer, [key]: value }
  return { ...answer, [key]: withField({ ...inner }, rest.join('.'), value) }
}

describe('a job', () => {
  test('is what GitLab says of it, and the token goes there alone, in its header', async () => {
    const { server, plan, whoAmI } = await place()
    expect(await whoAmI()).toEqual({
      rehearsal: false,
      instance: server.url,
      project: { id: 7, path: 'acme/acme' },
      pipeline: 100,
      job: { id: 101, name: ofTag.name },
      commit: ofTag.commit,
      ref: { tag: 'v1.2.3' },
      pipelineKind: 'release',
      plan: digestOf(plan),
    })
    expect(server.requests).toMatchObject([{ method: 'GET', path: '/api/v4/job', headers: { 'job-token': '(given)' } }])
    expect(server.violations).toEqual([])
  })

  test('was started by somebody, whom GitLab names', async () => {
    expect((await (await place({ ...ofTag, user: 'grace' })).ask()).user.username).toBe('grace')
  })

  test('of a branch', async () => {
    const { whoAmI } = await place({ ...ofTag, name: 'stage: [el/9]', ref: { branch: 'main' } })
    expect(await whoAmI()).toMatchObject({ ref: { branch: 'main' }, pipelineKind: 'branch' })
  })

  test('of a tag, in a child pipeline', async () => {
    const { jobs, whoAmI } = await place()
    jobs.forge((answer) => withField(answer, 'pipeline.source', 'parent_pipeline'))
    expect(await whoAmI()).toMatchObject({ ref: { tag: 'v1.2.3' }, pipelineKind: 'release' })
  })

  test.each<[string, Readonly<Record<string, unknown>>]>([
    ['', {}],
    [', be it of a child pipeline', { pipeline: { id: 100, project_id: 7, source: 'parent_pipeline' } }],
    [', be its ref the source branch', { ref: 'main' }],
  ])('of a merge request has neither tag nor branch, and is of no kind for them%s', async (_what, change) => {
    const { jobs, whoAmI } = await place({ ...ofTag, ref: { mergeRequest: 3 } })
    jobs.forge((answer) => ({ ...answer, ...change }))
    await expect(whoAmI()).rejects.toMatchObject({ code: 'gate/ref', what: expect.stringContaining('no tag and no branch') })
  })

  test('of a GitLab that lives below a path', async () => {
    const { jobs, token, server } = await place()
    const below = await startGitlab([
      {
        answer: async (asked) => {
          if (!asked.url.pathname.startsWith('/git/')) return undefined
          return jobs.answer({ ...asked, url: new URL(asked.url.pathname.slice('/git'.length), server.url) })
        },
      },
    ])
    onTestFinished(() => below.close())
    jobs.forge((answer) => ({ ...answer, web_url: 'https://gitlab.example/git/acme/acme/-/jobs/101' }))
    const environment = createEnvironment({ variables: { CI_JOB_TOKEN: token }, base: '/', rehearsal: false })
    const job = await askForJob(new GitlabApi({ url: `${below.url}/git` }, environment), { clock: virtualClock(new Date().toISOString()) })
    const origin = gitlabOrigin({ ...planOf(), project: { url: `${below.url}/git`, path: 'acme/acme' } }, job, {})
    expect(origin).toMatchObject({ instance: `${below.url}/git`, project: { path: 'acme/acme' } })
    const elsewhere = { ...job, web_url: 'https://gitlab.example/gut/acme/acme/-/jobs/101' }
    const plan = { ...planOf(), project: { url: `${below.url}/git` } }
    expect(() => gitlabOrigin(plan, elsewhere, {})).toThrow('not the address of a job')
  })

  test('of the only project that the plan lets in, and of any where it names none', async () => {
    const fork = { ...ofTag, project: { id: 8, path: 'mallory/acme' } }
    await expect((await place(fork, { path: 'acme/acme' })).whoAmI()).rejects.toMatchObject({
      code: 'gate/identity',
      what: 'this is a job of mallory/acme, but the plan is for acme/acme',
    })
    expect(await (await place(fork)).whoAmI()).toMatchObject({ project: { id: 8, path: 'mallory/acme' } })
    expect(await (await place(ofTag, { path: 'acme/acme' })).whoAmI()).toMatchObject({ project: { path: 'acme/acme' } })
    const deep = { ...ofTag, project: { id: 9, path: 'acme/tools/.profile' } }
    expect(await (await place(deep)).whoAmI()).toMatchObject({ project: { id: 9, path: 'acme/tools/.profile' } })
  })
})

describe('an answer is refused', () => {
  const fields: readonly (readonly [path: string, ...wrong: unknown[]])[] = [
    ['id', '101', 0, 1.5, -1],
    ['name', '', 7, 'two\nlines'],
    ['status', true, ''],
    ['ref', '', ['v1.2.3']],
    ['tag', 'true', 1],
    ['commit', 'c'.repeat(40), []],
    ['commit.id', 'c'.repeat(39), 'HEAD', 7],
    ['pipeline', 100, []],
    ['pipeline.id', '100', 0],
    ['pipeline.project_id', '7', 0],
    ['pipeline.source', 1, 'a push'],
    ['user', 'ada', []],
    ['user.username', '', 7],
    ['web_url', 'acme/acme', 7],
  ]
  const cases = fields.flatMap(([path, ...wrong]) => [undefined, null, ...wrong].map((value) => [path, value] as const))

  test.each(cases)('whose %s is %j: nobody guesses', async (path, value) => {
    const { jobs, server, whoAmI } = await place()
    jobs.forge((answer) => withField(answer, path, value))
    await expect(whoAmI()).rejects.toMatchObject({ name: 'GateError', code: 'gate/identity', message: expect.stringContaining(path) })
    expect(server.requests).toHaveLength(1)
  })

  test.each<[string, unknown, string]>([
    ['name', 'publish: [el/9]', 'this is the job publish: [el/9], but in the plan the job publish: [ubuntu/jammy] does this'],
    ['status', 'success', 'is success, not running'],
    ['status', 'canceling', 'not running'],
    ['ref', 'v1.2', 'this job runs for the tag v1.2 (push), and no kind of the plan matches that'],
    ['tag', false, 'this job runs for the branch v1.2.3 (push), which does not match the kind release'],
    ['web_url', 'https://gitlab.example/mallory/acme/-/jobs/101', 'this is a job of mallory/acme'],
    ['web_url', 'https://gitlab.example/acme/acme/-/jobs/102', 'not the address of a job'],
    ['web_url', 'https://gitlab.example/acme/-/jobs/101', 'not the address of a job'],
    ['web_url', 'https://gitlab.example/acme/acme/../../root/-/jobs/101', 'not the address of a job'],
    ['web_url', 'https://gitlab.example/%20acme/acme/-/jobs/101', 'not the address of a job'],
    ['web_url', 'https://gitlab.example/acme/acme%20/-/jobs/101', 'not the address of a job'],
    ['web_url', 'https://gitlab.example/-acme/acme/-/jobs/101', 'not the address of a job'],
  ])('whose %s is %j: it is not the job that it should be', async (path, value, said) => {
    const { jobs, server, whoAmI } = await place(ofTag, { path: 'acme/acme' })
    jobs.forge((answer) => withField(answer, path, value))
    await expect(whoAmI({ name: ofTag.name, kind: 'release' })).rejects.toMatchObject({
      name: 'GateError',
      message: expect.stringContaining(said),
    })
    expect(server.requests).toHaveLength(1)
  })

  test.each<[string, unknown]>([
    ['a page for people', '<!doctype html><title>Sign in</title>'],
    ['nothing', ''],
    ['a list', []],
    ['null', null],
  ])('that is %s', async (_what, forged) => {
    const { jobs, whoAmI } = await place()
    jobs.forge(() => forged)
    await expect(whoAmI()).rejects.toMatchObject({ name: 'GateError', code: 'gate/identity' })
  })
})

describe('GitLab', () => {
  test.each([
    ['does not accept the token', 'glcbt-forged'],
    ['knows it, and its job is over', undefined],
  ])('%s', async (_what, given) => {
    const { jobs, server, token, ask } = await place()
    jobs.end(token)
    const refused = ask(given)
    await expect(refused).rejects.toMatchObject({ name: 'GateError', code: 'gate/identity', where: `${server.url}/api/v4/job` })
    await expect(refused).rejects.toThrow(/^(?!.*glcbt-)/s)
    expect(server.requests).toHaveLength(1)
  })

  test('does not allow it', async () => {
    const { server, ask } = await place()
    server.faults.add({ do: { answer: 403 } })
    await expect(ask()).rejects.toMatchObject({ name: 'GateError', code: 'gate/identity' })
    expect(server.requests).toMatchObject([{ method: 'GET' }])
  })

  test.each([[404], [400], [301], [302]])('is no GitLab: it answers %i', async (answer) => {
    const { server, ask } = await place()
    server.faults.add({ do: { answer, headers: { location: 'https://elsewhere.example/' } } })
    await expect(ask()).rejects.toMatchObject({ name: 'UsageError', code: 'usage/gitlab' })
    expect(server.requests).toHaveLength(1)
  })

  test.each([
    ['answers 502', { answer: 502 }],
    ['resets the connection', { reset: 'before-body' }],
    ['breaks off its answer', { truncateAnswer: 10 }],
    ['is asked too often', { answer: 429 }],
  ] as const)('%s, twice, and then is asked with success', async (_what, fault) => {
    const { server, clock, whoAmI } = await place()
    server.faults.add({ times: 2, do: fault })
    expect(await whoAmI()).toMatchObject({ pipeline: 100 })
    expect(server.requests).toHaveLength(3)
    expect(clock.waits).toEqual([750, 1500])
  })

  test('is left alone for as long as it asks', async () => {
    const { server, clock, whoAmI } = await place()
    server.faults.add({ do: { answer: 429, headers: { 'retry-after': '20' } } })
    await whoAmI()
    expect(clock.waits).toEqual([20_000])
    expect(server.requests).toHaveLength(2)
  })

  test.each([
    ['is down', { answer: 503 }, 6],
    ['asks for more time than anybody waits', { answer: 503, headers: { 'retry-after': '3600' } }, 1],
  ] as const)('%s: it is tried a few times, and running it again can help', async (_what, fault, times) => {
    const { server, ask } = await place()
    server.faults.add({ times: 100, do: fault })
    const failed = await ask().catch((error: unknown) => error)
    expect(isStagegateError(failed) && failed.code).toMatch(/^(?:gitlab\/unavailable|repository\/put-off)$/)
    expect(server.requests).toHaveLength(times)
  })

  test('cannot be reached', async () => {
    const { server, clock, ask } = await place()
    await server.close()
    await expect(ask()).rejects.toMatchObject({ code: 'http/unreachable' })
    expect(clock.waits).toHaveLength(5)
  })
})

describe('a plan of gitlab.com', () => {
  const plan: ReleasePlan = { ...planOf(), project: { url: 'https://gitlab.com' } }

  test('sends no token there for a job that says it runs elsewhere', () => {
    expect(() => refuseOtherInstance(plan, { CI_SERVER_URL: 'https://gitlab.acme.example' })).toThrow(
      expect.objectContaining({
        name: 'UsageError',
        code: 'usage/instance',
        next: expect.stringContaining("new App({ project: { url: 'https://gitlab.acme.example' } })"),
      }),
    )
  })

  test.each([undefined, '', 'no address', 'https://gitlab.com', 'https://gitlab.com/'])('asks there when the job says %j', (said) => {
    expect(() => refuseOtherInstance(plan, { CI_SERVER_URL: said })).not.toThrow()
  })

  test('believes the job in nothing where the plan names its GitLab', () => {
    const named: ReleasePlan = { ...plan, project: { url: 'https://gitlab.acme.example' } }
    expect(() => refuseOtherInstance(named, { CI_SERVER_URL: 'https://gitlab.evil.example' })).not.toThrow()
  })
})
