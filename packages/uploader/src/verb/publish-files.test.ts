import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Coordinates } from '@stagegate/schema'
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { createEnvironment } from '../environment.js'
import { directory } from '../repository/directory/index.js'
import { packagecloud } from '../repository/packagecloud/index.js'
import { tls } from '../testing/authority.js'
import { contentOf, fakeClock, memory, sampleBytes } from '../testing/fixtures.js'
import { startPackagecloud } from '../testing/packagecloud/index.js'
import { makeDeb } from '../testing/packages/index.js'
import { type PublishFilesOptions, packageIn, publishFiles } from './publish-files.js'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stagegate-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function built(name: string, data: Uint8Array = sampleBytes(1000)): string {
  const path = join(folder, name)
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, data)
  return path
}
const at = (path: string): Coordinates => ({ format: 'file', path: `hello/1.2.3/${path.split('/').at(-1)}` })
const publishing = (files: readonly string[], options: Partial<PublishFilesOptions> = {}) =>
  publishFiles(files, { to: { stable: memory() }, at, clock: fakeClock(), random: () => 0.5, ...options })

test('files go to two places, in the lines of a program, and each is read back', async () => {
  const deb = makeDeb({ name: 'hello', version: '1.2.3-1', architecture: 'amd64' })
  const files = [built('dist/hello.deb', deb)]
  const server = await startPackagecloud({ tls, repositories: { 'acme/stable': { token: 'one', private: false } } })
  onTestFinished(async () => {
    await server.close()
    expect(server.violations).toEqual([])
  })
  const environment = createEnvironment({ variables: { PACKAGES_TOKEN: 'one' }, base: folder, rehearsal: false })
  const opening = { role: 'public', access: 'write' } as const
  const mirror = directory.open({ ...opening, origin: '', credentials: [], settings: directory.parse({ path: 'public' }) }, environment)
  const stable = packagecloud.open(
    { ...opening, origin: server.url, credentials: ['PACKAGES_TOKEN'], settings: packagecloud.parse({ repository: 'acme/stable' }) },
    environment,
  )

  const outcomes = await publishFiles(files, { to: { mirror, stable }, at: packageIn('ubuntu/jammy') })

  expect(outcomes.map(({ path, repository, verdict, expected }) => [path, repository, verdict, expected])).toEqual([
    [files[0], 'mirror', 'published', contentOf(deb)],
    [files[0], 'stable', 'published', contentOf(deb)],
  ])
  expect(readFileSync(join(folder, 'public/ubuntu/jammy/hello_1.2.3-1_amd64.deb')).equals(deb)).toBe(true)
  expect(server.packages('acme/stable').map(({ distribution, file }) => `${distribution}/${file}`)).toEqual([
    'ubuntu/jammy/hello_1.2.3-1_amd64.deb',
  ])
  // Nothing of it is made up.
  for (const key of ['target', 'destination', 'origin', 'release']) expect(outcomes[0]).not.toHaveProperty(key)
})

test('a second run sends nothing, and one after a failure what is missing', async () => {
  const files = ['a', 'b', 'c'].map((name) => built(name, sampleBytes(500, name.charCodeAt(0))))
  const stable = memory()
  expect((await publishing(files.slice(0, 2), { to: { stable } })).map(({ verdict }) => verdict)).toEqual(['published', 'published'])
  expect((await publishing(files, { to: { stable } })).map(({ verdict }) => verdict)).toEqual([
    'already-public',
    'already-public',
    'published',
  ])
  expect(stable.count('create')).toBe(3)
})

test('other bytes under the name are a conflict, and stay', async () => {
  const stable = memory([at('a'), sampleBytes(9)])
  const [outcome] = await publishing([built('a')], { to: new Map([['stable', stable]]) })
  expect(outcome).toMatchObject({ verdict: 'conflict', seen: contentOf(sampleBytes(9)).sha256, repository: 'stable' })
  expect(stable.count('create')).toBe(0)
})

test('one repository in trouble holds up no other', async () => {
  const down = { ...memory(), observe: () => Promise.reject(new Error('503')) }
  const outcomes = await publishing([built('a')], { to: { down, stable: memory() } })
  expect(outcomes.map(({ repository, verdict }) => [repository, verdict])).toEqual([
    ['down', 'undetermined'],
    ['stable', 'published'],
  ])
})

test('a file that changes while it is sent is not published', async () => {
  const path = built('a')
  const stable = memory()
  const changing = {
    ...stable,
    observe: async (...words: Parameters<typeof stable.observe>) => {
      writeFileSync(path, sampleBytes(1000, 7))
      return stable.observe(...words)
    },
  }
  const [outcome] = await publishing([path], { to: { stable: changing } })
  expect(outcome?.verdict).toBe('tampered')
  expect(stable.files.size).toBe(0)
})

describe('nothing is sent where', () => {
  test.each<[string, string, () => readonly string[]]>([
    ['no file is named', 'usage/no-files', () => []],
    ['a file is missing', 'usage/unreadable', () => [built('a'), join(folder, 'none')]],
    ['a file is empty', 'usage/file-empty', () => [built('a'), built('b', Buffer.of())]],
    ['a file is a folder', 'usage/unreadable', () => [folder]],
    ['two files are one place', 'usage/same-file-twice', () => [built('x/a'), built('y/a')]],
  ])('%s', async (_, code, files) => {
    const stable = memory()
    await expect(publishing(files(), { to: { stable } })).rejects.toMatchObject({ code })
    expect(stable.calls).toEqual([])
  })

  test('a package cannot be read', async () => {
    await expect(publishing([built('a.deb')], { at: packageIn('ubuntu/jammy') })).rejects.toMatchObject({
      code: expect.stringMatching(/^package\//),
    })
  })

  test.each([
    undefined,
    null,
    'x',
    { format: 'tarball' },
    { format: 'file', path: '../x' },
    { format: 'file', path: '/x' },
    { format: 'file', path: 'two words' },
    { format: 'file', path: 'new\nline' },
  ])('a file has no place: %j', async (place) => {
    const stable = memory()
    // The cast: programs without types answer anything.
    await expect(publishing([built('a')], { to: { stable }, at: () => place as Coordinates })).rejects.toMatchObject({
      code: 'usage/place',
    })
    expect(stable.calls).toEqual([])
  })

  test('no repository is named', async () => {
    for (const to of [{}, new Map()])
      await expect(publishing([built('a')], { to })).rejects.toMatchObject({
        code: 'usage/no-files',
        message: expect.stringContaining('repositories'),
      })
  })

  test.each<[string, object]>([
    ['repositories', { to: undefined }],
    ['repositories', { to: 'public' }],
    ['at', { at: undefined }],
    ['at', { at: 'ubuntu/jammy' }],
    ['limits', { limits: { speed: 1 } }],
  ])('an option is of the wrong kind: %s', async (name, wrong) => {
    const problem = { code: 'usage/options', message: expect.stringContaining(name) }
    await expect(publishing([built('a')], wrong)).rejects.toMatchObject(problem)
  })
})
