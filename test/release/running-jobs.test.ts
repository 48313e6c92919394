import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseReceipt } from '@stagegate/schema'
import {
  type GenericFile,
  GenericPackages,
  type GitlabPart,
  type GitlabServer,
  type JobOptions,
  Jobs,
  PipelineJobs,
  Pipelines,
  startGitlab,
} from '@stagegate/uploader/testing'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { ca, tls } from '../authority.js'
import { type Captured, stagegate } from '../tasks/rehearsal.mjs'
import { packagesIn, temporaryFolder } from './files.js'
import { appOn, tag, targets, World } from './world.js'

// Attacks by other jobs of the project, each replayed against the command as it runs on GitLab.
const project = { id: 7, path: 'acme/hello' }
const tokens = { OPS_TRIGGER_TOKEN: 'glptt-0f1e2d3c4b5a', OPS_READ_TOKEN: 'glpat-9a8b7c6d5e4f' }
const readToken = 'glpat-1a2b3c4d5e6f'
const record = ['stagegate-seals.hello', '1.2.3'] as const
const first = targets[0].id
const deploying = ['deploy: [ops]', ['deploy', '--deployment', 'ops', '--wait']] as const
const publishing = [`publish: [${first}]`, ['publish', '--target', first]] as const
const mallory = { name: 'test', ref: { branch: 'topic' }, pipeline: 200, commit: 'd'.repeat(40), user: 'mallory' } as const

let jobs: Jobs
let server: GitlabServer
let packages: GenericPackages
let pipelines: Pipelines
let attempts: PipelineJobs
let built: World
let sealed: World
let recorded: GenericFile
let notes = ''
let key = ''

beforeAll(async () => {
  jobs = new Jobs()
  const parts = [() => packages, () => pipelines, () => attempts].map((part) => ({ answer: (asked: Asked) => part().answer(asked) }))
  server = await startGitlab([jobs, ...parts], { tls })
  packages = new GenericPackages({ jobs })
  attempts = new PipelineJobs({ project: project.id, read: readToken })
  pipelines = new Pipelines({ project: 'acme/deployer', trigger: tokens.OPS_TRIGGER_TOKEN, read: tokens.OPS_READ_TOKEN })
  built = await World.built({
    pipeline: [
      ['const app = new App({', appOn(server.url, `path: '${project.path}' `)],
      ['Release, StagingRepo }', 'Release, Secret, StagingRepo }'],
      [
        'export default app',
        `const [trigger, read] = [Secret.variable('OPS_TRIGGER_TOKEN'), Secret.variable('OPS_READ_TOKEN')]
new Deployment(release, 'ops', { remote: { url: '${server.url}', ca: ${JSON.stringify(ca)}, project: 'acme/deployer', ref: 'main', trigger, read } })

export default app`,
      ],
    ],
  })
  sealed = built.copy()
  for (const { id } of targets) await succeed(sealed, `stage: [${id}]`, ['stage', '--target', id, sealed.built(id)])
  await succeed(sealed, 'seal', ['seal'])
  const [file] = packages.all[record.join('/')] ?? []
  if (file === undefined) throw new Error('Expected a record')
  recorded = file
  // The names that another job would read in the seal's log.
  await succeed(sealed.copy(), ...deploying)
  notes =
    Object.keys(packages.all)
      .find((name) => name.startsWith('stagegate-deployments.'))
      ?.split('/')[0] ?? ''
  key = pipelines.started[0]?.name ?? ''
}, 300_000)
beforeEach(reset)
afterAll(async () => {
  expect(server.violations).toEqual([])
  await server.close()
})

async function run(
  world: World,
  name: string,
  words: readonly string[],
  of: Partial<JobOptions> & { variables?: Record<string, string> } = {},
) {
  const token = jobs.start({ name, ref: { tag }, pipeline: 100, commit: 'c'.repeat(40), project, ...of })
  const result = await world.run(words, { STAGEGATE_REHEARSAL: '', CI_JOB_TOKEN: token, ...tokens, ...of.variables })
  jobs.end(token)
  for (const secret of [token, readToken, ...Object.values(tokens)]) expect(result.output).not.toContain(secret)
  return result
}

