import { createServer } from 'node:net'
import { instant, later, type Outcome, type Problem, parseReceipt, parseVerification } from '@stagegate/schema'
import { describe, expect, test } from 'vitest'
import type { PublicRepository } from '../contract/capabilities.js'
import { exitCodeOf } from '../exit-code.js'
import { acmeAt, itemOf, manifestOf, memoryRepository, originOf, planOf, sampleBytes } from '../testing/fixtures.js'
import type { TransferEvent } from '../transfer/event.js'
import { foresee } from './foresee.js'
import { publish } from './publish.js'
import { verify } from './verify.js'

const data = sampleBytes(100)
// These runs are on the clock of the system.
const manifest = { ...manifestOf([itemOf(data)]), expiresAt: later(instant(Date.now()), 3600) }
const quick = { firstWait: 1, longestWait: 5, gather: 1 }
const origin = originOf(planOf())

/** A port that nobody listens to any more. */
const port = await new Promise<number>((resolve) => {
  const server = createServer().listen(0, '127.0.0.1', () => {
    const address = server.address()
    server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
  })
})

/** Its errors are those of Node's own `fetch`, with their cause. */
const onFetch: PublicRepository = {
  observe: async () => {
    await fetch(`http://127.0.0.1:${port}/`)
    return { saw: 'absent' }
  },
  create: async () => ({ outcome: 'accepted' }),
}
const broken = (message: string): PublicRepository => ({ ...onFetch, observe: () => Promise.reject(new TypeError(message)) })
const deaf: PublicRepository = { ...onFetch, observe: () => new Promise(() => undefined) }

interface Wish {
  readonly run?: number
  readonly signal?: AbortSignal
}

async function published(stable: PublicRepository, { run = 300, signal }: Wish = {}) {
  const events: TransferEvent[] = []
  const receipt = await publish(manifest, {
    origin,
    repositories: { staging: memoryRepository([acmeAt, data]), stable },
    limits: { ...quick, run, looks: 1000, lookTimeout: 50 },
    onEvent: (event) => events.push(event),
    signal,
  })
  // Every document of it can be read.
  parseReceipt(JSON.stringify(receipt), 'receipt')
  const [outcome] = receipt.outcomes
  if (outcome === undefined) throw new Error('Expected an outcome')
  return { outcome, events }
}

describe('the outcome says why nothing was published', () => {
  test.each<[string, PublicRepository, Partial<Problem>]>([
    [
      'a server that refuses connections',
      onFetch,
      { message: expect.stringMatching(/; last: fetch failed$/), causes: [expect.stringContaining('ECONNREFUSED')] },
    ],
    ['a repository with a bug', broken('create is not a function'), { message: expect.stringContaining('last: create is not a function') }],
  ])('when the time of the run is over: %s', async (_, stable, problem) => {
    const { outcome } = await published(stable)
    expect(outcome).toMatchObject({ verdict: 'undetermined', problem: { code: 'call/timeout', ...problem } })
    expect(outcome.problem?.message).toMatch(/^it did not finish within 0\.3 s; /)
  })

  test('when the repository never answers, the time limit of its look is reported', async () => {
    const { outcome } = await published(deaf, { run: 1500 })
    expect(outcome.problem).toMatchObject({ code: 'call/timeout', message: expect.stringContaining('it did not finish within') })
  })

  test('in events, with the cause that fetch hides', async () => {
    const { events } = await published(onFetch)
    const waiting = events.find(({ event }) => event === 'waiting')
    expect(waiting).toMatchObject({
      because: { code: 'repository/threw', message: 'fetch failed', causes: [expect.stringContaining('ECONNREFUSED')] },
    })
  })

  test('in what verify found, and in what is foreseen', async () => {
    const options = { origin, repositories: { staging: memoryRepository([acmeAt, data]), stable: onFetch }, limits: { ...quick, looks: 2 } }
    const verification = await verify(manifest, { ...options, deadline: 20 })
    const problem = { code: 'repository/threw', message: 'fetch failed', causes: [expect.stringContaining('ECONNREFUSED')] }
    expect(verification.findings).toMatchObject([{ found: 'unknown', problem }])
    expect(parseVerification(JSON.stringify(verification), 'verification').findings).toEqual(verification.findings)
    expect(await foresee(manifest, options)).toMatchObject([{ would: 'unknown', problem }])
  })
})

describe('a run that a program cancelled differs from a broken one', () => {
  const failed = (outcome: Outcome) => ({ problem: outcome.problem, exit: exitCodeOf([outcome]) })

  test.each<[string, unknown, string]>([
    ['an error', new Error('the user pressed a key'), 'the user pressed a key'],
    ['nothing', undefined, 'This operation was aborted'],
    ['a text', 'enough', 'enough'],
    ['an object', { why: 'enough' }, '{"why":"enough"}'],
    ['an error of the system', Object.assign(new Error('write EPIPE'), { code: 'EPIPE', syscall: 'write' }), 'write EPIPE'],
  ])('before it began, by %s', async (_, reason, message) => {
    const { outcome } = await published(memoryRepository(), { signal: AbortSignal.abort(reason) })
    expect(failed(outcome)).toEqual({ problem: { code: 'run/cancelled', message }, exit: 4 })
  })

  test.each([
    ['while a repository does not answer', deaf],
    ['while it waits', broken('no')],
  ])('in the middle, %s', async (_, repository) => {
    const controller = new AbortController()
    const stable: PublicRepository = {
      ...repository,
      observe: (at, call) => {
        setImmediate(() => controller.abort(new Error('enough')))
        return repository.observe(at, call)
      },
    }
    const { outcome } = await published(stable, { run: 60_000, signal: controller.signal })
    expect(failed(outcome)).toEqual({ problem: { code: 'run/cancelled', message: 'enough' }, exit: 4 })
  })

  test('verify and foresee say it, too', async () => {
    const signal = AbortSignal.abort(new Error('enough'))
    const options = { origin, repositories: { staging: memoryRepository([acmeAt, data]), stable: memoryRepository() }, signal }
    const problem = { code: 'run/cancelled', message: 'enough' }
    expect((await verify(manifest, options)).findings).toMatchObject([{ problem }])
    expect(await foresee(manifest, options)).toMatchObject([{ would: 'unknown', problem }])
  })
})
