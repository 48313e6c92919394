import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { type Coordinates, documentText, type ProgramReceipt, parseProgramReceipt } from '@stagegate/schema'
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { directory, packagecloud } from '../repository/places.js'
import { tls } from '../testing/authority.js'
import { contentOf, memoryRepository, sampleBytes, virtualClock } from '../testing/fixtures.js'
import { startPackagecloud } from '../testing/packagecloud/index.js'
import { makeDeb } from '../testing/packages/index.js'
import { packageIn, type ReleaseOptions, release } from './release.js'

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
const acme = { name: 'acme', version: '1.2.3' }
const releasing = async (files: ReleaseOptions['files'], options: Partial<ReleaseOptions> = {}) => {
  const receipt = await release({
    ...acme,
    files,
    to: { stable: memoryRepository() },
    at,
    clock: virtualClock(),
    random: () => 0.5,
    ...options,
  })
  return receipt.outcomes
}

test('files go to two places, in the lines of a program, and each is read back', async () => {
  const deb = makeDeb({ name: 'hello', version: '1.2.3-1', architecture: 'amd64' })
  const files = [built('dist/hello.deb', deb)]
  const server = await startPackagecloud({ tls, repositories: { 'acme/stable': { token: 'one', private: false } } })
  onTestFinished(async () => {
    await server.close()
    expect(server.violations).toEqual([])
  })
  const mirror = directory(join(folder, 'public'))
  const stable = packagecloud('acme/stable', { url: server.url, token: { value: 'one' } })

  const by = { ci: 'jenkins', run: '4711' }
  const receipt = await release({ ...acme, files, to: { mirror, stable }, at: packageIn('ubuntu/jammy'), by })
  const { outcomes } = receipt

  // Nothing of it is made up, and it reads back as it was written.
  expect(parseProgramReceipt(documentText(receipt), 'the receipt')).toEqual(receipt)
  expect(receipt).toMatchObject({ kind: 'ProgramReceipt', release: 'acme', version: '1.2.3', by })
  expect(outcomes.map(({ path, repository, verdict, expected }) => [path, repository, verdict, expected])).toEqual([
    [files[0], 'mirror', 'published', contentOf(deb)],
    [files[0], 'stable', 'published', contentOf(deb)],
  ])
  expect(readFileSync(join(folder, 'public/ubuntu/jammy/hello_1.2.3-1_amd64.deb')).equals(deb)).toBe(true)
  expect(server.packages('acme/stable').map(({ distribution, file }) => `${distribution}/${file}`)).toEqual([
    'ubuntu/jammy/hello_1.2.3-1_amd64.deb',
  ])
})

test('a second run sends nothing, and one after a failure what is missing', async () => {
  const files = ['a', 'b', 'c'].map((name) => built(name, sampleBytes(500, name.charCodeAt(0))))
  const stable = memoryRepository()
  expect((await releasing(files.slice(0, 2), { to: { stable } })).map(({ verdict }) => verdict)).toEqual(['published', 'published'])
  expect((await releasing(files, { to: { stable } })).map(({ verdict }) => verdict)).toEqual([
    'already-public',
    'already-public',
    'published',
  ])
  expect(stable.count('create')).toBe(3)
})

test('other bytes under the name are a conflict, and stay', async () => {
  const stable = memoryRepository([at('a'), sampleBytes(9)])
  const [outcome] = await releasing([built('a')], { to: new Map([['stable', stable]]) })
  expect(outcome).toMatchObject({ verdict: 'conflict', seen: contentOf(sampleBytes(9)).sha256, repository: 'stable' })
  expect(stable.count('create')).toBe(0)
})

test('one repository in trouble holds up no other', async () => {
  const down = { ...memoryRepository(), observe: () => Promise.reject(new Error('503')) }
  const outcomes = await releasing([built('a')], { to: { down, stable: memoryRepository() } })
  expect(outcomes.map(({ repository, verdict }) => [repository, verdict])).toEqual([
    ['down', 'undetermined'],
    ['stable', 'published'],
  ])
})

