import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type PlannedTarget, parseReleasePlan, type ReleasePlan, type StagingRecord } from '@stagegate/schema'
import { describe, expect, test } from 'vitest'
import { expectPlan } from '../gate/expect-plan.js'
import {
  contentOf,
  type MemoryRepository,
  memoryRepository,
  originOf,
  plannedTarget,
  planOf,
  sampleBytes,
  temporaryFolder,
  virtualClock,
} from '../testing/fixtures.js'
import { fetchStaged } from './fetch.js'
import { foresee } from './foresee.js'
import { publish } from './publish.js'
import { seal } from './seal.js'
import { sealSupplement } from './seal-supplement.js'
import { stage } from './stage.js'
import { verify } from './verify.js'

const clock = virtualClock()
const binaries = (overrides: Partial<PlannedTarget> = {}) =>
  plannedTarget('binaries', { what: { type: 'file', files: ['out/*'], path: 'acme/{version}' }, ...overrides })
const plan = planOf([binaries()])

async function built(files: Readonly<Record<string, Uint8Array>>): Promise<readonly string[]> {
  const folder = await temporaryFolder()
  const paths = Object.keys(files).map((name) => join(folder, name))
  for (const path of paths) await mkdir(join(path, '..'), { recursive: true })
  await Promise.all(Object.values(files).map((data, index) => writeFile(paths[index] ?? '', data)))
  return paths
}

const staging = (files: readonly string[], repository: MemoryRepository = memoryRepository(), of: ReleasePlan = plan) =>
  stage(of, { target: 'binaries', files, origin: originOf(of), repositories: new Map([['staging', repository]]), clock })

const sealing = (record: StagingRecord, of = plan) => seal(of, [record], { origin: originOf(of), now: clock.now() })
const program = sampleBytes(300_000)
const sums = Buffer.from('abc  acme\n')

test('files go from the build to the public under the folder of their version, once', async () => {
  const [private_, public_] = [memoryRepository(), memoryRepository()]
  const record = await staging(await built({ acme: program, SHA256SUMS: sums }), private_)
  expect([...private_.files.keys()].sort()).toEqual(['acme/1.2.3/SHA256SUMS', 'acme/1.2.3/acme'])
  const manifest = sealing(record)
  expectPlan(manifest, plan)
  expect(manifest.targets[0]?.artifacts.map(({ content }) => content)).toEqual([program, sums].map(contentOf))
  const options = {
    origin: originOf(plan),
    clock,
    repositories: new Map([
      ['staging', private_],
      ['stable', public_],
    ]),
  }
  expect((await foresee(manifest, options)).map(({ would }) => would)).toEqual(['publish', 'publish'])
  expect((await publish(manifest, options)).outcomes.map(({ verdict }) => verdict)).toEqual(['published', 'published'])
  expect(public_.files).toEqual(private_.files)
  expect((await publish(manifest, options)).outcomes.map(({ verdict }) => verdict)).toEqual(['already-public', 'already-public'])
  expect(public_.count('create')).toBe(2)
  expect((await verify(manifest, options)).findings.map(({ found }) => found)).toEqual(['sealed-bytes', 'sealed-bytes'])
})

test.each<[string, (where: { private_: MemoryRepository; public_: MemoryRepository }) => void, string]>([
  ['another file of the name is public', ({ public_ }) => public_.files.set('acme/1.2.3/acme', Buffer.from('other')), 'conflict'],
  ['staging has other bytes', ({ private_ }) => private_.files.set('acme/1.2.3/acme', sampleBytes(300_000, 2)), 'tampered'],
  ['staging lost it', ({ private_ }) => private_.files.delete('acme/1.2.3/acme'), 'missing'],
])('where %s the verdict is', async (_where, change, verdict) => {
  const [private_, public_] = [memoryRepository(), memoryRepository()]
  const manifest = sealing(await staging(await built({ acme: program }), private_))
  change({ private_, public_ })
  const before = [...public_.files.keys()]
  const repositories = new Map([
    ['staging', private_],
    ['stable', public_],
  ])
  const receipt = await publish(manifest, { origin: originOf(plan), clock, repositories })
  expect(receipt.outcomes).toMatchObject([{ verdict, coordinates: { format: 'file', path: 'acme/1.2.3/acme' } }])
  expect([...public_.files.keys()]).toEqual(before)
})

test('a deployment fetches them under their own names', async () => {
  const private_ = memoryRepository()
  const manifest = sealing(await staging(await built({ acme: program, SHA256SUMS: sums }), private_))
  const to = await temporaryFolder()
  const fetched = await fetchStaged(manifest, { to, origin: originOf(plan), clock, repositories: new Map([['staging', private_]]) })
  expect(fetched.map(({ path }) => path).sort()).toEqual([join(to, 'binaries/SHA256SUMS'), join(to, 'binaries/acme')])
})

test('statement 4: staging them again moves nothing', async () => {
  const files = await built({ acme: program, 'acme.exe': sums })
  const repository = memoryRepository()
  const first = await staging(files, repository)
  expect((await staging(files, repository)).artifacts).toEqual(first.artifacts)
  expect(repository.count('create')).toBe(2)
})

test('another build of the same version is a conflict in staging, and the first one stays', async () => {
  const repository = memoryRepository()
  await staging(await built({ acme: program }), repository)
  await expect(staging(await built({ acme: sums }), repository)).rejects.toMatchObject({ code: 'staging/conflict' })
  expect(repository.files.get('acme/1.2.3/acme')?.equals(program)).toBe(true)
})

