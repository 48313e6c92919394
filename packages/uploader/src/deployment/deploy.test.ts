import { type PlannedDeployment, type PlannedRemote, type ReleaseManifest, seconds } from '@stagegate/schema'
import fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Notes } from '../records/notes.js'
import { createEnvironment } from '../repository/environment.js'
import { tls } from '../testing/authority.js'
import { itemOf, manifestOf, originOf, planOf, virtualClock } from '../testing/fixtures.js'
import { Pipelines, type PipelinesOptions, type RunningPipeline } from '../testing/gitlab/pipelines.js'
import { type GitlabServer, startGitlab } from '../testing/gitlab/start.js'
import type { Misbehaviour } from '../testing/server/faults.js'
import { type DeployOptions, deploy, deployExitCode } from './deploy.js'
import type { DeployEvent } from './journal.js'
import { deploymentName, keyOf } from './key.js'

const tokens = { trigger: 'glptt-0f1e2d3c4b5a', read: 'glpat-9a8b7c6d5e4f' }
const origin = originOf(planOf())
const manifest = manifestOf([itemOf(Buffer.from('acme'))], { origin })
const key = keyOf(manifest, 'ops', 1)

/** Notes in memory; the texts are the steps, in their order. */
function memoryNotes(): Notes & { readonly steps: () => readonly { readonly step: string }[] } {
  const texts = new Map<string, string>()
  return {
    steps: () => [...texts.values()].map((text) => JSON.parse(text)),
    find: async (folder, file) => texts.get(`${folder}/${file}`),
    async keep(folder, file, text) {
      const first = texts.get(`${folder}/${file}`)
      if (first === undefined) texts.set(`${folder}/${file}`, text)
      return first ?? text
    },
  }
}

interface World {
  readonly server: GitlabServer
  readonly pipelines: Pipelines
  readonly notes: ReturnType<typeof memoryNotes>
  readonly clock: ReturnType<typeof virtualClock>
  readonly events: DeployEvent[]
  /** Runs the job once more. */
  run(options?: Partial<DeployOptions>, sealed?: ReleaseManifest): ReturnType<typeof deploy>
  /** The names of what happened, in order. */
  told(): readonly string[]
}

async function world(options: Partial<PipelinesOptions> = {}, remote: Partial<PlannedRemote> = {}): Promise<World> {
  const clock = virtualClock()
  const pipelines = new Pipelines({ project: 'acme/deployer', ...tokens, now: () => clock.now(), ...options })
  const server = await startGitlab([pipelines], { tls })
  onTestFinished(() => server.close())
  const variables = { OPS_TRIGGER_TOKEN: tokens.trigger, OPS_READ_TOKEN: tokens.read }
  const notes = memoryNotes()
  const events: DeployEvent[] = []
  const deployment: PlannedDeployment = {
    id: 'ops',
    job: 'deploy: [ops]',
    kinds: ['release'],
    gates: true,
    remote: {
      url: server.url,
      project: 'acme/deployer',
      ref: 'main',
      trigger: 'OPS_TRIGGER_TOKEN',
      read: 'OPS_READ_TOKEN',
      variables: { STAGEGATE_DEPLOYMENT_KEY: '$STAGEGATE_DEPLOYMENT_KEY', VERSION: 'v$STAGEGATE_VERSION' },
      inputs: {},
      wait: seconds(3600),
      ...remote,
    },
  }
  return {
    server,
    pipelines,
    notes,
    clock,
    events,
    told: () =>
      events.map((event) =>
        event.event === 'known' ? event.how : ((event.event === 'status' ? event.record.pipeline?.status : undefined) ?? event.event),
      ),
    run: (more = {}, sealed = manifest) =>
      deploy(sealed, {
        deployment,
        origin,
        environment: createEnvironment({ variables, base: '.', rehearsal: true, clock }),
        notes,
        wait: true,
        random: () => 0,
        onEvent: (event) => events.push(event),
        ...more,
      }),
  }
}

/** Requests of a method, as `POST /path`. */
function asked({ server }: World, method: string): readonly string[] {
  return server.requests.filter((request) => request.method === method).map(({ path }) => path)
}