async function succeed(...of: Parameters<typeof run>): Promise<Captured> {
  const result = await run(...of)
  expect(result.exitCode, result.output).toBe(0)
  return result
}

/** A job of a branch uploads a file with its own token. */
async function upload(path: string, body: string, of: Omit<JobOptions, 'project'> = mallory): Promise<void> {
  const token = jobs.start({ ...of, project })
  const url = `${server.url}/api/v4/projects/${project.id}/packages/generic/${path}`
  expect((await fetch(url, { method: 'PUT', body, headers: { 'job-token': token } })).status).toBe(201)
  jobs.end(token)
}

type Asked = Parameters<GitlabPart['answer']>[0]

/** The project and the deployer as they are when the release is sealed, and nothing else. */
function reset(): void {
  packages = new GenericPackages({ jobs })
  packages.add(project.id, record, recorded)
  attempts = new PipelineJobs({ project: project.id, read: readToken, maxPerPage: 2 })
  pipelines = new Pipelines({ project: 'acme/deployer', trigger: tokens.OPS_TRIGGER_TOKEN, read: tokens.OPS_READ_TOKEN })
}

const published = (world: World) => Object.keys(packagesIn(world.path('repositories/stable')))

const nameOf = (text: string) => `${createHash('sha256').update(text).digest('hex')}.txt`
const note = (step: Record<string, unknown>) => JSON.stringify({ at: '2026-01-31T12:00:00.000Z', ...step })

describe('a note of a deployment that a branch’s job has written', () => {
  test.each<[string, readonly Record<string, unknown>[]]>([
    ['says that it is started', [{ step: 'started', pipeline: 4711, how: 'answered' }]],
    ['says that it begins', [{ step: 'starting', by: 'deploy: [ops] (job 7)', mark: 'x' }]],
    ['says that it was refused', [{ step: 'not-started', because: 'no' }]],
  ])('and %s: exit code 3, and nothing is started', async (_what, steps) => {
    pipelines.startByHand(key)
    for (const [number, step] of steps.entries()) await upload(`${notes}/${number}.json/${nameOf(note(step))}`, note(step))
    const result = await run(sealed.copy(), ...deploying)
    expect(result).toMatchObject({ exitCode: 3 })
    expect(result.stderr).toContain('this note was not written by a job of pipeline 100, but by pipeline 200 of mallory for topic')
    expect(result.stderr).toMatch(/A maintainer must delete file \d+ of stagegate-deployments\./)
    expect(pipelines.started).toHaveLength(1)
  })

  test('even by a job of the same pipeline: GitLab is asked, and the sentence says what does not fit', async () => {
    const { id } = pipelines.startByHand('nightly')
    const step = note({ step: 'started', pipeline: id, how: 'answered' })
    await upload(`${notes}/0.json/${nameOf(step)}`, step, { name: 'build: [any/any]', ref: { tag }, pipeline: 100, commit: 'c'.repeat(40) })
    const result = await run(sealed.copy(), ...deploying)
    expect(result).toMatchObject({ exitCode: 3 })
    expect(result.stderr).toContain(`its name is "nightly", not ${key}`)
    expect(pipelines.started).toHaveLength(1)
  })
})

