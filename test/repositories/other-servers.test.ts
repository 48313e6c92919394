// Servers of the S3 API that TEST_S3_SERVERS names: each keeps everything that a store promises, or its failure is seen.
import { createHash } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { aptRepository, bytes, createEnvironment, instant, later, s3, sha256, yumRepository } from '@stagegate/uploader'
import { type ConformanceOptions, type ConformancePlace, repositoryConformance } from '@stagegate/uploader/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { storePath } from '../../packages/uploader/src/store/index.js'
import { openS3 } from '../../packages/uploader/src/store/s3/index.js'
import { type StorePlace, storeConformance } from '../../packages/uploader/src/testing/conformance/store/index.js'
import { temporaryFolder } from '../release/files.js'
import { yesterdaysKey } from '../tasks/keys.mjs'
import { startMinio, startS3mock, startS3rver, startSeaweedfs } from '../tasks/other-servers.mjs'
import { type Running, startVersitygw } from '../tasks/servers.mjs'

const region = 'us-east-1'
const bucket = 'acme-downloads'
const ours = { accessKeyId: 'AKIDOWNER', secretAccessKey: 'secret-of-the-owner' }
/** s3rver has these. */
const theirs = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' }

const start = {
  minio: (folder: string) => startMinio(folder, { keys: ours }),
  seaweedfs: (folder: string) => startSeaweedfs(folder, { keys: ours }),
  versitygw: (folder: string) => startVersitygw(folder, { keys: ours }),
  s3rver: startS3rver,
  s3mock: startS3mock,
}
type Name = keyof typeof start
/** Whether it keeps what a store promises. */
const keeps = (name: Name) => name === 'minio' || name === 'seaweedfs' || name === 'versitygw'
const names = (process.env['TEST_S3_SERVERS'] ?? '').split(',')
const named = names.filter((name): name is Name => Object.hasOwn(start, name))
if (named.length < names.length) throw new Error(`TEST_S3_SERVERS is ${names.join()}. It can name ${Object.keys(start).join(', ')}.`)

const soon = () => ({ signal: AbortSignal.timeout(60_000), deadline: later(instant(Date.now()), 60) })

/** A server that is started before the tests around it, with one empty bucket. */
function serverOf(name: Name) {
  const keys = name === 's3rver' ? theirs : ours
  const account = { accessKeyId: { value: keys.accessKeyId }, secretAccessKey: { value: keys.secretAccessKey } }
  const folder = temporaryFolder()
  let running: Running | undefined
  const url = () => running?.url ?? 'https://127.0.0.1:1'
  beforeAll(async () => {
    running = await start[name](folder)
    const owner = createEnvironment({ variables: {} }).http(url(), { ...account, scheme: 'aws', region, service: 's3' })
    const put = async (path: string, body: string) => (await owner.send({ method: 'PUT', path, body }, soon())).status
    expect(await put(`/${bucket}`, '')).toBe(200)
    if (!keeps(name)) return
    const Statement = [{ Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: `arn:aws:s3:::${bucket}/*` }]
    expect([200, 204]).toContain(await put(`/${bucket}?policy`, JSON.stringify({ Version: '2012-10-17', Statement })))
  })
  afterAll(() => running?.stop())
  const wrong = { ...account, secretAccessKey: { value: 'secret-of-nobody' } }
  return { folder, url, account, wrong }
}
type Server = ReturnType<typeof serverOf>

let places = 0
/** A store with nothing in it, below a folder of its own. */
function emptyStore({ url, account, wrong }: Server): { readonly store: ReturnType<typeof openS3>['store'] } & StorePlace {
  const prefix = storePath(`store-${places++}`)
  const open = (keys = account, origin = url()) =>
    openS3({ origin, bucket: { name: bucket, style: 'path' }, region, prefix, keys }, createEnvironment({ variables: {} })).store
  return {
    store: open(),
    another: () => open(),
    unreachable: () => open(account, 'https://127.0.0.1:1'),
    refused: () => open(wrong),
  }
}

type Layout = (on: { readonly bucket: string } & Parameters<typeof s3>[1]) => ConformancePlace['repository']
function emptyPlace({ url, account, wrong }: Server, layout: Layout): ConformancePlace {
  const prefix = `place-${places++}`
  const open = (credentials = account, endpoint = url()) => layout({ bucket, region, endpoint, prefix, credentials })
  return {
    repository: open(),
    another: () => open(),
    unreachable: () => open(account, 'https://127.0.0.1:1'),
    refused: () => open(wrong),
  }
}

