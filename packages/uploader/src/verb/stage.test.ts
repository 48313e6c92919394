import { rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  documentText,
  holdMargin,
  later,
  type PlannedTarget,
  parseStagingRecord,
  type ReleasePlan,
  type StagingRecord,
} from '@stagegate/schema'
import { describe, expect, test } from 'vitest'
import type { StagingRepository } from '../contract/capabilities.js'
import { RepositoryRefusal } from '../contract/refusal.js'
import { type Operation, RepositoryError } from '../contract/repository-error.js'
import {
  acmeAt,
  contentOf,
  debFile,
  memoryRepository,
  originOf,
  placeOf,
  plannedTarget,
  planOf,
  temporaryFolder,
  virtualClock,
} from '../testing/fixtures.js'
import { makeRpm } from '../testing/packages/index.js'
import { stage } from './stage.js'
import type { StageOptions } from './staging.js'
import { StagingIncomplete } from './staging-incomplete.js'

const plan = planOf()
const place = placeOf(acmeAt)

function stageInto(staging: StagingRepository, files: readonly string[], overrides: Partial<StageOptions> = {}, of: ReleasePlan = plan) {
  const repositories = new Map([['staging', staging]])
  return stage(of, { target: 'ubuntu/jammy', files, origin: originOf(of), repositories, clock: virtualClock(), ...overrides })
}

async function failure(running: Promise<unknown>, kind: typeof StagingIncomplete | typeof RepositoryError = StagingIncomplete) {
  const error = await running.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(kind)
  // Just checked.
  return error as StagingIncomplete | RepositoryError
}

describe('staging', () => {
  test('uploads each package under what it says of itself, and records what is there', async () => {
    const folder = await temporaryFolder()
    const acme = await debFile(folder)
    const tools = await debFile(folder, { name: 'acme-tools', architecture: 'all' })
    const staging = memoryRepository()
    const record = await stageInto(staging, [acme.path, tools.path])
    expect([...staging.files.keys()].sort()).toEqual(['ubuntu/jammy/acme-tools_1.2.3_all.deb', place])
    expect(staging.files.get(place)?.equals(acme.data)).toBe(true)
    expect(record).toMatchObject({
      release: 'acme',
      target: 'ubuntu/jammy',
      stagedAt: record.stagedAt,
      expiresAt: later(record.stagedAt, 14 * 86_400 + holdMargin),
      artifacts: [
        { coordinates: acmeAt, content: contentOf(acme.data), repository: 'staging', location: place },
        { coordinates: { name: 'acme-tools', architecture: 'all', distribution: 'ubuntu/jammy' } },
      ],
    })
    expect(parseStagingRecord(documentText(record), 'the record')).toEqual(record)
  })

  test('statement 4: moves nothing the second time, and records the same', async () => {
    const folder = await temporaryFolder()
    const { path } = await debFile(folder)
    const staging = memoryRepository()
    const first = await stageInto(staging, [path])
    const second = await stageInto(staging, [path])
    expect(staging.count('create')).toBe(1)
    const { stagedAt: _, expiresAt: __, ...same }: StagingRecord = second
    expect(first).toMatchObject(same)
  })

  test('statement 4: finishes what an earlier run left undone', async () => {
    const folder = await temporaryFolder()
    const [acme, tools] = [await debFile(folder), await debFile(folder, { name: 'acme-tools' })]
    const staging = memoryRepository([acmeAt, acme.data])
    const record = await stageInto(staging, [acme.path, tools.path])
    expect(record.artifacts).toHaveLength(2)
    expect(staging.count('create')).toBe(1)
  })

  test('names the plan that it was staged by, whatever the caller says', async () => {
    const { path } = await debFile(await temporaryFolder())
    const record = await stageInto(memoryRepository(), [path], {
      origin: originOf(plan, { plan: contentOf(Buffer.from('another')).sha256 }),
    })
    expect(record.origin.plan).toBe(originOf(plan).plan)
  })
})