describe('a record of a seal', () => {
  const forged = () => recorded.text.replace(/"pipeline": \d+/, '"pipeline": 200')

  test('that a branch’s job has forged before the seal: the seal names who did it, and does not say to publish it', async () => {
    packages = new GenericPackages({ jobs })
    await upload(`${record.join('/')}/${nameOf(forged())}`, forged())
    const result = await run(sealed.copy(), 'seal', ['seal'])
    expect(result).toMatchObject({ exitCode: 3 })
    expect(result.stderr).toContain(
      'the record is not a valid seal: it claims that pipeline 200 for tag v1.2.3 sealed this version, and pipeline 200 of mallory for topic',
    )
    expect(result.stderr).not.toContain('from its own pipeline')
  })

  test('that a newer file covers says how to get rid of it', async () => {
    await upload(`${record.join('/')}/${recorded.name}`, 'something else')
    const world = sealed.copy()
    const result = await run(world, ...publishing)
    expect(result).toMatchObject({ exitCode: 3 })
    expect(result.stderr).toContain('a newer file with the same name hides the record; pipeline 200 of mallory for topic')
    expect(result.stderr).toContain('A maintainer must delete file 2 of stagegate-seals.hello 1.2.3')
    packages.delete(...record, 2)
    await succeed(world, ...publishing)
    expect(published(world)).toHaveLength(1)
  })

  test.each([publishing, ['seal', ['seal']] as const])('that is hidden stops %s', async (name, words) => {
    await upload(`${record.join('/')}/hide.txt?status=hidden`, 'x')
    const world = sealed.copy()
    const result = await run(world, name, words)
    expect(result).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('the record exists but is hidden') })
    expect(result.stderr).toContain('shown.txt?status=default')
    expect(published(world)).toEqual([])
    expect(packages.all[record.join('/')]).toHaveLength(2)
  })

  test('that is deleted stops publishing, and a seal of another pipeline where a receipt shows it', async () => {
    const world = sealed.copy()
    await succeed(world, ...publishing)
    packages.delete(...record)
    const again = await run(world, ...publishing)
    expect(again).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('somebody deleted the record') })
    for (const { id } of targets) await succeed(world, `stage: [${id}]`, ['stage', '--target', id, world.built(id)], { pipeline: 101 })
    const seal = await run(world, 'seal', ['seal'], { pipeline: 101 })
    expect(seal).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('a receipt shows that this version was sealed before') })
    expect(packages.all).toEqual({})
  })
})

describe('a job before the gate that runs again once the gate is open', () => {
  const gating = ['seal', 'deploy: [staging]', 'deploy: [production]', 'deploy: [ops]']
  const asking = { variables: { STAGEGATE_READ_TOKEN: readToken } }
  const gateIn = (world: World) => {
    const path = `.stagegate/receipts/${encodeURIComponent(first)}.json`
    return parseReceipt(world.read(path), path).gate
  }

  test('and has passed again lets it publish: the receipt names each attempt', async () => {
    for (const status of ['failed', 'success'])
      for (const name of gating) attempts.say(100, name, status, name === 'deploy: [staging]' ? 'bridge' : 'job')
    const world = sealed.copy()
    const { stdout } = await succeed(world, ...publishing, asking)
    expect(stdout).toContain(`The newest attempt of each of these jobs passed: ${gating.join(', ')}.`)
    expect(gateIn(world)).toEqual({ jobs: gating.map((name, index) => ({ name, id: 505 + index, status: 'success' })) })
  })

  test.each(['failed', 'running', 'canceled', 'manual', 'skipped'])(
    'and is %s closes it: exit code 3, and the job is named',
    async (status) => {
      for (const name of gating) attempts.say(100, name, 'success')
      attempts.say(100, 'deploy: [production]', status)
      const world = sealed.copy()
      for (const more of [[], ['--dry-run']]) {
        const result = await run(world, publishing[0], [...publishing[1], ...more], asking)
        expect(result).toMatchObject({ exitCode: 3 })
        expect(result.stderr).toContain(`pipeline 100: deploy: [production] is ${status} (job 505)`)
      }
      expect(published(world)).toEqual([])
    },
  )

  test('and is no longer there closes it', async () => {
    for (const name of gating.slice(1)) attempts.say(100, name, 'success')
    const result = await run(sealed.copy(), ...publishing, asking)
    expect(result).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('seal does not exist') })
  })

  test.each<[string, Record<string, string>, string]>([
    ['there is no token for it', {}, 'STAGEGATE_READ_TOKEN is not set'],
    ['GitLab refuses the token', { STAGEGATE_READ_TOKEN: 'glpat-expired' }, 'GitLab refuses to list the jobs of pipeline 100 (401)'],
  ])('is not seen where %s: the log and the receipt say so', async (_what, variables, said) => {
    const world = sealed.copy()
    const { stdout, output } = await succeed(world, ...publishing, { variables })
    expect(stdout).toContain(`Not checked whether the jobs before the gate still pass: ${said}.`)
    expect(output).not.toContain('glpat-expired')
    expect(gateIn(world)).toEqual({ jobs: [], notAsked: said })
  })

  test('is waited for while GitLab does not answer', async () => {
    server.faults.add({ times: 100, on: { path: /pipelines\/100\/jobs/ }, do: { answer: 503, headers: { 'retry-after': '600' } } })
    const world = sealed.copy()
    expect(await run(world, ...publishing, asking)).toMatchObject({ exitCode: 4 })
    server.faults.clear()
    expect(published(world)).toEqual([])
  })
})