function bodyOf(text: string) {
  const data = Buffer.from(text)
  const content = { sha256: sha256(createHash('sha256').update(data).digest('hex')), size: bytes(data.length) }
  return { content, stream: () => Readable.from([data]) }
}

const signing = yesterdaysKey('acme')
const signWith = async () => (await signing).secret
const without = ['failing', 'losingAnswers', 'readOnly', 'remove'] as const
const layouts: readonly (readonly [name: string, layout: Layout, options: ConformanceOptions])[] = [
  [
    'files',
    ({ bucket, ...options }) => s3(bucket, options),
    { formats: ['deb', 'rpm', 'file'], without: [...without, 'tags', 'referrers'] },
  ],
  ['apt', (on) => aptRepository({ on, signWith }), { formats: ['deb'], index: true, without: [...without, 'copy', 'tags', 'referrers'] }],
  ['yum', (on) => yumRepository({ on, signWith }), { formats: ['rpm'], index: true, without: [...without, 'copy', 'tags', 'referrers'] }],
]

describe.each(named.filter(keeps))('%s', (name) => {
  const server = serverOf(name)
  describe('keeps what a store promises', () => {
    for (const one of storeConformance(() => emptyStore(server), { moves: true, copies: true, without, name })) test(one.name, one.run)
  })
  describe.each(layouts)('%s on it keep what a repository promises', (_, layout, options) => {
    for (const one of repositoryConformance(() => emptyPlace(server, layout), { ...options, name })) test(one.name, one.run)
  })
  test('at most one of 16 simultaneous creators of a file succeeds, in 50 races', async () => {
    const { store, winners } = racing(server)
    for (let race = 0; race < 50; race++) {
      expect(await winners(() => store.create(storePath(`races/${race}`), bodyOf(String(Math.random())), soon()))).toBeLessThanOrEqual(1)
    }
  })
})

function racing(server: Server) {
  const { store } = emptyStore(server)
  return {
    store,
    /** How many of 16 at once were told that theirs was taken. */
    async winners(write: () => Promise<{ readonly outcome: string }>): Promise<number> {
      const ends = await Promise.all(Array.from({ length: 16 }, () => write().catch(() => undefined)))
      return ends.filter((end) => end?.outcome === 'accepted').length
    },
  }
}

describe.each(named.filter((name) => name === 's3rver'))('%s', (name) => {
  const server = serverOf(name)
  test('is refused before the first file, since it ignores conditions: only the probe is there', async () => {
    const { store } = emptyStore(server)
    const refused = await store.create(storePath('a.txt'), bodyOf('abc'), soon()).catch((error: unknown) => error)
    expect(refused).toMatchObject({ code: 'store/no-preconditions', message: expect.stringContaining('ignores If-None-Match') })
    const repository = aptRepository({ on: { bucket, region, endpoint: server.url(), credentials: server.account }, signWith })
    const deb = { format: 'deb', distribution: 'debian/stable', name: 'a', version: '1', architecture: 'amd64', file: 'a.deb' } as const
    const body = bodyOf('abc')
    await expect(repository.create({ coordinates: deb, content: body.content }, body, soon())).rejects.toMatchObject({
      code: 'store/no-preconditions',
    })
    const kept = readdirSync(join(server.folder, 'files'), { recursive: true, encoding: 'utf8' }).filter((path) => path.includes('_object'))
    expect(kept.filter((path) => !path.includes('.stagegate/probe'))).toEqual([])
    expect(kept.length).toBeGreaterThan(0)
  })
})

describe.each(named.filter((name) => name === 's3mock'))('%s', (name) => {
  const server = serverOf(name)
  test('passes the probe, and fails the tests of a store, each with its reason', async () => {
    const failures: string[] = []
    for (const { name: title, run } of storeConformance(() => emptyStore(server), { moves: true, copies: true, without, name }))
      await run().catch((error: unknown) => failures.push(`${title}: ${error instanceof Error ? error.message : error}`))
    console.log(failures.join('\n'))
    expect(failures.join('\n')).toMatch(/refuse|credential/)
  })
  test('takes more than one of 16 that create a file at once, as no probe can see', async () => {
    const { store, winners } = racing(server)
    let most = 0
    for (let race = 0; race < 50 && most < 2; race++)
      most = Math.max(most, await winners(() => store.create(storePath(`races/${race}`), bodyOf(String(Math.random())), soon())))
    expect(most).toBeGreaterThan(1)
  })
})
