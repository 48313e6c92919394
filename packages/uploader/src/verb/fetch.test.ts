import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { type Coordinates, fileOf } from '@stagegate/schema'
import { describe, expect, test } from 'vitest'
import type { StagingRepository } from '../contract/capabilities.js'
import { RepositoryError } from '../contract/repository-error.js'
import {
  acmeAt,
  contentOf,
  itemOf,
  manifestOf,
  memoryRepository,
  originOf,
  planOf,
  sampleBytes,
  temporaryFolder,
  virtualClock,
} from '../testing/fixtures.js'
import { type FetchOptions, fetchStaged } from './fetch.js'

const data = sampleBytes(200_000)
const bookworm: Coordinates = { ...acmeAt, distribution: 'debian/bookworm' }
const manifest = manifestOf([itemOf(data), itemOf(data, bookworm)])
const full = () => memoryRepository([acmeAt, data], [bookworm, data])

async function fetching(staging: StagingRepository, overrides: Partial<FetchOptions> = {}, of = manifest) {
  const to = overrides.to ?? (await temporaryFolder())
  const options = { origin: originOf(planOf()), repositories: new Map([['staging', staging]]), to, clock: virtualClock(), ...overrides }
  return { to, fetched: fetchStaged(of, options) }
}

async function filesIn(folder: string): Promise<string[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true })
  return found.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
}

test('each target’s packages are put into a folder of its own, exactly as they were sealed', async () => {
  const { to, fetched } = await fetching(full())
  expect(await fetched).toEqual([
    { target: 'target 0', path: join(to, 'target%200', 'acme_1.2.3_amd64.deb') },
    { target: 'target 1', path: join(to, 'target%201', 'acme_1.2.3_amd64.deb') },
  ])
  for (const { path } of await fetched) expect((await readFile(path)).equals(data)).toBe(true)
})

test('an older file of the same name is replaced', async () => {
  const { to, fetched } = await fetching(full())
  const [first] = await fetched
  if (first === undefined) throw new Error('Expected a file')
  await writeFile(first.path, 'of last week')
  await (await fetching(full(), { to })).fetched
  expect((await readFile(first.path)).equals(data)).toBe(true)
})

test('only the named targets are fetched, those that are published nowhere too', async () => {
  const of = manifestOf([itemOf(data), itemOf(data, bookworm)], { destinations: [] })
  const { to, fetched } = await fetching(full(), { targets: ['target 1'] }, of)
  await fetched
  expect(await filesIn(to)).toEqual(['target%201/acme_1.2.3_amd64.deb'])
})

test('no label leads out of the folder', async () => {
  const [first] = manifest.targets
  if (first === undefined) throw new Error('Expected a target')
  const of = { ...manifest, targets: ['../..', '.', 'ubuntu/jammy', '/etc'].map((target) => ({ ...first, target })) }
  const root = await temporaryFolder()
  const { fetched } = await fetching(full(), { to: join(root, 'inside', 'it') }, of)
  const file = fileOf(acmeAt)
  await fetched
  expect((await filesIn(root)).sort()).toEqual(
    [`%2E./%2E./${file}`, `%2E/${file}`, `ubuntu/jammy/${file}`, `etc/${file}`].map((path) => `inside/it/${path}`).sort(),
  )
})

test('plain files of one name in several folders are kept apart', async () => {
  const at = (path: string): Coordinates => ({ format: 'file', path })
  const [first] = manifestOf([itemOf(data, at('a/acme.tar'))]).targets
  const [second] = manifestOf([itemOf(data, at('b/acme.tar'))]).targets
  if (first === undefined || second === undefined) throw new Error('Expected targets')
  const of = { ...manifest, targets: [{ ...first, target: 'files', artifacts: [...first.artifacts, ...second.artifacts] }] }
  const { to, fetched } = await fetching(memoryRepository([at('a/acme.tar'), data], [at('b/acme.tar'), data]), {}, of)
  await fetched
  expect((await filesIn(to)).sort()).toEqual(['files/a/acme.tar', 'files/b/acme.tar'])
})

