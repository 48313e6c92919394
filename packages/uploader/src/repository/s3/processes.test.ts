import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { exitCodeOf } from '../../exit-code.js'
import { contentOf, sampleBytes } from '../../testing/fixtures.js'
import type { Death } from '../../testing/image/mortal-client.js'
import type { S3Options } from '../../testing/s3/index.js'
import type { Fault } from '../../testing/server/faults.js'
import { BucketReleases, type Files, type Process } from '../../testing/transfer/bucket-releases.js'

/* Processes that die at any request, and that release at the same time. Statement 4 holds for each, and no file is ever taken for another. */

const right = (data: Buffer) => contentOf(data).sha256
const good = ['published', 'already-public']

async function opened(options: S3Options = {}): Promise<BucketReleases> {
  const bucket = await BucketReleases.start(options)
  onTestFinished(() => bucket.close())
  return bucket
}

let versions = 0
/** Two files of a new version: one is sent in pieces, as its end is held back. */
function twoFiles(): Files {
  const version = `1.0.${++versions}`
  return { [`hello/${version}/hello.tar.gz`]: sampleBytes(70_000, 1), [`hello/${version}/hello.txt`]: sampleBytes(900, 2) }
}

const upload = { method: 'PUT', path: /hello/ }
const lostAnswer: Fault = { on: upload, do: { commitThenReset: true } }
const broken: Fault = { on: upload, do: { reset: { afterBytes: 500 } } }
const ways: readonly (readonly [string, S3Options & Pick<Process, 'role'> & { readonly trouble?: readonly Fault[] }])[] = [
  ['as it is', {}],
  ['with staging', { role: 'staging' }],
  ['that shows new objects late', { lag: 3 }],
  ['that keeps no checksums', { keepsChecksums: false }],
  ['in another region', { region: 'eu-west-1' }],
  ['whose clock differs', { ahead: 3600 }],
  ['that loses an answer', { trouble: [lostAnswer] }],
  ['that breaks off an upload', { trouble: [broken] }],
]

describe.each(ways)('of a bucket %s', (_, { trouble = [], role, ...options }) => {
  let bucket: BucketReleases
  beforeAll(async () => {
    bucket = await BucketReleases.start({ ...options, isPlain: true })
  })
  afterAll(() => bucket.close())

  async function run(files: Files, death?: Death) {
    bucket.server.faults.clear()
    bucket.server.faults.add(...trouble)
    const released = await bucket.release(files, { role, death })
    bucket.server.faults.clear()
    return released
  }

  test('statement 4: a process that is killed before or after any request, and runs again, ends well and sends nothing that is there', async () => {
    const whole = await run(twoFiles())
    expect(exitCodeOf(whole.outcomes)).toBe(0)
    // A trial of the server, two looks by two requests, two uploads and two looks, at least.
    const steps = whole.asked.length
    expect(steps).toBeGreaterThanOrEqual(9)
    for (let at = 1; at <= steps; at++) {
      for (const when of ['before', 'after'] as const) {
        const files = twoFiles()
        const because = `killed ${when} request ${at} of ${steps}`
        const { outcomes } = await run(files, { at, when })
        for (const { path, verdict } of outcomes)
          if (good.includes(verdict)) expect(bucket.digest(path), because).toBe(right(files[path] ?? Buffer.of()))
        const missing = Object.keys(files).filter((path) => bucket.digest(path) === undefined)
        const again = await bucket.release(files, { role })
        expect(exitCodeOf(again.outcomes), because).toBe(0)
        // An upload that was under way can have ended after its process; one of an object that is seen late is refused by the server.
        expect(again.uploads, because).toBeLessThanOrEqual(options.lag === undefined ? missing.length : 2)
        for (const [path, data] of Object.entries(files)) expect(bucket.digest(path), because).toBe(right(data))
      }
    }
  })
})

