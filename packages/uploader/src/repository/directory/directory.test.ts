import { execFile } from 'node:child_process'
import { access, mkdir, open, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { promisify } from 'node:util'
import { type Coordinates, instant } from '@stagegate/schema'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { type Body, IndexBroken, NotThere, type PublicRepository, type StagingRepository } from '../../contract/capabilities.js'
import { acmeAt, bodyOf, bytesOf, contentOf, itemOf, sampleBytes, soon, temporaryFolder } from '../../testing/fixtures.js'
import { directory } from './index.js'

const place = 'ubuntu/jammy/acme_1.2.3_amd64.deb'
const data = sampleBytes(100_000)
const other = sampleBytes(100_000, 2)

async function opened(role: 'public' | 'staging' = 'public'): Promise<{ root: string; repository: StagingRepository & PublicRepository }> {
  const root = join(await temporaryFolder(), 'repository')
  const repository = directory.open(
    { settings: { path: root }, role, access: 'write', origin: '', credentials: [] },
    {
      clock: { now: () => instant(0), sleep: async () => undefined },
      directory: (path) => path,
      http: () => {
        throw new Error('A directory needs no network')
      },
    },
  )
  return { root, repository }
}

/** Every file below a folder but those of the index. */
async function filesIn(root: string): Promise<string[]> {
  const found = await readdir(root, { recursive: true, withFileTypes: true })
  return found
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .sort()
}

async function openDescriptors(): Promise<readonly string[]> {
  return readdir('/proc/self/fd')
}

test.each([
  ['public', 0o644, 0o755],
  ['staging', 0o600, 0o700],
] as const)('of what is %s, a web server’s user can read what is public, whatever the umask is', async (role, ofFiles, ofFolders) => {
  const before = process.umask(0o077)
  onTestFinished(() => void process.umask(before))
  const { root, repository } = await opened(role)
  await repository.create(itemOf(data), bodyOf(data), soon())
  const modesOf = (...paths: readonly string[]) => Promise.all(paths.map(async (path) => (await stat(join(root, path))).mode & 0o777))
  expect(await modesOf(place, `.sha256/${place}`)).toEqual([ofFiles, ofFiles])
  expect(await modesOf('', 'ubuntu', dirname(place), `.sha256/${dirname(place)}`)).toEqual([ofFolders, ofFolders, ofFolders, ofFolders])
})

describe('creating', () => {
  test('puts the file in its place, its digest beside it, and nothing else', async () => {
    const { root, repository } = await opened()
    expect(await repository.create(itemOf(data), bodyOf(data), soon())).toEqual({ outcome: 'accepted', location: place })
    expect(await filesIn(root)).toEqual([`.sha256/${place}`, place])
    expect((await readFile(join(root, place))).equals(data)).toBe(true)
    expect(await readFile(join(root, '.sha256', place), 'utf8')).toBe(`${contentOf(data).sha256}  ${place}\n`)
    expect(await repository.observe(acmeAt, soon())).toEqual({ saw: 'present', ...contentOf(data), location: place })
  })

  test('writes an index that sha256sum --check accepts, and refuses once the file is another', async () => {
    const { root, repository } = await opened()
    await repository.create(itemOf(data), bodyOf(data), soon())
    const check = () => promisify(execFile)('sha256sum', ['--check', '--strict', `.sha256/${place}`], { cwd: root })
    expect((await check()).stdout).toBe(`${place}: OK\n`)
    await writeFile(join(root, place), other)
    await expect(check()).rejects.toThrow('sha256sum')
  })

  test('statement 2: says "exists" for a name that is taken, and changes neither the file nor its index', async () => {
    const { root, repository } = await opened()
    await repository.create(itemOf(data), bodyOf(data), soon())
    expect(await repository.create(itemOf(other), bodyOf(other), soon())).toEqual({ outcome: 'exists' })
    expect((await readFile(join(root, place))).equals(data)).toBe(true)
    expect(await readFile(join(root, '.sha256', place), 'utf8')).toContain(contentOf(data).sha256)
    expect(await filesIn(root)).toEqual([`.sha256/${place}`, place])
  })

  test('never lets the index of an existing file be wrong, not even while somebody else tries to take its name', async () => {
    const { root, repository } = await opened()
    await repository.create(itemOf(data), bodyOf(data), soon())
    const index = join(root, '.sha256', place)
    const seen = new Set<string>()
    let trying = true
    const watching = (async () => {
      while (trying) seen.add(await readFile(index, 'utf8'))
    })()
    for (let index = 0; index < 10; index++) await repository.create(itemOf(other), bodyOf(other), soon())
    trying = false
    await watching
    expect([...seen]).toEqual([`${contentOf(data).sha256}  ${place}\n`])
  })

  test('writes the index again where a crash had left it out or wrong', async () => {
    const { root, repository } = await opened()
    await mkdir(dirname(join(root, place)), { recursive: true })
    await writeFile(join(root, place), data)
    expect(await repository.create(itemOf(data), bodyOf(data), soon())).toEqual({ outcome: 'exists' })
    expect(await readFile(join(root, '.sha256', place), 'utf8')).toBe(`${contentOf(data).sha256}  ${place}\n`)
  })

  test('statement 2: has one winner when several create the same name with other bytes, and the index says what the file has', async () => {
    for (let round = 0; round < 20; round++) {
      const { root, repository } = await opened()
      const candidates = [1, 2, 3, 4].map((seed) => sampleBytes(1000, seed + 10 * round))
      const written = await Promise.all(candidates.map((bytes) => repository.create(itemOf(bytes), bodyOf(bytes), soon())))
      const winners = candidates.filter((_, index) => written[index]?.outcome === 'accepted')
      expect(winners).toHaveLength(1)
      expect(written.filter(({ outcome }) => outcome === 'exists')).toHaveLength(3)
      const file = await readFile(join(root, place))
      expect(winners[0]?.equals(file)).toBe(true)
      expect(await readFile(join(root, '.sha256', place), 'utf8')).toBe(`${contentOf(file).sha256}  ${place}\n`)
      expect(await filesIn(root)).toEqual([`.sha256/${place}`, place])
    }
  })

  async function* breaking() {
    yield data.subarray(0, 50_000)
    throw new Error('the connection broke')
  }
  const brokenBody = (): Body => ({ content: contentOf(data), stream: () => Readable.from(breaking()) })

  test('statement 1: leaves nothing behind when the body errs', async () => {
    const { root, repository } = await opened()
    await expect(repository.create(itemOf(data), brokenBody(), soon())).rejects.toThrow('the connection broke')
    expect(await filesIn(root)).toEqual([])
    expect(await repository.observe(acmeAt, soon())).toEqual({ saw: 'absent' })
  })

  test.each([
    ['ENOSPC', 'the disk is full', 'Free space on'],
    ['EDQUOT', 'the disk quota is used up', 'Free space on'],
    ['EIO', 'the disk failed', 'Check'],
  ])('leaves nothing behind on a disk that says %s, and says which and what to do', async (code, what, step) => {
    const { root, repository } = await opened()
    const some = await open(import.meta.filename)
    await some.close()
    const failing = vi.spyOn(Object.getPrototypeOf(some), 'write')
    onTestFinished(() => failing.mockRestore())
    failing.mockRejectedValue(Object.assign(new Error(`${code}: no, write`), { code, syscall: 'write' }))
    const path = join(root, place)
    await expect(repository.create(itemOf(data), bodyOf(data), soon())).rejects.toThrow(
      `${path}: ${what} (${code})\n${step} the file system of ${dirname(path)}, then run the job again.`,
    )
    expect(await filesIn(root)).toEqual([])
    expect(await repository.observe(acmeAt, soon())).toEqual({ saw: 'absent' })
  })

  test('leaves nothing behind when it is stopped', async () => {
    const { root, repository } = await opened()
    const controller = new AbortController()
    const silent = new Readable({ read: () => setImmediate(() => controller.abort()) })
    silent.push(data)
    const body: Body = { content: contentOf(data), stream: () => silent }
    await expect(repository.create(itemOf(data), body, soon(controller.signal))).rejects.toThrow('aborted')
    expect(await filesIn(root)).toEqual([])
  })

  test('says that it failed, and not that the name is taken, when the index cannot be written', async () => {
    const { root, repository } = await opened()
    await mkdir(root)
    await writeFile(join(root, '.sha256'), 'a file where the index should be')
    await expect(repository.create(itemOf(data), bodyOf(data), soon())).rejects.toThrow()
    expect(await filesIn(root)).toEqual(['.sha256'])
  })

  test('takes plain files where their path says, but none in the place of the index', async () => {
    const { root, repository } = await opened()
    const at: Coordinates = { format: 'file', path: 'tools/v1/acme.tar.gz' }
    await repository.create(itemOf(data, at), bodyOf(data), soon())
    expect(await filesIn(root)).toEqual(['.sha256/tools/v1/acme.tar.gz', 'tools/v1/acme.tar.gz'])
    const index: Coordinates = { format: 'file', path: '.sha256/tools/v1/acme.tar.gz' }
    await expect(repository.create(itemOf(other, index), bodyOf(other), soon())).rejects.toMatchObject({ code: 'usage/path' })
    await expect(repository.observe(index, soon())).rejects.toMatchObject({ code: 'usage/path' })
  })

  test('keeps the same package of two distributions apart', async () => {
    const { root, repository } = await opened()
    await repository.create(itemOf(data), bodyOf(data), soon())
    const noble: Coordinates = { ...acmeAt, distribution: 'ubuntu/noble' }
    expect(await repository.create(itemOf(other, noble), bodyOf(other), soon())).toMatchObject({ outcome: 'accepted' })
    expect(await filesIn(root)).toContain('ubuntu/noble/acme_1.2.3_amd64.deb')
  })
})

describe('symbolic links', () => {
  test('that lead out of the directory are refused, for reading and for writing', async () => {
    const { root, repository } = await opened()
    const outside = await temporaryFolder()
    await mkdir(join(outside, 'jammy'))
    await writeFile(join(outside, 'jammy', 'acme_1.2.3_amd64.deb'), data)
    await mkdir(root)
    await symlink(outside, join(root, 'ubuntu'))
    await expect(repository.observe(acmeAt, soon())).rejects.toMatchObject({ code: 'directory/outside' })
    await expect(repository.read(place, soon())).rejects.toMatchObject({ code: 'directory/outside' })
    await expect(repository.create(itemOf(other), bodyOf(other), soon())).rejects.toMatchObject({ code: 'directory/outside' })
    expect((await readFile(join(outside, 'jammy', 'acme_1.2.3_amd64.deb'))).equals(data)).toBe(true)
  })

  test('in the place of the file are not followed', async () => {
    const { root, repository } = await opened()
    const secret = join(await temporaryFolder(), 'secret')
    await writeFile(secret, data)
    await mkdir(dirname(join(root, place)), { recursive: true })
    await symlink(secret, join(root, place))
    await expect(repository.observe(acmeAt, soon())).rejects.toMatchObject({ code: 'directory/not-a-file' })
    await expect(repository.create(itemOf(other), bodyOf(other), soon())).rejects.toMatchObject({ code: 'directory/not-a-file' })
    expect((await readFile(secret)).equals(data)).toBe(true)
  })

  test('within the directory are fine, and so is a root that is one', async () => {
    const { root, repository } = await opened()
    await mkdir(join(root, 'storage', 'jammy'), { recursive: true })
    await symlink('storage', join(root, 'ubuntu'))
    expect(await repository.create(itemOf(data), bodyOf(data), soon())).toMatchObject({ outcome: 'accepted' })
    expect(await repository.observe(acmeAt, soon())).toMatchObject({ saw: 'present' })
  })
})

describe('looking', () => {
  test('statement 3: a folder in the place of a file is unknown, and not absent', async () => {
    const { root, repository } = await opened()
    await mkdir(join(root, place), { recursive: true })
    await expect(repository.observe(acmeAt, soon())).rejects.toMatchObject({ code: 'directory/not-a-file' })
    await expect(repository.served?.(acmeAt, soon())).rejects.toMatchObject({ code: 'directory/not-a-file' })
  })

  test('statement 10: tells the digest by reading the file, whatever the index says', async () => {
    const { root, repository } = await opened()
    await repository.create(itemOf(data), bodyOf(data), soon())
    await writeFile(join(root, place), other)
    expect(await repository.observe(acmeAt, soon())).toMatchObject({ sha256: contentOf(other).sha256 })
  })

  test('a deleted file is absent to a look, and NotThere to a read', async () => {
    const { repository } = await opened()
    expect(await repository.observe(acmeAt, soon())).toEqual({ saw: 'absent' })
    await expect(repository.read(place, soon())).rejects.toBeInstanceOf(NotThere)
  })

  test('reads nothing above the directory, whatever a location says', async () => {
    const { repository } = await opened()
    await expect(repository.read('../outside', soon())).rejects.toMatchObject({ code: 'directory/outside' })
    await expect(repository.read('/etc/passwd', soon())).rejects.toMatchObject({ code: 'directory/outside' })
  })

  test('stops when the signal aborts, and closes the file', async () => {
    const { repository } = await opened()
    await repository.create(itemOf(data), bodyOf(data), soon())
    const before = (await openDescriptors()).length
    for (let round = 0; round < 20; round++) await expect(repository.observe(acmeAt, soon(AbortSignal.abort()))).rejects.toThrow('aborted')
    const deadline = Date.now() + 5000
    while ((await openDescriptors()).length > before) expect(Date.now()).toBeLessThan(deadline)
  })
})

describe('the users’ view', () => {
  test('is the file, where its index is right', async () => {
    const { repository } = await opened()
    await repository.create(itemOf(data), bodyOf(data), soon())
    const stream = await repository.served?.(acmeAt, soon())
    expect(stream && (await bytesOf(stream)).equals(data)).toBe(true)
  })

  test('is nothing, where nothing is', async () => {
    const { repository } = await opened()
    expect(await repository.served?.(acmeAt, soon())).toBeUndefined()
  })

  test.each([
    ['is lost', undefined],
    ['lies', `${contentOf(other).sha256}  ${place}\n`],
  ])('says which bytes they are where the index %s, and how to restore it', async (_what, line) => {
    const { root, repository } = await opened()
    await repository.create(itemOf(data), bodyOf(data), soon())
    const index = join(root, '.sha256', place)
    await (line === undefined ? rm(index) : writeFile(index, line))
    const next = `${line === undefined ? 'Publish' : `Remove ${index}, then publish`} the same release again: that writes the digest of the released file.`
    await expect(repository.served?.(acmeAt, soon())).rejects.toMatchObject({ served: contentOf(data).sha256, next })
  })

  test('is whole again after completing, which changes no digest that is there', async () => {
    const { root, repository } = await opened()
    await repository.create(itemOf(data), bodyOf(data), soon())
    const index = join(root, '.sha256', place)
    await rm(index)
    await repository.complete?.(itemOf(data), soon())
    expect(await readFile(index, 'utf8')).toBe(`${contentOf(data).sha256}  ${place}\n`)
    await writeFile(index, 'something else')
    await repository.complete?.(itemOf(data), soon())
    expect(await readFile(index, 'utf8')).toBe('something else')
  })

  test.each([
    ['lies', `${contentOf(other).sha256}  ${place}\n`],
    ['names another file', `${contentOf(data).sha256}  ubuntu/jammy/other.deb\n`],
    ['is empty', ''],
  ])('is not installable where the index %s', async (_what, line) => {
    const { root, repository } = await opened()
    await repository.create(itemOf(data), bodyOf(data), soon())
    await writeFile(join(root, '.sha256', place), line)
    await expect(repository.served?.(acmeAt, soon())).rejects.toBeInstanceOf(IndexBroken)
  })
})

describe('settings', () => {
  test('are a path and nothing else', () => {
    expect(directory.parse({ path: 'public' })).toEqual({ path: 'public' })
  })
  test.each([{}, { path: '' }, { path: 1 }, { path: 'public', mode: 'fast' }])('%j are refused', (settings) => {
    expect(() => directory.parse(settings)).toThrow('a directory repository has one setting, its path')
  })
})

test('a repository that was never written to leaves no folder behind', async () => {
  const { root, repository } = await opened()
  await repository.observe(acmeAt, soon())
  await expect(access(root)).rejects.toThrow('ENOENT')
})