describe('nothing half-written is left', () => {
  async function* broken() {
    yield data.subarray(0, 150_000)
    throw new Error('ECONNRESET')
  }
  const unread = { name: 'RepositoryError', side: 'staging', repository: 'staging', operation: 'read' }
  const reading = (stream: () => Readable): StagingRepository => ({ ...full(), read: async () => stream() })

  test.each<[string, StagingRepository, object]>([
    ['where staging has other bytes', reading(() => Readable.from([sampleBytes(200_000, 2)])), { code: 'content/mismatch' }],
    ['where staging has fewer bytes', reading(() => Readable.from([data.subarray(1)])), { code: 'content/mismatch' }],
    ['where staging has more bytes', reading(() => Readable.from([data, data])), { code: 'content/mismatch' }],
    [
      'where staging lost them',
      memoryRepository(),
      { name: 'NotThere', code: 'content/not-there', next: expect.stringMatching(/^Run its stage job again first: /) },
    ],
    [
      'where the connection breaks',
      reading(() => Readable.from(broken())),
      {
        ...unread,
        code: 'staging/unread',
        final: false,
        message: expect.stringContaining('in staging: it could not be fetched: ECONNRESET\nRun the job again.'),
      },
    ],
    [
      'where staging is a folder that may not be read',
      { ...full(), read: () => Promise.reject(Object.assign(new Error('EACCES: denied'), { code: 'EACCES', syscall: 'open' })) },
      { ...unread, code: 'repository/unreadable', final: true, message: expect.stringContaining('EACCES: denied') },
    ],
  ])('%s', async (_what, staging, expected) => {
    const { to, fetched } = await fetching(staging)
    await expect(fetched).rejects.toMatchObject(expected)
    expect(await filesIn(to)).toEqual([])
  })

  test('and an older file stays where the new one is wrong', async () => {
    const { to, fetched } = await fetching(full())
    await fetched
    const again = await fetching(
      reading(() => Readable.from([data.subarray(1)])),
      { to },
    )
    await expect(again.fetched).rejects.toMatchObject({ code: 'content/mismatch' })
    expect(await filesIn(to)).toHaveLength(2)
  })

  test('when it is stopped', async () => {
    const controller = new AbortController()
    const silent = new Readable({ read: () => setImmediate(() => controller.abort(new Error('stopped by SIGTERM'))) })
    silent.push(data.subarray(0, 150_000))
    const { to, fetched } = await fetching(
      reading(() => silent),
      { signal: controller.signal },
    )
    await expect(fetched).rejects.toThrow('stopped by SIGTERM')
    await expect(fetched).rejects.not.toBeInstanceOf(RepositoryError)
    expect(await filesIn(to)).toEqual([])
  })
})

test('a file that cannot be written is no fault of staging', async () => {
  const to = await temporaryFolder()
  await writeFile(join(to, 'target%200'), 'a file in place of the folder')
  const { fetched } = await fetching(full(), { to })
  await expect(fetched).rejects.toMatchObject({
    name: expect.not.stringContaining('RepositoryError'),
    message: expect.stringContaining('EEXIST'),
  })
})

test('statement 1: wrong bytes are reported with their name and place', async () => {
  const { fetched } = await fetching(memoryRepository([acmeAt, sampleBytes(5)], [bookworm, data]))
  await expect(fetched).rejects.toMatchObject({ where: 'acme_1.2.3_amd64.deb for ubuntu/jammy in staging', expected: contentOf(data) })
})

test.each([
  ['it is a file', (root: string) => root],
  ['a part of it is a file', (root: string) => join(root, 'folder')],
])('a folder that cannot be one is refused before anything is read: %s', async (_what, of) => {
  const root = join(await temporaryFolder(), 'file')
  await writeFile(root, '')
  const staging = full()
  const { fetched } = await fetching(staging, { to: of(root) })
  await expect(fetched).rejects.toMatchObject({ name: 'UsageError', code: 'usage/folder', where: of(root) })
  expect(staging.calls).toEqual([])
})

test('a manifest of another pipeline is refused before anything is read', async () => {
  const staging = full()
  const { fetched } = await fetching(staging, { origin: originOf(planOf(), { pipeline: 101 }) })
  await expect(fetched).rejects.toMatchObject({ name: 'GateError', code: 'gate/manifest' })
  expect(staging.calls).toEqual([])
})
