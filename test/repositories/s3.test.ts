// What a repository promises, of a bucket on a server as it is in earnest, and of many writers at once.

import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer, text } from 'node:stream/consumers'
import {
  aptRepository,
  type BucketOptions,
  bytes,
  createEnvironment,
  type FileCoordinates,
  instant,
  later,
  s3,
  sha256,
  yumRepository,
} from '@stagegate/uploader'
import { type ConformanceOptions, type ConformancePlace, repositoryConformance } from '@stagegate/uploader/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { storePath } from '../../packages/uploader/src/store/index.js'
import { openS3 } from '../../packages/uploader/src/store/s3/index.js'
import { type StorePlace, storeConformance } from '../../packages/uploader/src/testing/conformance/store/index.js'
import { temporaryFolder } from '../release/files.js'
import { builtGoTool } from '../tasks/go-tools.mjs'
import { yesterdaysKey } from '../tasks/keys.mjs'
import { type Running, startVersitygw } from '../tasks/servers.mjs'

const keys = { accessKeyId: 'AKIDOWNER', secretAccessKey: 'secret-of-the-owner' }
const region = 'us-east-1'
const users = { AKIDWRITER: 'secret-of-the-writer', AKIDREADER: 'secret-of-the-reader' }
const credentials = { accessKeyId: { value: keys.accessKeyId }, secretAccessKey: { value: keys.secretAccessKey } }

const root = new URL('../..', import.meta.url).pathname
/** The policies that the guide shows after that of a role: of the user that writes, and of the bucket that everybody reads. */
const [, writing = [], reading = []] = [...readFileSync(join(root, 'docs/guide/s3.md'), 'utf8').matchAll(/^```json\n(.*?)^```/gms)].map(
  ([, text = '']): readonly object[] => JSON.parse(text).Statement,
)

let running: Running
let folder: string
beforeAll(async () => {
  folder = temporaryFolder()
  running = await startVersitygw(folder, { keys })
  const owner = createEnvironment({ variables: {} }).http(running.url, { ...credentials, scheme: 'aws', region, service: 's3' })
  const set = async (path: string, body: string) =>
    expect(await owner.send({ method: 'PUT', path, body }, soon())).toMatchObject({ text: '' })
  for (const bucket of ['acme-downloads', 'acme-staging']) await set(`/${bucket}`, '')
  const addUser = [
    'admin',
    '--access',
    keys.accessKeyId,
    '--secret',
    keys.secretAccessKey,
    '--region',
    region,
    '--endpoint-url',
    running.url,
  ]
  for (const [name, secret] of Object.entries(users)) {
    const words = [...addUser, '--allow-insecure', 'create-user', '--access', name, '--secret', secret, '--role', 'user']
    execFileSync(builtGoTool('versitygw'), words, { timeout: 30_000, stdio: 'pipe' })
  }
  // In place of policies of users, which it does not have, this server takes their statements with the user's name.
  const Principal = { AWS: ['AKIDWRITER'] }
  const Statement = [...reading, ...writing.map((statement) => ({ ...statement, Principal }))]
  await set('/acme-downloads?policy', JSON.stringify({ Version: '2012-10-17', Statement }))
})
afterAll(() => running?.stop())

const soon = () => ({ signal: AbortSignal.timeout(30_000), deadline: later(instant(Date.now()), 30) })

type Open = (bucket: BucketOptions) => ConformancePlace['repository']
const plain: Open = ({ bucket, ...options }) => s3(bucket, options)

let places = 0
/** A folder of its own in the bucket that everybody may read, with the rights of the guide. */
function emptyPlace(layout: Open): ConformancePlace {
  const prefix = `place-${places++}`
  const open = (user: keyof typeof users, { secret = users[user], endpoint = running.url } = {}) => {
    const credentials = { accessKeyId: { value: user }, secretAccessKey: { value: secret } }
    return layout({ bucket: 'acme-downloads', region, endpoint, prefix, credentials })
  }
  return {
    repository: open('AKIDWRITER'),
    another: () => open('AKIDWRITER'),
    unreachable: () => open('AKIDWRITER', { endpoint: 'https://127.0.0.1:1' }),
    refused: () => open('AKIDWRITER', { secret: 'secret-of-nobody' }),
    readOnly: () => open('AKIDREADER'),
    remove: (location) => rmSync(join(folder, 'files', 'acme-downloads', prefix, location)),
  }
}

const without = ['failing', 'losingAnswers', 'tags', 'referrers'] as const
const signing = yesterdaysKey('acme')
const signWith = async () => (await signing).secret
const repositories: readonly (readonly [name: string, open: Open, options: ConformanceOptions])[] = [
  ['files', plain, { formats: ['deb', 'rpm', 'file'], without }],
  ['apt', (on) => aptRepository({ on, signWith }), { formats: ['deb'], index: true, without: [...without, 'copy'] }],
  ['yum', (on) => yumRepository({ on, signWith }), { formats: ['rpm'], index: true, without: [...without, 'copy'] }],
]

describe.each(repositories)('on versitygw, %s keep what a repository promises', (name, open, options) => {
  for (const one of repositoryConformance(() => emptyPlace(open), { ...options, name: `versitygw with ${name}` })) test(one.name, one.run)
})

/** The store beneath them, in a folder of its own. */
function emptyStore(): StorePlace {
  const prefix = storePath(`store-${places++}`)
  const open = (user: keyof typeof users, { secret = users[user], origin = running.url } = {}) => {
    const bucket = { name: 'acme-downloads', style: 'path' } as const
    const account = { accessKeyId: { value: user }, secretAccessKey: { value: secret } }
    return openS3({ origin, bucket, region, prefix, keys: account }, createEnvironment({ variables: {} })).store
  }
  return {
    store: open('AKIDWRITER'),
    another: () => open('AKIDWRITER'),
    unreachable: () => open('AKIDWRITER', { origin: 'https://127.0.0.1:1' }),
    refused: () => open('AKIDWRITER', { secret: 'secret-of-nobody' }),
    readOnly: () => open('AKIDREADER'),
    remove: (path) => rmSync(join(folder, 'files', 'acme-downloads', prefix, path)),
  }
}