describe('a variable that beats GIT_STRATEGY: empty, and leaves other jobs’ files in the folder', () => {
  test.each(['none', 'fetch', 'clone', '', 'Empty'])('as %j stops every job before it asks anybody', async (strategy) => {
    const world = sealed.copy()
    const before = server.requests.length
    const staging: readonly [string, readonly string[]] = [`stage: [${first}]`, ['stage', '--target', first]]
    for (const [name, words] of [staging, ['seal', ['seal']], publishing, deploying] as const) {
      const result = await run(world, name, words, { variables: { GIT_STRATEGY: strategy } })
      expect(result.exitCode, result.output).toBe(2)
      expect(result.stderr).toContain(`the variable GIT_STRATEGY is ${JSON.stringify(strategy)}, but this job is rendered with empty`)
      expect(result.stderr).toContain('Remove GIT_STRATEGY from Settings > CI/CD > Variables')
    }
    expect(server.requests).toHaveLength(before)
    expect(published(world)).toEqual([])
  })

  /** A job's folder with the artifacts of `prepare` and of the target's build, and nothing else. */
  function folderOf(target: string): string {
    const folder = join(temporaryFolder(), 'builds')
    mkdirSync(join(folder, '.stagegate'), { recursive: true })
    cpSync(built.path('release-plan.json'), join(folder, '.stagegate', 'release-plan.json'))
    const at = targets.find(({ id }) => id === target)
    cpSync(built.path('out', target, 'dist'), join(folder, 'dist'), { recursive: true })
    expect(existsSync(join(folder, 'dist', at?.file ?? 'none'))).toBe(true)
    return folder
  }

  async function stageIn(folder: string): Promise<Captured> {
    const token = jobs.start({ name: `stage: [${first}]`, ref: { tag }, pipeline: 100, commit: 'c'.repeat(40), project })
    const result = await stagegate(folder, ['stage', '--target', first], { variables: { CI_JOB_TOKEN: token, GIT_STRATEGY: 'empty' } })
    jobs.end(token)
    return result
  }

  test('a folder with its needed jobs’ artifacts alone is staged', async () => {
    const result = await stageIn(folderOf(first))
    expect(result.exitCode, result.output).toBe(0)
  })

  test.each(['.git/HEAD', '.stagegate/records/any%2Fany.json', '.stagegate/release-manifest.json', 'src/main.c', 'left.deb'])(
    'a folder with %s, too, is not',
    async (path) => {
      const folder = folderOf(first)
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), 'left by another job')
      const result = await stageIn(folder)
      expect(result.exitCode, result.output).toBe(3)
      expect(result.stderr).toContain(`neither prepare nor build: [${first}] leaves as an artifact`)
      expect(result.stderr).toContain(path.startsWith('.git') ? '.git: it is a checkout' : `${path}: it is a file`)
      expect(existsSync(join(folder, 'repositories'))).toBe(false)
    },
  )

  test('a receipt of another pipeline is not kept as this one’s', async () => {
    const world = sealed.copy()
    await succeed(world, ...publishing)
    const path = `.stagegate/receipts/${encodeURIComponent(first)}.json`
    world.write('.stagegate/receipts/other.json', world.read(path).replace('"pipeline": 100', '"pipeline": 99'))
    const result = await run(world, ...publishing)
    expect(result).toMatchObject({ exitCode: 3, stderr: expect.stringContaining(`a receipt of publish: [${first}] in pipeline 99`) })
  })
})