/** No token anywhere that somebody reads. */
function expectNoToken(...shown: readonly unknown[]): void {
  const text = shown
    .map((one) => (one instanceof Error ? `${one.message} ${one.stack} ${JSON.stringify(one)}` : JSON.stringify(one)))
    .join('\n')
  for (const token of Object.values(tokens)) expect(text).not.toContain(token)
}

describe('a deployment on another GitLab', () => {
  test('is started once and waited for until it has passed', async () => {
    const w = await world()
    const record = await w.run()
    expect(record).toMatchObject({
      deployment: 'ops',
      key,
      pipeline: { id: 4711, status: 'success', url: `${w.server.url}/acme/deployer/-/pipelines/4711` },
    })
    expect(deployExitCode(record, true)).toBe(0)
    expect(w.told()).toEqual(['starting', 'answered', 'pending', 'running', 'success'])
    expect(w.pipelines.started).toMatchObject([{ ref: 'main', name: key, variables: { STAGEGATE_DEPLOYMENT_KEY: key, VERSION: 'v1.2.3' } }])
    expect(w.server.violations).toEqual([])
    expectNoToken(record, w.events, w.server.requests)
  })

  test('is found again by the next job, which starts nothing', async () => {
    const w = await world()
    await w.run()
    const again = await w.run()
    expect(again.pipeline).toMatchObject({ id: 4711, status: 'success' })
    expect(w.told().slice(5)).toEqual(['recorded', 'success'])
    expect(asked(w, 'POST')).toHaveLength(1)
  })

  test('is started, and not waited for by default', async () => {
    const w = await world()
    const record = await w.run({ wait: false })
    expect(record.pipeline).toEqual({ id: 4711, url: `${w.server.url}/acme/deployer/-/pipelines/4711` })
    expect(deployExitCode(record, false)).toBe(0)
    expect(w.told()).toEqual(['starting', 'answered'])
  })

  test('is given inputs alone where the project accepts no variables', async () => {
    const options = { variables: false, inputs: ['version', 'key'], name: 'to ops: $[[ inputs.version ]]' }
    const w = await world(options, { variables: {}, inputs: { version: '$STAGEGATE_VERSION', key: '${STAGEGATE_DEPLOYMENT_KEY} $OTHER' } })
    await w.run()
    expect(w.pipelines.started).toMatchObject([{ variables: {}, inputs: { version: '1.2.3', key: `${key} $OTHER` } }])
  })

  test.each(['failed', 'canceled', 'skipped'])('that has %s is for a person to look at', async (status) => {
    const w = await world({ statuses: ['running', status] })
    const record = await w.run()
    expect(record.pipeline?.status).toBe(status)
    expect(deployExitCode(record, true)).toBe(3)
  })

  test('that failed and was retried there passes when the job is run again', async () => {
    const w = await world({ statuses: ['failed'] })
    expect(deployExitCode(await w.run(), true)).toBe(3)
    w.pipelines.say(4711, 'running', 'success')
    expect(deployExitCode(await w.run(), true)).toBe(0)
    expect(w.pipelines.started).toHaveLength(1)
  })

  test('that waits for somebody there is waited for, as is one with a status that we do not know', async () => {
    const w = await world({
      statuses: ['created', 'waiting_for_resource', 'manual', 'waiting_for_godot', 'canceling', 'running', 'success'],
    })
    expect(deployExitCode(await w.run(), true)).toBe(0)
    expect(w.told()).toContain('manual')
  })

  test('takes longer than one job waits, and the next job goes on', async () => {
    const w = await world({ statuses: ['running'] })
    const record = await w.run({ timeout: 600_000 })
    expect(record.pipeline?.status).toBe('running')
    expect(deployExitCode(record, true)).toBe(4)
    // From two seconds to half a minute: about 600 s in some 26 looks.
    expect(w.clock.waits.slice(0, 3)).toEqual([1800, 2700, 4050])
    expect(Math.max(...w.clock.waits)).toBeLessThanOrEqual(30_000)
    expect(w.clock.waits.length).toBeLessThan(40)
    w.pipelines.say(4711, 'success')
    expect(deployExitCode(await w.run(), true)).toBe(0)
    expect(asked(w, 'POST')).toHaveLength(1)
  })

  test('is looked at for as long as it is planned to be waited for', async () => {
    const w = await world({ statuses: ['running'] })
    const before = Date.parse(w.clock.now())
    await w.run()
    const waited = Date.parse(w.clock.now()) - before
    expect(waited).toBeGreaterThan(3_500_000)
    expect(waited).toBeLessThanOrEqual(3_600_000)
  })

  test('outlives trouble on the way: errors, resets, pages that are no answer', async () => {
    const w = await world({ statuses: ['running', 'running', 'success'] })
    const on = { method: 'GET', path: /pipelines\/4711/ }
    w.server.faults.add(
      { on, after: 1, do: { answer: 502, body: '<html>' } },
      { on, after: 1, do: { reset: 'before-body' } },
      { on, after: 1, do: { answer: 200, body: '<html>Maintenance</html>' } },
    )
    const record = await w.run()
    expect(record.pipeline?.status).toBe('success')
    expect(w.told().filter((told) => told === 'trouble')).toHaveLength(3)
    expect(w.server.violations).toEqual([])
  })

  test('leaves a server alone for as long as it asks', async () => {
    const w = await world({ statuses: ['running', 'success'] })
    w.server.faults.add({ on: { method: 'GET', path: /pipelines\/4711/ }, do: { answer: 429, headers: { 'retry-after': '90' } } })
    expect(deployExitCode(await w.run(), true)).toBe(0)
    expect(w.clock.waits[0]).toBe(90_000)
  })

  test('is not waited for any longer when somebody stops the job, and the next one goes on', async () => {
    const w = await world({ statuses: ['running'] })
    const stopping = new AbortController()
    const onEvent = (event: DeployEvent) => {
      if (event.event === 'status') stopping.abort(new Error('stopped by SIGTERM'))
    }
    const record = await w.run({ signal: stopping.signal, onEvent })
    expect(record.pipeline).toMatchObject({ id: 4711, status: 'running' })
    expect(deployExitCode(record, true)).toBe(4)
    w.pipelines.say(4711, 'success')
    expect(deployExitCode(await w.run(), true)).toBe(0)
    expect(asked(w, 'POST')).toHaveLength(1)
  })
})