describe('a package of another version than the release', () => {
  const planned = (versions?: 'must-match' | 'any', more: Partial<ReleasePlan> = {}): ReleasePlan => {
    const what: PlannedTarget['what'] = {
      type: 'package',
      files: ['dist/*.deb'],
      distribution: 'ubuntu/jammy',
      ...(versions && { versions }),
    }
    return { ...planOf([plannedTarget('ubuntu/jammy', { what })]), ...more }
  }
  const stale = async () => [(await debFile(await temporaryFolder(), { version: '9.9.8' })).path]
  const sentence = 'acme_9.9.8_amd64.deb has the version 9.9.8, but the release is 1.2.3'

  test('is staged, with a warning in the record', async () => {
    const record = await stageInto(memoryRepository(), await stale(), {}, planned())
    expect(record).toMatchObject({ artifacts: { length: 1 }, warnings: [sentence] })
    expect(parseStagingRecord(documentText(record), 'the record')).toEqual(record)
  })

  test('is refused where the target says that versions must match', async () => {
    const staging = memoryRepository()
    await expect(stageInto(staging, await stale(), {}, planned('must-match'))).rejects.toMatchObject({
      code: 'package/other-version',
      what: sentence,
      next: expect.stringContaining('Nothing of ubuntu/jammy was staged.'),
    })
    expect(staging.calls).toEqual([])
  })

  test('is taken without a word where the target says so, and so is one of the release', async () => {
    expect(await stageInto(memoryRepository(), await stale(), {}, planned('any'))).not.toHaveProperty('warnings')
    const { path } = await debFile(await temporaryFolder())
    expect(await stageInto(memoryRepository(), [path], {}, planned('must-match'))).not.toHaveProperty('warnings')
  })

  test('is held against the variable that holds the version, where this job has it', async () => {
    const kinds = Object.fromEntries(
      Object.entries(plan.kinds).map(([kind, one]) => [kind, { ...one, version: { variable: 'NIGHTLY_VERSION' } }]),
    )
    const of = planned(undefined, { kinds })
    expect(await stageInto(memoryRepository(), await stale(), {}, of)).not.toHaveProperty('warnings')
    expect(await stageInto(memoryRepository(), await stale(), { variables: { NIGHTLY_VERSION: '9.9.8' } }, of)).not.toHaveProperty(
      'warnings',
    )
    expect(await stageInto(memoryRepository(), await stale(), { variables: { NIGHTLY_VERSION: '1.0.0' } }, of)).toHaveProperty('warnings')
  })
})

describe('nothing is staged', () => {
  const refusesFiles = async (make: (folder: string) => Promise<readonly string[]>, expected: object, of?: ReleasePlan) => {
    const staging = memoryRepository()
    const files = await make(await temporaryFolder())
    await expect(stageInto(staging, files, {}, of)).rejects.toMatchObject(expected)
    expect(staging.calls).toEqual([])
  }

  test('where there are no files', () => refusesFiles(async () => [], { code: 'usage/no-files' }))

  test('of a package for another machine', () =>
    refusesFiles(async (folder) => [(await debFile(folder, { architecture: 'arm64' })).path], { code: 'package/wrong-architecture' }))

  test('of an .rpm for a distribution of .deb packages', () =>
    refusesFiles(
      async (folder) => {
        const path = join(folder, 'acme.rpm')
        await writeFile(path, makeRpm({ name: 'acme', version: '1.2.3', release: '1.el9', architecture: 'x86_64' }))
        return [path]
      },
      { code: 'package/wrong-format', where: expect.stringContaining('acme.rpm') },
    ))

  test('of the good packages either, where one is bad', () =>
    refusesFiles(
      async (folder) => {
        const path = join(folder, 'broken.deb')
        await writeFile(path, '!<arch>\nand then something else')
        return [(await debFile(folder)).path, path]
      },
      { name: 'PackageError', code: 'package/malformed' },
    ))

  test('of a file that is not there', () => refusesFiles(async (folder) => [join(folder, 'lost.deb')], { code: 'package/unreadable' }))

  test('where two files are the same package', () =>
    refusesFiles(async (folder) => [(await debFile(folder, { size: 1 })).path, (await debFile(folder, { size: 2 })).path], {
      code: 'usage/same-package-twice',
      message: expect.stringMatching(/acme_1\.2\.3_amd64_.*\.deb and .*acme_1\.2\.3_amd64_.*\.deb are both acme_1\.2\.3_amd64\.deb/),
    }))

  test('where one file is given twice, be it by a link', () =>
    refusesFiles(
      async (folder) => {
        const { path } = await debFile(folder)
        await symlink(path, join(folder, 'link.deb'))
        return [path, join(folder, 'link.deb')]
      },
      { code: 'usage/same-package-twice' },
    ))

  test('where the plan does not say for which distribution', () =>
    refusesFiles(
      async (folder) => [(await debFile(folder)).path],
      { code: 'usage/distribution' },
      planOf([plannedTarget('ubuntu/jammy', { what: { type: 'package', files: ['dist/*'] } })]),
    ))

  test.each([
    ['in a kind that stages nothing', { origin: originOf(plan, { pipelineKind: 'branch' }) }, 'usage/route'],
    ['in a kind that nobody knows', { origin: originOf(plan, { pipelineKind: 'nightly' }) }, 'usage/route'],
    ['of a target that the plan lacks', { target: 'el/9' }, 'usage/target'],
    ['into a repository that was not given', { repositories: new Map() }, 'usage/repository'],
  ])('%s', async (_what, overrides, code) => {
    const { path } = await debFile(await temporaryFolder())
    await expect(stageInto(memoryRepository(), [path], overrides)).rejects.toMatchObject({ name: 'UsageError', code })
  })
})