test('an optional target of files is sealed late', async () => {
  const of = planOf([
    binaries(),
    binaries({ id: 'extras', optional: true, what: { type: 'file', files: ['x'], path: 'acme/{version}/extras' } }),
  ])
  const repositories = new Map([['staging', memoryRepository()]])
  const at = { origin: originOf(of), repositories, clock }
  const main = seal(of, [await stage(of, { ...at, target: 'binaries', files: await built({ acme: program }) })], {
    origin: originOf(of),
    now: clock.now(),
  })
  const late = await stage(of, { ...at, target: 'extras', files: await built({ acme: sums }) })
  const supplement = sealSupplement(of, main, [late], { target: 'extras', origin: originOf(of), now: clock.now() })
  expectPlan(supplement, of)
  expect(supplement.targets[0]?.artifacts[0]?.coordinates).toEqual({ format: 'file', path: 'acme/1.2.3/extras/acme' })
})

test('two targets of one folder may not have files of one name, not even the same one', async () => {
  const of = planOf([binaries(), binaries({ id: 'more' })])
  const at = {
    origin: originOf(of),
    repositories: new Map([['staging', memoryRepository()]]),
    clock,
    files: await built({ LICENSE: sums }),
  }
  const records = [await stage(of, { ...at, target: 'binaries' }), await stage(of, { ...at, target: 'more' })]
  expect(() => seal(of, records, { origin: originOf(of), now: clock.now() })).toThrow(
    expect.objectContaining({
      code: 'gate/collision',
      what: 'binaries and more both have acme/1.2.3/LICENSE in stable',
      next: 'Rename one of the files, or give one of the targets another path.',
    }),
  )
})

describe('the version comes from', () => {
  const withVariable = parseReleasePlan(
    JSON.stringify({ ...plan, kinds: { ...plan.kinds, release: { ...plan.kinds['release'], version: { variable: 'VERSION' } } } }),
    'the plan',
  )
  const options = { target: 'binaries', origin: originOf(withVariable), repositories: new Map([['staging', memoryRepository()]]), clock }

  test('a variable of the job', async () => {
    const files = await built({ acme: program })
    const record = await stage(withVariable, { ...options, files, variables: { VERSION: '7.0' } })
    expect(record.artifacts[0]?.coordinates).toEqual({ format: 'file', path: 'acme/7.0/acme' })
    const sealed = { origin: originOf(withVariable), now: clock.now() }
    expect(seal(withVariable, [record], { ...sealed, variables: { VERSION: '7.0' } }).version).toBe('7.0')
    // The seal job has another one: what was staged is not of it.
    expect(() => seal(withVariable, [record], { ...sealed, variables: { VERSION: '7.1' } })).toThrow(
      expect.objectContaining({ name: 'GateError', code: 'gate/record', what: expect.stringContaining('acme/7.0/acme') }),
    )
  })

  test('no other place', async () => {
    await expect(stage(withVariable, { ...options, files: await built({ acme: program }) })).rejects.toMatchObject({
      code: 'usage/version',
    })
  })
})

describe('nothing is staged', () => {
  const refuses = async (files: readonly string[], expected: object) => {
    const repository = memoryRepository()
    await expect(staging(files, repository)).rejects.toMatchObject({ name: 'UsageError', ...expected })
    expect(repository.calls).toEqual([])
  }

  test('where there are no files', () => refuses([], { code: 'usage/no-files' }))
  test('of an empty file', async () => refuses(await built({ acme: program, empty: Buffer.alloc(0) }), { code: 'usage/file-empty' }))
  test('of a name with a space', async () => refuses(await built({ 'Acme Setup.exe': program }), { code: 'usage/file-name' }))
  test('of a hidden file', async () =>
    refuses(await built({ '.DS_Store': program }), { code: 'usage/file-name', what: 'it is hidden, so it is not published' }))
  test('of a file that is not there', () => refuses(['/nowhere/acme'], { code: 'usage/unreadable' }))
  test('of a folder', async () => refuses([await temporaryFolder()], { code: 'usage/unreadable', what: 'it is not a regular file' }))
  test('of two files of one name in different folders', async () =>
    refuses(await built({ 'linux/acme': program, 'mac/acme': sums }), {
      code: 'usage/same-file-twice',
      message: expect.stringMatching(/linux\/acme and .*mac\/acme are both acme\/1\.2\.3\/acme\n.*different names/),
    }))
  test('of what the system shows of the process', async () => {
    const link = join(await temporaryFolder(), 'environment')
    await symlink('/proc/self/environ', link)
    await refuses([link], { code: 'usage/file-empty' })
  })
})

test('a manifest with a file outside of its target’s folder is not the plan’s', async () => {
  const manifest = sealing(await staging(await built({ acme: program })))
  const [target] = manifest.targets
  if (target === undefined) throw new Error('Expected a target')
  const artifacts = target.artifacts.map((one) => ({ ...one, coordinates: { format: 'file' as const, path: 'other/1.2.3/acme' } }))
  expect(() => expectPlan({ ...manifest, targets: [{ ...target, artifacts }] }, plan)).toThrow(
    expect.objectContaining({ code: 'gate/plan', what: 'it has other/1.2.3/acme, which does not belong to binaries' }),
  )
})
