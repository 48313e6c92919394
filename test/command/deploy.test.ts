import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { parseDeploymentRecord } from '@stagegate/schema'
import { type GitlabPart, type GitlabServer, Pipelines, type PipelinesOptions, startGitlab } from '@stagegate/uploader/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ca, tls } from '../authority.js'
import { World } from '../release/world.js'
import type { Captured } from '../tasks/rehearsal.mjs'

const command = new URL('../../packages/cli/dist/stagegate.mjs', import.meta.url).pathname
const tokens = { OPS_TRIGGER_TOKEN: 'glptt-0f1e2d3c4b5a', OPS_READ_TOKEN: 'glpat-9a8b7c6d5e4f' }
const words = ['deploy', '--deployment', 'ops', '--wait']
const waiting = { timeout: 20_000 }

let sealed: World
let server: GitlabServer
// The address is part of the plan, and so of what is sealed: one server, whose project is another one in each test.
let project: GitlabPart
beforeAll(async () => {
  server = await startGitlab([{ answer: (asked) => project.answer(asked) }], { tls })
  sealed = await World.sealed({
    pipeline: [
      ['Release, StagingRepo }', 'Release, Secret, StagingRepo }'],
      [
        'export default app',
        `const [trigger, read] = [Secret.variable('OPS_TRIGGER_TOKEN'), Secret.variable('OPS_READ_TOKEN')]
new Deployment(release, 'ops', { remote: { url: '${server.url}', ca: ${JSON.stringify(ca)}, project: 'acme/deployer', ref: 'main', trigger, read } })

export default app`,
      ],
    ],
  })
}, 300_000)
afterAll(() => server.close())

function deployer(options: Partial<PipelinesOptions> = {}): Pipelines {
  const pipelines = new Pipelines({ project: 'acme/deployer', trigger: tokens.OPS_TRIGGER_TOKEN, read: tokens.OPS_READ_TOKEN, ...options })
  project = pipelines
  return pipelines
}

/** Runs the job's command; no token may be in what it prints. */
async function run(world: World, more: readonly string[] = [], variables: Record<string, string> = tokens): Promise<Captured> {
  const result = await world.run([...words, ...more], variables)
  for (const token of Object.values(tokens)) expect(result.output).not.toContain(token)
  return result
}

/** The same, as a process that can be ended. */
function begin(world: World): { readonly child: ChildProcess; readonly ended: Promise<number | string> } {
  const { PATH, HOME } = process.env
  const env = { PATH, HOME, STAGEGATE_REHEARSAL: '1', ...tokens }
  const child = spawn(process.execPath, [command, ...words], { cwd: world.checkout, env, stdio: 'ignore' })
  return { child, ended: new Promise((resolve) => child.on('close', (code, signal) => resolve(signal ?? code ?? 'unknown'))) }
}

function recordIn(world: World) {
  const path = '.stagegate/deployments/ops.json'
  return parseDeploymentRecord(readFileSync(world.path(path), 'utf8'), path)
}

test('a deployment on another GitLab is started, followed and recorded; run again it is found', async () => {
  const world = sealed.copy()
  const pipelines = deployer({ statuses: ['running', 'success'] })
  const first = await run(world)
  expect(first.exitCode, first.output).toBe(0)
  const url = `${server.url}/acme/deployer/-/pipelines/4711`
  expect(first.stdout).toContain(`Pipeline 4711, started now: ${url}\n`)
  expect(first.stdout).toMatch(
    / running\n.* success\nops: the pipeline has passed\. \(rehearsal\) Record: \.stagegate\/deployments\/ops\.json\n$/,
  )
  const manifest = world.read('.stagegate/release-manifest.sha256').trim()
  expect(recordIn(world)).toMatchObject({ manifest, release: 'hello', url: server.url, pipeline: { id: 4711, url, status: 'success' } })
  expect(pipelines.started).toMatchObject([
    {
      ref: 'main',
      variables: { STAGEGATE_VERSION: '1.2.3', STAGEGATE_MANIFEST_DIGEST: manifest, STAGEGATE_DEPLOYMENT_KEY: pipelines.started[0]?.name },
    },
  ])

  const again = await run(world, ['--json'])
  expect(again.exitCode, again.output).toBe(0)
  expect(JSON.parse(again.stdout)).toMatchObject({ kind: 'DeploymentRecord', pipeline: { id: 4711 } })
  expect(again.stderr).toContain('started before')
  expect(pipelines.started).toHaveLength(1)
  expect(server.violations).toEqual([])
})