describe('staging is incomplete', () => {
  test('statement 2: where other bytes are there under the name: a conflict, with both digests, and nothing is overwritten', async () => {
    const { path, data } = await debFile(await temporaryFolder())
    const there = Buffer.from('another build')
    const staging = memoryRepository([acmeAt, there])
    const error = await failure(stageInto(staging, [path]))
    expect(error).toMatchObject({ code: 'staging/conflict' })
    expect(error.message).toContain(contentOf(there).sha256)
    expect(error.message).toContain(contentOf(data).sha256)
    expect(error.next).toContain('never overwrites staging')
    expect(staging.files.get(place)?.equals(there)).toBe(true)
  })

  test('where one package did not arrive: the others did, and every outcome is told', async () => {
    const folder = await temporaryFolder()
    const [acme, tools] = [await debFile(folder), await debFile(folder, { name: 'acme-tools' })]
    const there = memoryRepository()
    const staging: StagingRepository = {
      ...there,
      create: (item, body, call) =>
        placeOf(item.coordinates) === place ? Promise.reject(new Error('ECONNRESET')) : there.create(item, body, call),
    }
    const error = await failure(stageInto(staging, [acme.path, tools.path]), RepositoryError)
    expect(error).toMatchObject({ code: 'staging/incomplete', outcomes: [{ verdict: 'undetermined' }, { verdict: 'published' }] })
    expect(error).toMatchObject({ operation: 'create', final: false, cause: { message: 'ECONNRESET' } })
    expect(error.message).toContain('acme_1.2.3_amd64.deb for ubuntu/jammy is not in staging: ECONNRESET')
    expect(there.files.size).toBe(1)
  })

  const refusal = new RepositoryRefusal({ code: 'repository/unauthorized', what: 'the server does not accept the credential' })
  const denied = Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES', syscall: 'open', path: '/staging' })
  test.each<[string, Partial<StagingRepository>, string, Operation, unknown]>([
    [
      'refuses the package',
      {
        create: async () => ({ outcome: 'refused', because: { code: 'repository/unknown-distribution', message: 'no such distribution' } }),
      },
      'no such distribution',
      'create',
      undefined,
    ],
    ['does not accept the credential for a look', { observe: () => Promise.reject(refusal) }, refusal.what, 'observe', refusal],
    ['does not accept the credential for an upload', { create: () => Promise.reject(refusal) }, refusal.what, 'create', refusal],
    ['is a folder that may not be read', { observe: () => Promise.reject(denied) }, denied.message, 'observe', denied],
    ['is a folder that may not be written', { create: () => Promise.reject(denied) }, denied.message, 'create', denied],
  ])('where staging %s: running it again does not help, and is not tried', async (_what, faulty, said, operation, cause) => {
    const { path } = await debFile(await temporaryFolder())
    const clock = virtualClock()
    const error = await failure(stageInto({ ...memoryRepository(), ...faulty }, [path], { clock }), RepositoryError)
    expect(error).toMatchObject({ code: 'staging/refused', final: true, outcomes: [{ verdict: 'failed' }] })
    expect(error).toMatchObject({ side: 'staging', repository: 'staging', operation })
    expect(error.cause).toBe(cause)
    expect(error.message).toContain(`is not in staging: ${said}`)
    expect(error.next).toBe('Correct this, then run the job again.')
    expect(clock.waits).toEqual([])
  })

  test('where the file changed after it had been inspected', async () => {
    const { path } = await debFile(await temporaryFolder())
    const there = memoryRepository()
    const staging: StagingRepository = {
      ...there,
      observe: async (at, call) => {
        await writeFile(path, 'something else')
        return there.observe(at, call)
      },
    }
    const error = await failure(stageInto(staging, [path]))
    expect(error).toMatchObject({ code: 'staging/incomplete', outcomes: [{ verdict: 'tampered' }] })
    expect(there.files.size).toBe(0)
  })

  test('where the file vanished after it had been inspected', async () => {
    const { path } = await debFile(await temporaryFolder())
    const there = memoryRepository()
    const staging: StagingRepository = {
      ...there,
      observe: async (at, call) => {
        await rm(path, { force: true })
        return there.observe(at, call)
      },
    }
    const error = await failure(stageInto(staging, [path]))
    expect(error.outcomes).toMatchObject([
      { verdict: 'undetermined', problem: { code: 'repository/threw', message: expect.stringContaining('ENOENT') } },
    ])
  })

  test('where it was told to stop', async () => {
    const { path } = await debFile(await temporaryFolder())
    const error = await failure(stageInto(memoryRepository(), [path], { signal: AbortSignal.abort(new Error('stopped by SIGTERM')) }))
    expect(error.message).toContain('stopped by SIGTERM')
  })
})