test('a file that changes while it is sent is not published', async () => {
  const path = built('a')
  const stable = memoryRepository()
  const changing = {
    ...stable,
    observe: async (...words: Parameters<typeof stable.observe>) => {
      writeFileSync(path, sampleBytes(1000, 7))
      return stable.observe(...words)
    },
  }
  const [outcome] = await releasing([path], { to: { stable: changing } })
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
    const stable = memoryRepository()
    await expect(releasing(files(), { to: { stable } })).rejects.toMatchObject({ code })
    expect(stable.calls).toEqual([])
  })

  test('a package cannot be read', async () => {
    await expect(releasing([built('a.deb')], { at: packageIn('ubuntu/jammy') })).rejects.toMatchObject({
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
    const stable = memoryRepository()
    // The cast: programs without types answer anything.
    await expect(releasing([built('a')], { to: { stable }, at: () => place as Coordinates })).rejects.toMatchObject({
      code: 'usage/place',
    })
    expect(stable.calls).toEqual([])
  })

  test('no repository is named', async () => {
    for (const to of [{}, new Map()])
      await expect(releasing([built('a')], { to })).rejects.toMatchObject({
        code: 'usage/no-files',
        message: expect.stringContaining('repositories'),
      })
  })

  test.each<[string, object]>([
    ['to is', { to: undefined }],
    ['to is', { to: 'public' }],
    ['name', { name: undefined }],
    ['name', { name: 'two\nlines' }],
    ['version', { version: 1 }],
    ['files', { files: [1] }],
    ['files', { files: [{ file: 'a', sha256: 'A'.repeat(64) }] }],
    ['from', { from: '' }],
    ['from', { from: 7 }],
    ['at is missing', { from: memoryRepository(), at: undefined }],
    ['by', { by: 'jenkins' }],
    ['by', { by: {} }],
    ['by', { by: { run: 4711 } }],
    ['onBegin', { onBegin: true }],
    ['Did you mean version?', { versoin: '1' }],
    ['at', { at: 'ubuntu/jammy' }],
    ['limits', { limits: { speed: 1 } }],
  ])('an option is of the wrong kind: %s', async (name, wrong) => {
    const problem = { code: 'usage/options', message: expect.stringContaining(name) }
    await expect(releasing([built('a')], wrong)).rejects.toMatchObject(problem)
  })
})

describe('from a folder', () => {
  test('patterns are files of it, packages go where their folder says, and other files under their path', async () => {
    built('staging/ubuntu/jammy/hello.deb', makeDeb({ name: 'hello', version: '1.2.3-1', architecture: 'amd64' }))
    built('staging/acme/1.2.3/notes.txt')
    built('staging/acme/1.2.3/.hidden')
    const stable = memoryRepository()
    const files = ['ubuntu/jammy/*.deb', 'acme/**', 'acme/1.2.3/notes.txt']
    const outcomes = await releasing(files, { from: join(folder, 'staging'), at: undefined, to: { stable } })
    expect(outcomes.map(({ path, verdict }) => [path, verdict])).toEqual([
      ['ubuntu/jammy/hello.deb', 'published'],
      ['acme/1.2.3/notes.txt', 'published'],
    ])
    expect([...stable.files.keys()].sort()).toEqual(['acme/1.2.3/notes.txt', 'ubuntu/jammy/hello_1.2.3-1_amd64.deb'])
  })

  test.each<[string, string, ReleaseOptions['files']]>([
    ['a pattern matches nothing', 'usage/no-files', ['*.rpm']],
    ['a package is in no distribution', 'usage/place', ['hello.deb']],
    ['a file has other bytes than its list', 'usage/other-bytes', [{ file: 'a', sha256: contentOf(sampleBytes(3)).sha256 }]],
    ['a link leads out', 'usage/link-outside', ['link']],
    ['a link among those of a pattern leads out', 'usage/link-outside', ['l*']],
    ['it is not there', 'usage/unreadable', ['none']],
    ['a link of a pattern leads nowhere', 'usage/dangling-link', ['dangling/*']],
    ['it is outside of the folder', 'usage/place', ['../outside']],
    ['its path is no place', 'usage/place', ['two words']],
    ['it is named twice, in two ways', 'usage/same-file-twice', ['a', './a']],
  ])('nothing is sent where %s', async (_, code, files) => {
    built('from/a')
    built('outside')
    built('from/two words')
    mkdirSync(join(folder, 'from/dangling'))
    symlinkSync('/nowhere', join(folder, 'from/dangling/link'))
    built('from/hello.deb', makeDeb({ name: 'hello', version: '1.2.3-1', architecture: 'amd64' }))
    symlinkSync('/etc/hostname', join(folder, 'from/link'))
    const stable = memoryRepository()
    await expect(releasing(files, { from: join(folder, 'from'), at: undefined, to: { stable } })).rejects.toMatchObject({ code })
    expect(stable.calls).toEqual([])
  })

  test('files of a list of checksums have just those bytes', async () => {
    built('from/a')
    const files = [{ file: 'a', sha256: contentOf(sampleBytes(1000)).sha256 }]
    expect(await releasing(files, { from: join(folder, 'from') })).toMatchObject([{ verdict: 'published' }])
  })
})