describe('on versitygw, a bucket keeps what a store promises', () => {
  const options = { moves: true, copies: true, without: ['failing', 'losingAnswers'], name: 'versitygw' } as const
  for (const one of storeConformance(emptyStore, options)) test(one.name, one.run)
})

test('one of 16 simultaneous writers of 2 MB wins, in ten races, and all of its bytes are there', async () => {
  for (let race = 0; race < 10; race++) {
    const coordinates: FileCoordinates = { format: 'file', path: `race/${race}.bin` }
    const written = await Promise.all(
      Array.from({ length: 16 }, async (_, writer) => {
        const data = Buffer.alloc(2_000_000, writer + 1)
        const content = { sha256: sha256(createHash('sha256').update(data).digest('hex')), size: bytes(data.length) }
        const bucket = s3('acme-downloads', { region, endpoint: running.url, prefix: 'races', credentials })
        // A server that refuses early can cut the connection before its answer is read: then the next look tells.
        const end = await bucket
          .create({ coordinates, content }, { content, stream: () => Readable.from([data]) }, soon())
          .catch(() => undefined)
        return { content, outcome: end?.outcome ?? 'unknown' }
      }),
    )
    const seen = await s3('acme-downloads', { region, endpoint: running.url, prefix: 'races', credentials }).observe(coordinates, soon())
    if (seen.saw !== 'present') throw new Error('Expected a winner')
    const winners = written.filter(({ outcome }) => outcome === 'accepted')
    expect(winners.length).toBeLessThanOrEqual(1)
    for (const { content } of winners) expect(seen).toMatchObject(content)
    expect(written.map(({ content }) => content.sha256)).toContain(seen.sha256)
  }
})

describe('the store beneath it, which no program opens yet,', () => {
  const open = (name: string) => {
    const bucket = { name, style: 'path' } as const
    const limits = { single: 6_000_000, part: 5 * 1024 ** 2 }
    const opening = { origin: running.url, bucket, region, prefix: storePath('moving'), keys: credentials, limits }
    return openS3(opening, createEnvironment({ variables: {} })).store
  }
  const bodyOf = (data: Buffer) => {
    const content = { sha256: sha256(createHash('sha256').update(data).digest('hex')), size: bytes(data.length) }
    return { content, stream: () => Readable.from([data]) }
  }

  test('moves a name by compare-and-set: of 16 writers at once none loses another’s line', async () => {
    const path = storePath('dists/stable/InRelease')
    const add = async (writer: number): Promise<void> => {
      const store = open('acme-staging')
      for (;;) {
        const seen = await store.observe(path, soon())
        const read = seen.saw === 'absent' ? undefined : await store.read(path, soon())
        const before = read === undefined ? '' : await text(read.stream)
        if (before.split('\n').includes(String(writer))) return
        const body = bodyOf(Buffer.from(`${before}${writer}\n`))
        // After an answer that is lost, the next look tells.
        await store.replaceIf(path, body, read?.version ?? 'absent', soon()).catch(() => undefined)
      }
    }
    await Promise.all(Array.from({ length: 16 }, (_, writer) => add(writer)))
    const lines = (await text((await open('acme-staging').read(path, soon())).stream)).trim().split('\n')
    expect(lines.map(Number).sort((a, b) => a - b)).toEqual(Array.from({ length: 16 }, (_, writer) => writer))
  })

  test('sends a large object in parts, and has the server copy one, each once', async () => {
    const [large, small] = [Buffer.alloc(11_000_000, 'a'), bodyOf(Buffer.alloc(3_000_000, 'b'))]
    const [from, to] = [open('acme-staging'), open('acme-downloads')]
    const [parts, staged, copied] = [storePath('parts.bin'), storePath('staged.bin'), storePath('copied.bin')]
    expect(await from.create(parts, bodyOf(large), soon())).toEqual({ outcome: 'accepted' })
    expect(await from.create(parts, bodyOf(large), soon())).toEqual({ outcome: 'exists' })
    expect((await buffer((await from.read(parts, soon())).stream)).equals(large)).toBe(true)
    await from.create(staged, small, soon())
    expect(await to.copy(from.nameOnHost(staged), copied, small.content, soon())).toEqual({ outcome: 'accepted' })
    expect(await to.copy(from.nameOnHost(staged), copied, small.content, soon())).toEqual({ outcome: 'exists' })
    expect((await buffer((await to.read(copied, soon())).stream)).equals(Buffer.alloc(3_000_000, 'b'))).toBe(true)
    expect(await to.observe(copied, soon())).toMatchObject({ sha256: small.content.sha256 })
  })
})

test('nothing is staged in a bucket that everybody may read', async () => {
  const data = Buffer.from('abc')
  const content = { sha256: sha256(createHash('sha256').update(data).digest('hex')), size: bytes(3) }
  const item = { coordinates: { format: 'file', path: 'a.txt' }, content } as const
  const stage = (bucket: string) =>
    s3(bucket, { region, endpoint: running.url, prefix: 'staged', credentials, role: 'staging' }).create(
      item,
      { content, stream: () => Readable.from([data]) },
      soon(),
    )
  await expect(stage('acme-downloads')).rejects.toMatchObject({ code: 'repository/not-private' })
  expect(await stage('acme-staging')).toEqual({ outcome: 'accepted', location: 'a.txt' })
})