describe('never twice', () => {
  test('the answer to the start is lost: the pipeline is found by its name', async () => {
    const w = await world()
    w.server.faults.add({ on: { method: 'POST' }, do: { commitThenReset: true } })
    expect(deployExitCode(await w.run(), true)).toBe(0)
    expect(w.told()).toEqual(['starting', 'trouble', 'found', 'pending', 'running', 'success'])
    expect(w.pipelines.started).toHaveLength(1)
    expect(w.notes.steps().map(({ step }) => step)).toEqual(['starting', 'started'])
  })

  test.each([500, 502, 504])('it is started and answered with %i: the pipeline is found by its name', async (status) => {
    const w = await world()
    w.server.faults.add({ on: { method: 'POST' }, do: { commitThenAnswer: status } })
    expect(deployExitCode(await w.run(), true)).toBe(0)
    expect(w.pipelines.started).toHaveLength(1)
  })

  test('a proxy refuses what was already done: it is not believed', async () => {
    const w = await world()
    w.server.faults.add({ on: { method: 'POST' }, do: { commitThenAnswer: 403, body: '<html>Blocked</html>' } })
    expect(deployExitCode(await w.run(), true)).toBe(0)
    expect(w.pipelines.started).toHaveLength(1)
  })

  test('the pipeline shows itself only later: it is waited for, and not started again', async () => {
    const w = await world({ lag: 5 })
    w.server.faults.add({ on: { method: 'POST' }, do: { commitThenReset: true } })
    expect(deployExitCode(await w.run(), true)).toBe(0)
    expect(w.pipelines.started).toHaveLength(1)
  })

  test('nothing says whether it was started, since the project does not name its pipelines: a person must investigate', async () => {
    const w = await world({ name: 'Deploy' })
    w.server.faults.add({ on: { method: 'POST' }, do: { commitThenReset: true } })
    const refused = await w.run().catch((error: unknown) => error)
    expect(refused).toMatchObject({ code: 'gate/deployment-undecided' })
    for (const words of [key, '--resume', '--start-again 2', `${w.server.url}/acme/deployer/-/pipelines?ref=main`])
      expect(String(refused)).toContain(words)
    // As long as it could still appear.
    expect(w.clock.waits.reduce((sum, wait) => sum + wait, 0)).toBeGreaterThan(150_000)
    // Later jobs say the same, at once.
    w.clock.advance(60_000)
    const before = w.clock.waits.length
    await expect(w.run()).rejects.toMatchObject({ code: 'gate/deployment-undecided' })
    expect(w.clock.waits).toHaveLength(before)
    expect(asked(w, 'POST')).toHaveLength(1)
    expectNoToken(refused, w.events)
  })

  test('a person names the pipeline', async () => {
    const w = await world({ name: 'Deploy', variablesReadable: true })
    w.server.faults.add({ on: { method: 'POST' }, do: { commitThenReset: true } })
    await w.run().catch(() => undefined)
    expect((await w.run({ decision: { resume: 4711 } })).pipeline).toMatchObject({ id: 4711, status: 'success' })
    expect((await w.run({ decision: { resume: 4711 } })).pipeline).toMatchObject({ id: 4711 })
    // Once said, it need not be said again.
    expect((await w.run()).pipeline).toMatchObject({ id: 4711 })
    expect(asked(w, 'POST')).toHaveLength(1)
    expect(w.notes.steps().map(({ step }) => step)).toEqual(['starting', 'started'])
  })

  test('a person names a pipeline that is not there, or of another branch', async () => {
    const w = await world()
    await expect(w.run({ decision: { resume: 99 } })).rejects.toMatchObject({ code: 'gate/deployment-unreadable' })
    const other = w.pipelines.startByHand('x', 'feature')
    await expect(w.run({ decision: { resume: other.id } })).rejects.toMatchObject({ code: 'usage/resume' })
    expect(w.notes.steps()).toEqual([])
  })

  test('a person says that it is to be started again, which works once', async () => {
    const w = await world({ name: 'Deploy', variablesReadable: true })
    w.server.faults.add({ on: { method: 'POST' }, do: { reset: 'after-body' } })
    await w.run().catch(() => undefined)
    for (let round = 0; round < 3; round++) {
      expect((await w.run({ decision: { startAgain: 2 } })).pipeline).toMatchObject({ id: 4711, status: 'success' })
    }
    await expect(w.run({ decision: { startAgain: 4 } })).rejects.toMatchObject({ code: 'usage/start-again' })
    expect(w.pipelines.started).toHaveLength(1)
    expect(w.pipelines.started[0]?.variables['STAGEGATE_DEPLOYMENT_KEY']).toBe(keyOf(manifest, 'ops', 2))
  })

  test('a person starts it by hand under its name, and the job finds it', async () => {
    const w = await world()
    w.server.faults.add({ on: { method: 'POST' }, do: { reset: 'after-body' } })
    await w.run().catch(() => undefined)
    const { id } = w.pipelines.startByHand(key)
    expect((await w.run()).pipeline).toMatchObject({ id, status: 'success' })
    expect(asked(w, 'POST')).toHaveLength(1)
  })

  test('two pipelines have the name: a person says which', async () => {
    const w = await world()
    const [first] = [w.pipelines.startByHand(key), w.pipelines.startByHand(key)]
    await expect(w.run()).rejects.toMatchObject({ code: 'gate/deployment-twice', message: expect.stringContaining('4712, 4711') })
    expect((await w.run({ decision: { resume: first.id } })).pipeline).toMatchObject({ id: first.id })
    expect(asked(w, 'POST')).toEqual([])
  })

  test('many jobs at the same time start one pipeline', async () => {
    const w = await world()
    const records = await Promise.all(Array.from({ length: 8 }, () => w.run()))
    expect(records.map(({ pipeline }) => pipeline?.id)).toEqual(Array.from({ length: 8 }, () => 4711))
    expect(w.pipelines.started).toHaveLength(1)
  })

  test('many jobs at the same time learn from the one that started it, also where the project does not name its pipelines', async () => {
    const w = await world({ name: 'Deploy', variablesReadable: true })
    const records = await Promise.all(Array.from({ length: 4 }, () => w.run()))
    expect(records.map(({ pipeline }) => pipeline?.id)).toEqual([4711, 4711, 4711, 4711])
    expect(w.pipelines.started).toHaveLength(1)
  })

  test('the answer is lost, and the list cannot be had for a while', async () => {
    const w = await world()
    w.server.faults.add({ on: { method: 'POST' }, do: { commitThenReset: true } })
    w.server.faults.add({ on: { method: 'GET', path: /pipelines\?/ }, after: 1, times: 4, do: { answer: 503 } })
    expect(deployExitCode(await w.run(), true)).toBe(0)
    expect(w.pipelines.started).toHaveLength(1)
  })

  test('the answer is lost, and the list cannot be had at all: the next job finds out', async () => {
    const w = await world()
    w.server.faults.add({ on: { method: 'POST' }, do: { commitThenReset: true } })
    w.server.faults.add({ on: { method: 'GET', path: /pipelines\?/ }, after: 1, times: 1000, do: { answer: 503 } })
    await expect(w.run()).rejects.toMatchObject({ code: 'gitlab/unavailable' })
    w.server.faults.clear()
    w.server.faults.add({ on: { method: 'GET', path: /pipelines\?/ }, do: { answer: 503 } })
    expect(deployExitCode(await w.run(), true)).toBe(0)
    expect(w.pipelines.started).toHaveLength(1)
  })

  test('many jobs at the same time, the answer lost, and a project without names: still one, and a person must investigate', async () => {
    const w = await world({ name: '' })
    w.server.faults.add({ on: { method: 'POST' }, do: { commitThenReset: true } })
    const results = await Promise.allSettled(Array.from({ length: 5 }, () => w.run()))
    for (const result of results) expect(result).toMatchObject({ status: 'rejected', reason: { code: 'gate/deployment-undecided' } })
    expect(w.pipelines.started).toHaveLength(1)
  })

  test('a job that was stopped while it started leaves the rest to the next', async () => {
    const w = await world()
    const stopping = new AbortController()
    w.server.faults.add({ on: { method: 'POST' }, do: { commitThenReset: true } })
    const onEvent = (event: DeployEvent) => {
      if (event.event === 'starting') stopping.abort(new Error('stopped by SIGTERM'))
    }
    await expect(w.run({ signal: stopping.signal, onEvent })).rejects.toMatchObject({ code: 'deployment/stopped' })
    // It was stopped before it had asked.
    expect(w.pipelines.started).toEqual([])
    await expect(w.run()).rejects.toMatchObject({ code: 'gate/deployment-undecided' })
  })

  test('a job that slept between writing that it begins and asking does not ask', async () => {
    const w = await world()
    const slow: Notes = {
      find: w.notes.find,
      async keep(folder, file, text) {
        w.clock.advance(3_600_000)
        return w.notes.keep(folder, file, text)
      },
    }
    await expect(w.run({ notes: slow })).rejects.toMatchObject({ code: 'gate/deployment-undecided' })
    expect(asked(w, 'POST')).toEqual([])
  })

  test('a step that cannot be recorded after the answer does not matter', async () => {
    const w = await world({ name: 'Deploy' })
    let writes = 0
    const failing: Notes = {
      find: w.notes.find,
      async keep(folder, file, text) {
        if (++writes > 1) throw new Error('the disk is full')
        return w.notes.keep(folder, file, text)
      },
    }
    expect((await w.run({ notes: failing })).pipeline).toMatchObject({ id: 4711, status: 'success' })
    expect(w.told()).toContain('trouble')
    await expect(w.run()).rejects.toMatchObject({ code: 'gate/deployment-undecided' })
    expect(asked(w, 'POST')).toHaveLength(1)
  })

  test('if a step cannot be recorded before the start, nothing is started', async () => {
    const w = await world()
    const broken: Notes = { find: w.notes.find, keep: () => Promise.reject(new Error('the disk is full')) }
    await expect(w.run({ notes: broken })).rejects.toThrow('the disk is full')
    expect(asked(w, 'POST')).toEqual([])
  })

  test('another manifest is another deployment', async () => {
    const w = await world()
    const other = manifestOf([itemOf(Buffer.from('other'))], { origin })
    await w.run()
    await w.run({}, other)
    expect(w.pipelines.started.map(({ name }) => name)).toEqual([key, keyOf(other, 'ops', 1)])
  })
})

