import { Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { IndexBroken, type PublicRepository } from '../contract/capabilities.js'
import { RepositoryRefusal } from '../contract/refusal.js'
import { parseSha256Sums } from '../file/sha256sums.js'
import { contentOf, memoryRepository, sampleBytes, virtualClock } from '../testing/fixtures.js'
import { type VerifyFilesOptions, verifyFiles } from './verify-files.js'

const data = sampleBytes(1000)
const other = sampleBytes(1000, 2)
const sums = parseSha256Sums(`${contentOf(data).sha256}  one.tar.gz\n${contentOf(data).sha256}  two.tar.gz\n`)

type Serve = NonNullable<PublicRepository['served']>

/** Serves each file by its name, in the answers' order; the last one stays. */
function serving(answers: Readonly<Record<string, readonly Serve[]>>): PublicRepository {
  const left = new Map(Object.entries(answers).map(([name, all]) => [name, [...all]]))
  return {
    ...memoryRepository(),
    served: async (at, call) => {
      const all = left.get(at.format === 'file' ? at.path : '') ?? []
      const serve = all.length > 1 ? all.shift() : all[0]
      return serve?.(at, call)
    },
  }
}
const right: Serve = async () => Readable.from([data])
const wrong: Serve = async () => Readable.from([other])
const nothing: Serve = async () => undefined

async function verifying(repository: PublicRepository, options: Partial<VerifyFilesOptions> = {}) {
  const clock = virtualClock()
  const found = await verifyFiles(sums, { repository, clock, random: () => 0.5, ...options })
  return { found: Object.fromEntries(found.map((one) => [one.file, one.found])), all: found, waits: clock.waits }
}

test('each file of a list is read back as its users do', async () => {
  const { found, all } = await verifying(serving({ 'one.tar.gz': [right], 'two.tar.gz': [wrong] }))
  expect(found).toEqual({ 'one.tar.gz': 'expected-bytes', 'two.tar.gz': 'other-bytes' })
  expect(all[1]).toEqual({ file: 'two.tar.gz', sha256: contentOf(data).sha256, found: 'other-bytes', seen: contentOf(other).sha256 })
})

test('a file that appears late is waited for, and the wait is reported', async () => {
  const told: unknown[] = []
  const onWait: VerifyFilesOptions['onWait'] = ({ file, found }, milliseconds) => told.push([file, found, milliseconds > 0])
  const failing: Serve = () => Promise.reject(new Error('503'))
  const { found } = await verifying(serving({ 'one.tar.gz': [nothing, failing, right], 'two.tar.gz': [right] }), { onWait })
  expect(found).toEqual({ 'one.tar.gz': 'expected-bytes', 'two.tar.gz': 'expected-bytes' })
  expect(told).toEqual([
    ['one.tar.gz', 'not-there-yet', true],
    ['one.tar.gz', 'unknown', true],
  ])
})

test('with no time left each is looked at once', async () => {
  const { found, waits } = await verifying(serving({ 'two.tar.gz': [right] }), { deadline: 0 })
  expect(found).toEqual({ 'one.tar.gz': 'not-there-yet', 'two.tar.gz': 'expected-bytes' })
  expect(waits).toEqual([])
})

test('a file can be anywhere in the repository', async () => {
  const repository = serving({ 'hello/1.2.3/one.tar.gz': [right], 'hello/1.2.3/two.tar.gz': [right] })
  const { found } = await verifying(repository, { at: (file) => ({ format: 'file', path: `hello/1.2.3/${file}` }) })
  expect(Object.values(found)).toEqual(['expected-bytes', 'expected-bytes'])
})

describe('a repository without a way for users', () => {
  const at = (file: string) => ({ format: 'file', path: file }) as const
  const both = () => memoryRepository([at('one.tar.gz'), data], [at('two.tar.gz'), other])

  test('says the digests', async () => {
    expect((await verifying(both())).found).toEqual({ 'one.tar.gz': 'expected-bytes', 'two.tar.gz': 'other-bytes' })
  })

  test('is read, where it says none', async () => {
    const there = both()
    const silent: PublicRepository = {
      ...there,
      observe: async (coordinates, call) => {
        const seen = await there.observe(coordinates, call)
        return seen.saw === 'absent' ? seen : { ...seen, sha256: undefined, size: undefined }
      },
    }
    expect((await verifying(silent)).found).toEqual({ 'one.tar.gz': 'expected-bytes', 'two.tar.gz': 'other-bytes' })
    const { read: _, ...unreadable } = silent
    const { all } = await verifying(unreadable, { deadline: 0 })
    expect(all.map(({ found, problem }) => [found, problem?.code])).toEqual([
      ['unknown', 'repository/no-digest'],
      ['unknown', 'repository/no-digest'],
    ])
  })
})

test('a refusal and a broken index are reported at once', async () => {
  const refusing: Serve = () => Promise.reject(new RepositoryRefusal({ code: 'shelf/denied', what: 'the token is over' }))
  const broken: Serve = () => Promise.reject(new IndexBroken('the index has no end'))
  const { found, waits } = await verifying(serving({ 'one.tar.gz': [refusing], 'two.tar.gz': [broken] }))
  expect([found, waits]).toEqual([{ 'one.tar.gz': 'refused', 'two.tar.gz': 'index-broken' }, []])
})

test('if stopped, it returns what it has seen', async () => {
  const controller = new AbortController()
  const stopping: Serve = async () => {
    controller.abort(new Error('stopped'))
    return undefined
  }
  const { found } = await verifying(serving({ 'one.tar.gz': [stopping], 'two.tar.gz': [right] }), { signal: controller.signal })
  expect(found['one.tar.gz']).toMatch(/^(?:not-there-yet|unknown)$/)
})

test('an empty list verifies nothing, and says so', async () => {
  // The cast: programs without types pass anything.
  for (const files of [[], [{ file: 'a' }], [null], [{ file: 'a', sha256: 'x' }]])
    await expect(verifyFiles(files as never, { repository: memoryRepository() })).rejects.toMatchObject({ code: 'usage/no-files' })
  await expect(verifyFiles(sums, { repository: memoryRepository(), at: () => undefined as never })).rejects.toMatchObject({
    code: 'usage/place',
  })
})

test('wrong options are named before anything is asked', async () => {
  // The casts: programs without types pass anything.
  const call = (options: object) => verifyFiles(sums, options as VerifyFilesOptions)
  await expect(call({})).rejects.toMatchObject({ code: 'usage/options', message: expect.stringContaining('repository') })
  await expect(call({ repository: memoryRepository(), deadline: '5' })).rejects.toMatchObject({ code: 'usage/options' })
  await expect(call({ repository: memoryRepository(), at: 'one' })).rejects.toMatchObject({ code: 'usage/options' })
  await expect(call({ repository: memoryRepository(), onWait: 1 })).rejects.toMatchObject({ code: 'usage/options' })
})