describe('from a staging repository', () => {
  const staged = sampleBytes(2000, 3)

  test('the bytes that are there are released, whether it tells their digest or not', async () => {
    const full = memoryRepository([at('a'), staged])
    const mute = {
      ...full,
      observe: async (...words: Parameters<typeof full.observe>) => {
        const seen = await full.observe(...words)
        return seen.saw === 'present' ? { ...seen, sha256: undefined } : seen
      },
    }
    for (const from of [full, mute]) {
      const stable = memoryRepository()
      expect(await releasing(['a'], { from, to: { stable } })).toMatchObject([
        { path: 'a', verdict: 'published', expected: contentOf(staged) },
      ])
      expect([...stable.files.values()]).toEqual([staged])
    }
  })

  test('temporary errors are waited out, and lasting ones are reported with their place', async () => {
    const full = memoryRepository([at('a'), staged])
    let left = 2
    const from = {
      ...full,
      observe: (...words: Parameters<typeof full.observe>) => (left-- > 0 ? Promise.reject(new Error('503')) : full.observe(...words)),
    }
    expect(await releasing(['a'], { from })).toMatchObject([{ verdict: 'published' }])
    left = Number.POSITIVE_INFINITY
    await expect(releasing(['a'], { from })).rejects.toMatchObject({ name: 'RepositoryError', side: 'staging', operation: 'observe' })
  })

  test.each<[string, string, ReleaseOptions['files']]>([
    ['it is not there', 'usage/not-staged', ['b']],
    ['it has other bytes than its list', 'usage/other-bytes', [{ file: 'a', sha256: contentOf(sampleBytes(3)).sha256 }]],
  ])('nothing is sent where %s', async (_, code, files) => {
    const stable = memoryRepository()
    await expect(releasing(files, { from: memoryRepository([at('a'), staged]), to: { stable } })).rejects.toMatchObject({ code })
    expect(stable.calls).toEqual([])
  })

  test('bytes that change after they were looked at are tampered, and not public', async () => {
    const full = memoryRepository([at('a'), staged])
    const stable = memoryRepository()
    const from = { ...full, read: async () => Readable.from([sampleBytes(2000, 9)]) }
    expect(await releasing(['a'], { from, to: { stable } })).toMatchObject([{ verdict: 'tampered' }])
    expect(stable.files.size).toBe(0)
  })
})

test('before anything is sent, the program gets the receipt that a killed process leaves, and can end the run', async () => {
  const stable = memoryRepository()
  const receipts: ProgramReceipt[] = []
  const onBegin = async (receipt: ProgramReceipt) => {
    expect(stable.calls).toEqual([])
    receipts.push(receipt)
  }
  await releasing([built('a')], { to: { stable }, onBegin })
  expect(receipts).toMatchObject([{ outcomes: [{ repository: 'stable', verdict: 'undetermined', problem: { code: 'run/not-ended' } }] }])
  expect(parseProgramReceipt(documentText(receipts[0]), 'the receipt')).toEqual(receipts[0])
  const full = new Error('the disk is full')
  const before = stable.calls.length
  await expect(releasing([built('b')], { to: { stable }, onBegin: () => Promise.reject(full) })).rejects.toBe(full)
  expect(stable.calls).toHaveLength(before)
})

test.each(['two\nlines', "a 'quoted' name", 'two\nlines/acme.deb'])('an invalid name is reported on one line: %j', async (name) => {
  built(`odd/${name}`, makeDeb({ name: 'acme', version: '1.2.3-1', architecture: 'amd64' }))
  const refused = releasing([name], { from: join(folder, 'odd'), at: undefined })
  // The first line says it, the second what to do.
  await expect(refused).rejects.toMatchObject({ code: 'usage/place', message: expect.stringMatching(/^[^\n]+\n[^\n]+$/) })
})