describe('notes that somebody else wrote count only as far as GitLab confirms them', () => {
  const sealed = manifest.sealedAt
  /** Notes as another job can leave them, where it can write. */
  async function forge({ notes }: World, ...steps: readonly Record<string, unknown>[]): Promise<void> {
    for (const [number, step] of steps.entries())
      await notes.keep(deploymentName(manifest, 'ops'), `${number}.json`, JSON.stringify({ at: sealed, ...step }))
  }
  const starting = { step: 'starting', by: 'deploy: [ops] (job 7)', mark: 'x' }
  const startedAs = (pipeline: number, how = 'answered') => ({ step: 'started', pipeline, how })

  test.each<[string, (w: World) => RunningPipeline, string]>([
    [
      'of another name',
      ({ pipelines }) => pipelines.startByHand('nightly'),
      `its name is "nightly", not ${key}, and the token cannot read its variables`,
    ],
    ['without a name', ({ pipelines }) => pipelines.startByHand(null), 'its name is none'],
    ['for another ref', ({ pipelines }) => pipelines.startByHand(key, 'topic'), 'it is for topic, not for main'],
    [
      'from before the seal',
      ({ pipelines, clock }) => {
        clock.advance(-7_200_000)
        const started = pipelines.startByHand(key)
        clock.advance(7_200_000)
        return started
      },
      `it was created at 2026-01-31T10:00:00.000Z, before the seal at ${sealed}`,
    ],
  ])('a pipeline %s', async (_what, start, said) => {
    const w = await world()
    const { id } = start(w)
    for (const how of ['answered', 'found', 'said']) {
      const notes = memoryNotes()
      await forge({ ...w, notes }, ...(how === 'answered' ? [] : [starting]), startedAs(id, how))
      const refused = await w.run({ notes }).catch((error: unknown) => error)
      expect(refused).toMatchObject({ name: 'GateError', code: 'gate/deployment-mismatch', message: expect.stringContaining(said) })
      expect(String(refused)).toContain(`its notes name ${w.server.url}/acme/deployer/-/pipelines/${id}`)
    }
    expect(asked(w, 'POST')).toEqual([])
  })

  test('a pipeline that is not there', async () => {
    const w = await world()
    await forge(w, startedAs(99))
    await expect(w.run()).rejects.toMatchObject({ name: 'GateError', message: expect.stringContaining('its pipeline 99 does not exist') })
    expect(asked(w, 'POST')).toEqual([])
  })

  test('a pipeline with other variables, which the token may read', async () => {
    const w = await world({ name: 'Deploy', variablesReadable: true })
    const other = w.pipelines.startByHand('Deploy', 'main', { STAGEGATE_DEPLOYMENT_KEY: 'acme-1.2.2-ops-000000000000', VERSION: 'v1.2.2' })
    await forge(w, startedAs(other.id))
    const said = 'its variables are not those of this deployment'
    await expect(w.run()).rejects.toMatchObject({ code: 'gate/deployment-mismatch', message: expect.stringContaining(said) })
  })

  test('a start that was refused, they say, while its pipeline runs: nothing is started a second time', async () => {
    const w = await world()
    const there = w.pipelines.startByHand(key)
    await forge(w, starting, { step: 'not-started', because: 'a lie' })
    const said = `its notes say that start 1 was refused, but the pipeline exists: ${w.server.url}/acme/deployer/-/pipelines/${there.id}`
    await expect(w.run()).rejects.toMatchObject({ code: 'gate/deployment-mismatch', message: expect.stringContaining(said) })
    expect(asked(w, 'POST')).toEqual([])
  })

  test('a second start that was never made: the message names the existing pipeline', async () => {
    const w = await world()
    await w.run()
    await w.notes.keep(deploymentName(manifest, 'ops'), '2.json', JSON.stringify({ ...starting, at: sealed }))
    await expect(w.run()).rejects.toMatchObject({
      code: 'gate/deployment-undecided',
      message: expect.stringContaining('Earlier notes name the pipeline 4711. Check it first.'),
    })
    expect(asked(w, 'POST')).toHaveLength(1)
  })

  test('a person’s decision settles it', async () => {
    const w = await world()
    const other = w.pipelines.startByHand('nightly')
    await forge(w, startedAs(other.id))
    expect((await w.run({ decision: { startAgain: 1 } })).pipeline).toMatchObject({ id: other.id + 1, status: 'success' })
    expect((await w.run()).pipeline).toMatchObject({ id: other.id + 1 })
    expect(w.pipelines.started).toMatchObject([{ name: 'nightly' }, { name: key }])
  })
})