test('killed when the pipeline was started and the answer was not there yet: there is one pipeline', async () => {
  const world = sealed.copy()
  const pipelines = deployer({ statuses: ['success'] })
  let kill: () => Promise<unknown> = async () => undefined
  project = {
    async answer(asked) {
      const answer = await pipelines.answer(asked)
      if (asked.request.method === 'POST') await kill()
      return answer
    },
  }
  const { child, ended } = begin(world)
  kill = () => {
    child.kill('SIGKILL')
    return ended
  }
  expect(await ended).toBe('SIGKILL')
  expect(pipelines.started).toHaveLength(1)

  const again = await run(world)
  expect(again.exitCode, again.output).toBe(0)
  expect(again.stdout).toContain('Pipeline 4711, found by its name')
  expect(pipelines.started).toHaveLength(1)
})

test('two jobs at the same time start one pipeline', async () => {
  const world = sealed.copy()
  const pipelines = deployer({ statuses: ['success'] })
  const results = await Promise.all([run(world), run(world), run(world)])
  for (const { exitCode, output } of results) expect(exitCode, output).toBe(0)
  expect(pipelines.started).toHaveLength(1)
})

test('stopped while it waits it ends with 4 and knows the pipeline; run again it goes on', async () => {
  const world = sealed.copy()
  const pipelines = deployer({ statuses: ['running'] })
  const { child, ended } = begin(world)
  await expect
    .poll(() => server.requests.filter(({ path }) => path.endsWith('/pipelines/4711')).length > 0 && pipelines.started.length, waiting)
    .toBe(1)
  child.kill('SIGTERM')
  expect(await ended).toBe(4)
  expect(recordIn(world)).toMatchObject({ pipeline: { id: 4711 } })

  const late = await run(world, ['--timeout', '1'])
  expect(late.exitCode, late.output).toBe(4)
  expect(late.stdout).toContain('the pipeline has not ended (running). Run the job again')

  pipelines.say(4711, 'success')
  expect(await run(world)).toMatchObject({ exitCode: 0 })
  expect(pipelines.started).toHaveLength(1)
})

test('a pipeline that fails is for a person to look at', async () => {
  const world = sealed.copy()
  deployer({ statuses: ['failed'] })
  const failed = await run(world)
  expect(failed).toMatchObject({ exitCode: 3 })
  expect(failed.stdout).toContain(`A person must investigate: ${server.url}/acme/deployer/-/pipelines/4711`)
})

test('a wrong token, and one that is not set', async () => {
  const world = sealed.copy()
  const pipelines = deployer({ statuses: ['success'] })
  const wrong = await run(world, [], { ...tokens, OPS_TRIGGER_TOKEN: 'not-the-one' })
  expect(wrong).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('OPS_TRIGGER_TOKEN') })
  expect(wrong.output).not.toContain('not-the-one')
  const unset = await run(world, [], { OPS_TRIGGER_TOKEN: tokens.OPS_TRIGGER_TOKEN })
  expect(unset).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('OPS_READ_TOKEN') })
  expect(pipelines.started).toEqual([])
  // What was certainly not started needs no person's word.
  expect(await run(world)).toMatchObject({ exitCode: 0 })
})

test('without --wait it ends when it is started, and a person can name another pipeline', async () => {
  const world = sealed.copy()
  const pipelines = deployer({ statuses: ['success'] })
  const started = await world.run(words.slice(0, -1), tokens)
  expect(started).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('let a confirm script check') })
  expect(recordIn(world).pipeline).not.toHaveProperty('status')
  const { id } = pipelines.startByHand(null)
  const resumed = await run(world, ['--resume', String(id)])
  expect(resumed.exitCode, resumed.output).toBe(0)
  expect(recordIn(world)).toMatchObject({ pipeline: { id, status: 'success' } })
  const help = await world.run(['deploy', '--help'])
  expect(help.stdout).toContain('confirm')
})

test.each([
  [['--resume', 'x'], '--resume'],
  [['--start-again', '0'], '--start-again'],
  [['--resume', '1', '--start-again', '2'], 'got both'],
  [['--start-again', '3'], 'its next start is number 1, not 3'],
  [['--timeout', '-1'], 'seconds'],
  [['--deployment', 'nowhere'], 'Its deployments are: staging, production, ops.'],
  [['--deployment', 'staging'], 'not a deployment by a pipeline of another GitLab'],
])('deploy %j is a wrong call', async (more, said) => {
  const world = sealed.copy()
  const pipelines = deployer()
  const result = await run(world, more)
  expect(result.exitCode, result.output).toBe(2)
  expect(result.stderr).toContain(said)
  expect(pipelines.started).toEqual([])
})