describe('two releases at once', () => {
  test.each([
    ['of a bucket', {}],
    ['of one that shows new objects late', { lag: 2 }],
  ])('%s both end well, one held before any request until the other has ended', async (_, options) => {
    const bucket = await opened(options)
    for (const held of [0, 1, 2, 3, 4, 5]) {
      const files = { [`hello/2.0.${held}/hello.tar.gz`]: sampleBytes(3000, held + 1) }
      let other: ReturnType<BucketReleases['release']> | undefined
      const begin = () => {
        other ??= bucket.release(files)
        return other
      }
      let requests = 0
      const hold = async () => {
        if (++requests === held) await begin()
      }
      // Held before none, they run side by side.
      const both = await Promise.all([bucket.release(files, { hold }), ...(held === 0 ? [begin()] : [])])
      for (const { outcomes } of [...both, await begin()]) expect(exitCodeOf(outcomes), `held before request ${held}`).toBe(0)
      for (const [path, data] of Object.entries(files)) expect(bucket.digest(path)).toBe(right(data))
      expect(await bucket.release(files)).toMatchObject({ verdicts: ['already-public'] })
    }
  })

  test('of different versions never disturb each other, while the server refuses some writes as contended', async () => {
    const bucket = await opened()
    bucket.server.contend(4)
    const releases = [twoFiles(), twoFiles(), twoFiles()]
    const ended = await Promise.all(releases.map((files) => bucket.release(files)))
    for (const { outcomes } of ended) expect(exitCodeOf(outcomes)).toBe(0)
    for (const files of releases) for (const [path, data] of Object.entries(files)) expect(bucket.digest(path)).toBe(right(data))
  })

  test.each(['public', 'staging'] as const)(
    'statement 1: of different bytes under one name, the later is a conflict, and the earlier stays (%s)',
    async (role) => {
      const bucket = await opened()
      const path = 'hello/1.2.3/hello.tar.gz'
      const [ours, others] = [{ [path]: sampleBytes(3000, 1) }, { [path]: sampleBytes(3000, 2) }]
      const hold: Process['hold'] = async ({ method, path: asked }) => {
        if (method === 'PUT' && asked.endsWith('hello.tar.gz')) await bucket.release(others, { role })
      }
      expect(await bucket.release(ours, { role, hold })).toMatchObject({ verdicts: ['conflict'] })
      expect(await bucket.release(others, { role })).toMatchObject({ verdicts: ['already-public'], uploads: 0 })
      expect(bucket.digest(path)).toBe(right(others[path] ?? Buffer.of()))
    },
  )
})

test('a server that ignores conditions gets no file, however often it is asked', async () => {
  const bucket = await opened({ conditions: 'ignores' })
  for (let turn = 0; turn < 2; turn++) {
    const { outcomes, uploads } = await bucket.release(twoFiles())
    expect(outcomes.map(({ problem }) => problem?.code)).toEqual(['store/no-preconditions', 'store/no-preconditions'])
    expect([exitCodeOf(outcomes), uploads]).toEqual([3, 0])
  }
  expect([...bucket.server.objects().keys()]).toEqual(['linux/.stagegate/probe'])
})

test('credentials that expire in the middle leave the rest undone, and the next run finishes it', async () => {
  const account = { secretAccessKey: 'writes', isExpired: false }
  const bucket = await opened({ accounts: { AKIDWRITES: account } })
  for (const at of [2, 4, 6, 8]) {
    const files = twoFiles()
    let requests = 0
    account.isExpired = false
    const hold = async () => {
      if (++requests === at) account.isExpired = true
    }
    const { outcomes } = await bucket.release(files, { hold })
    expect(exitCodeOf(outcomes), `ended before request ${at}`).toBe(4)
    for (const { verdict, problem } of outcomes.filter((one) => !good.includes(one.verdict)))
      expect([verdict, problem?.code]).toEqual(['undetermined', 'store/session-over'])
    account.isExpired = false
    expect(exitCodeOf((await bucket.release(files)).outcomes)).toBe(0)
  }
})