/** What goes wrong in one run of the job. */
interface BadDay {
  readonly start: Misbehaviour
  readonly look: Misbehaviour
  /** The write of a step that fails, and whether it was done all the same. */
  readonly write: { readonly number: number; readonly done: boolean } | undefined
  /** How many jobs run at the same time. */
  readonly jobs: number
}

const badDay: fc.Arbitrary<BadDay> = fc.record({
  start: fc.constantFrom<Misbehaviour>(
    {},
    { commitThenReset: true },
    { commitThenAnswer: 504 },
    { reset: 'before-body' },
    { reset: 'after-body' },
    { answer: 500 },
    { answer: 429 },
    { answer: 403, body: { message: '403 Forbidden' } },
  ),
  look: fc.constantFrom<Misbehaviour>({}, {}, { answer: 502 }, { reset: 'before-body' }),
  write: fc.option(fc.record({ number: fc.nat({ max: 3 }), done: fc.boolean() }), { nil: undefined }),
  jobs: fc.integer({ min: 1, max: 3 }),
})

test('whatever goes wrong, in whatever order, it is never started twice', { timeout: 300_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.boolean(), fc.nat({ max: 3 }), fc.array(badDay, { maxLength: 4 }), async (named, lag, days) => {
      const w = await world({ name: named ? '$STAGEGATE_DEPLOYMENT_KEY' : 'Deploy', lag, statuses: ['success'] })
      for (const { start, look, write, jobs } of days) {
        w.server.faults.clear()
        w.server.faults.add({ on: { method: 'POST' }, do: start }, { on: { method: 'GET' }, do: look })
        let writes = 0
        const notes: Notes = {
          find: w.notes.find,
          async keep(folder, file, text) {
            const fails = write !== undefined && write.number === writes++
            if (fails && !write.done) throw new Error('it was not written')
            const kept = await w.notes.keep(folder, file, text)
            if (fails) throw new Error('it was written, and nobody was told')
            return kept
          },
        }
        await Promise.allSettled(Array.from({ length: jobs }, () => w.run({ notes })))
        w.clock.advance(1000)
      }
      w.server.faults.clear()
      const last = await w.run().then(
        (record) => record.pipeline?.id,
        (error: unknown) => error,
      )
      expect(w.pipelines.started.length).toBeLessThanOrEqual(1)
      // On a good day it is started, or a person is told.
      const codes = ['gate/deployment-undecided', ...(named ? [] : ['gate/deployment-mismatch'])]
      if (last instanceof Error) expect(codes).toContain('code' in last ? last.code : last.message)
      else expect(w.pipelines.started).toMatchObject([{ id: last }])
      expect(w.server.violations).toEqual([])
      await w.server.close()
    }),
    { numRuns: 150 },
  )
})

describe('what is refused', () => {
  test('the trigger token: nothing was started, and the job can be run again with the right one', async () => {
    const w = await world({ trigger: 'another' })
    const refused = await w.run().catch((error: unknown) => error)
    expect(refused).toMatchObject({ code: 'gate/deployment-refused', message: expect.stringContaining('OPS_TRIGGER_TOKEN') })
    expectNoToken(refused, w.events)
    expect(w.notes.steps().map(({ step }) => step)).toEqual(['starting', 'not-started'])

    const right = await world()
    expect((await right.run({ notes: w.notes })).pipeline).toMatchObject({ id: 4711 })
    expect(w.notes.steps().map(({ step }) => step)).toEqual(['starting', 'not-started', 'starting', 'started'])
  })

  test('the reading token: nothing is started that could not be seen', async () => {
    const w = await world({ read: 'another' })
    const refused = await w.run().catch((error: unknown) => error)
    expect(refused).toMatchObject({ code: 'gate/deployment-unreadable', message: expect.stringContaining('OPS_READ_TOKEN') })
    expectNoToken(refused)
    expect(asked(w, 'POST')).toEqual([])
    expect(w.notes.steps()).toEqual([])
  })

  test.each([
    ['a branch that is not there', {}, { ref: 'mian' }, 'base: Reference not found'],
    ['variables that the project does not accept', { variables: false }, {}, 'Insufficient permissions to set pipeline variables'],
    ['inputs that it does not have', {}, { inputs: { colour: 'red' } }, 'Given inputs not defined'],
  ])('%s', async (_, options, remote, said) => {
    const w = await world(options, remote)
    await expect(w.run()).rejects.toMatchObject({ code: 'gate/deployment-refused', message: expect.stringContaining(said) })
    expect(w.pipelines.started).toEqual([])
  })

  test('a start that is asked for too often, which is repeated later', async () => {
    const w = await world()
    w.server.faults.add({ on: { method: 'POST' }, do: { answer: 429, headers: { 'retry-after': '5' } } })
    await expect(w.run()).rejects.toMatchObject({ code: 'repository/put-off' })
    w.clock.advance(5000)
    expect(deployExitCode(await w.run(), true)).toBe(0)
    expect(w.notes.steps().map(({ step }) => step)).toEqual(['starting', 'not-started', 'starting', 'started'])
  })

  test('a server that cannot be reached: nothing was begun', async () => {
    const w = await world()
    await w.server.close()
    await expect(w.run()).rejects.toMatchObject({ code: 'http/unreachable' })
    expect(w.notes.steps()).toEqual([])
  })

  test('an instance below a path is asked there', async () => {
    const w = await world()
    const below = await world({}, { url: `${w.server.url}/gitlab` })
    await expect(below.run()).rejects.toMatchObject({ code: 'gate/deployment-unreadable' })
    expect(w.server.requests[0]?.path).toMatch(/^\/gitlab\/api\/v4\/projects\/acme%2Fdeployer\/pipelines\?/)
  })

  test('a manifest of another pipeline, before anybody is asked', async () => {
    const w = await world()
    await expect(w.run({ origin: { ...origin, pipeline: 101 } })).rejects.toMatchObject({ code: 'gate/manifest' })
    expect(w.server.requests).toEqual([])
  })

  test('a credential that is not set, before anything is done', async () => {
    const w = await world()
    const environment = createEnvironment({ variables: { OPS_READ_TOKEN: tokens.read }, base: '.', rehearsal: true, clock: w.clock })
    await expect(w.run({ environment })).rejects.toMatchObject({ code: 'usage/secret-missing' })
    expect(w.server.requests).toEqual([])
  })

  test('a deployment of another kind', async () => {
    const w = await world()
    const sealed = manifestOf([itemOf(Buffer.from('acme'))], { origin: { ...origin, pipelineKind: 'rc' } })
    await expect(w.run({ origin: { ...origin, pipelineKind: 'rc' } }, sealed)).rejects.toMatchObject({ code: 'usage/deployment' })
  })

  test('steps that somebody changed by hand', async () => {
    const w = await world()
    const changed: Notes = { ...w.notes, find: async () => '{"step":"finished"}' }
    await expect(w.run({ notes: changed })).rejects.toMatchObject({ code: 'document/invalid' })
    expect(w.server.requests).toEqual([])
  })
})
