import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Coordinates, digestOf, documentText, parseReceipt, type ReleaseManifest, sha256 } from '@stagegate/schema'
import { describe, expect, test } from 'vitest'
import type { PublicRepository, StagingRepository } from '../contract/capabilities.js'
import { exitCodeOf } from '../exit-code.js'
import { directory } from '../repository/directory/index.js'
import {
  acmeAt,
  bodyOf,
  contentOf,
  itemOf,
  type MemoryRepository,
  manifestOf,
  memoryRepository,
  originOf,
  placeOf,
  planOf,
  sampleBytes,
  soon,
  stable,
  temporaryFolder,
  virtualClock,
} from '../testing/fixtures.js'
import type { TransferEvent } from '../transfer/event.js'
import { type PublishOptions, publish } from './publish.js'

const data = sampleBytes(200_000)
const other = sampleBytes(200_000, 2)
const bookworm: Coordinates = { ...acmeAt, distribution: 'debian/bookworm' }
const noble: Coordinates = { ...acmeAt, distribution: 'ubuntu/noble' }
const manifest = manifestOf([itemOf(data), itemOf(data, bookworm), itemOf(data, noble)])
const full = () => memoryRepository([acmeAt, data], [bookworm, data], [noble, data])

function publishing(
  of: ReleaseManifest,
  staging: StagingRepository,
  destination: PublicRepository,
  overrides: Partial<PublishOptions> = {},
): ReturnType<typeof publish> {
  const repositories = new Map<string, StagingRepository | PublicRepository>([
    ['staging', staging],
    ['stable', destination],
  ])
  return publish(of, { origin: originOf(planOf()), repositories, clock: virtualClock(), random: () => 0.5, ...overrides })
}
const verdictsOf = ({ outcomes }: Awaited<ReturnType<typeof publish>>) => outcomes.map(({ verdict }) => verdict)

describe('publishing', () => {
  test('brings every sealed artifact to its place, and says so in a receipt that can be read again', async () => {
    const [staging, there] = [full(), memoryRepository()]
    const receipt = await publishing(manifest, staging, there)
    expect(verdictsOf(receipt)).toEqual(['published', 'published', 'published'])
    expect([...there.files.keys()].sort()).toEqual([...staging.files.keys()].sort())
    expect(receipt).toMatchObject({ manifest: digestOf(manifest), release: 'acme' })
    expect(parseReceipt(documentText(receipt), 'the receipt')).toEqual(receipt)
    expect(exitCodeOf(receipt.outcomes)).toBe(0)
  })

  test('statement 4: a second time moves nothing and reads nothing from staging', async () => {
    const [staging, there] = [full(), memoryRepository()]
    await publishing(manifest, staging, there)
    const before = [staging.count('read'), there.count('create')]
    const again = await publishing(manifest, staging, there)
    expect(verdictsOf(again)).toEqual(['already-public', 'already-public', 'already-public'])
    expect([staging.count('read'), there.count('create')]).toEqual(before)
    expect(before).toEqual([3, 3])
  })

  test('only the named targets are published', async () => {
    const there = memoryRepository()
    const { outcomes } = await publishing(manifest, full(), there, { targets: ['target 1'] })
    expect(outcomes.map(({ target }) => target)).toEqual(['target 1'])
    expect([...there.files.keys()]).toEqual([placeOf(bookworm)])
  })

  test('a destination with another distribution has it there, and the same bytes', async () => {
    const there = memoryRepository()
    const of = manifestOf([itemOf(data)], { destinations: [stable, { ...stable, distribution: 'ubuntu/noble' }] })
    const staging = full()
    const { outcomes } = await publishing(of, staging, there)
    expect(outcomes.map(({ coordinates }) => placeOf(coordinates))).toEqual([placeOf(acmeAt), placeOf(noble)])
    expect([...there.files.keys()].sort()).toEqual([placeOf(acmeAt), placeOf(noble)].sort())
    expect(staging.count('read')).toBe(1)
  })

  test('a target that is published nowhere is left out when all are asked for', async () => {
    const [first, ...others] = manifest.targets
    if (first === undefined) throw new Error('Expected a target')
    const of = { ...manifest, targets: [{ ...first, destinations: [] }, ...others] }
    expect(verdictsOf(await publishing(of, full(), memoryRepository()))).toEqual(['published', 'published'])
    await expect(publishing(of, full(), memoryRepository(), { targets: ['target 0'] })).rejects.toMatchObject({ code: 'usage/route' })
  })

  test('statement 2: what it is given has no way to delete or replace, not even one that it could find', async () => {
    const there = full()
    const seen: string[] = []
    const guarded = new Proxy(there, {
      get(target, key, receiver) {
        seen.push(String(key))
        return Reflect.get(target, key, receiver)
      },
    })
    await publishing(manifest, full(), guarded)
    const allowed = [
      'attach',
      'complete',
      'copy',
      'create',
      'formats',
      'host',
      'list',
      'observe',
      'point',
      'read',
      'referrers',
      'resolve',
      'served',
      'sourceOf',
      'tags',
    ]
    expect([...new Set(seen)].filter((key) => !allowed.includes(key))).toEqual([])
  })
})

describe('one artifact’s failure stops no other', () => {
  const faults: [
    string,
    (staging: MemoryRepository, there: MemoryRepository) => readonly [StagingRepository, PublicRepository],
    string,
    number,
  ][] = [
    [
      'its staged file was altered after sealing',
      (staging, there) => {
        staging.files.set(placeOf(bookworm), other)
        return [staging, there]
      },
      'tampered',
      3,
    ],
    [
      'its staged file is gone',
      (staging, there) => {
        staging.files.delete(placeOf(bookworm))
        return [staging, there]
      },
      'missing',
      3,
    ],
    [
      'the public has other bytes',
      (staging, there) => {
        there.files.set(placeOf(bookworm), other)
        return [staging, there]
      },
      'conflict',
      3,
    ],
    [
      'nobody can tell what is there',
      (staging, there) => [
        staging,
        {
          ...there,
          observe: (at, call) => (placeOf(at) === placeOf(bookworm) ? Promise.reject(new Error('503')) : there.observe(at, call)),
        },
      ],
      'undetermined',
      4,
    ],
    [
      'the server refuses it',
      (staging, there) => [
        staging,
        {
          ...there,
          create: (item, body, call) =>
            placeOf(item.coordinates) === placeOf(bookworm)
              ? Promise.resolve({ outcome: 'refused', because: { code: 'test', message: 'no' } })
              : there.create(item, body, call),
        },
      ],
      'failed',
      3,
    ],
  ]
  test.each(faults)('statement 5: where %s', async (_what, fault, verdict, exitCode) => {
    const there = memoryRepository()
    const [staging, destination] = fault(full(), there)
    const before = there.files.get(placeOf(bookworm))
    const receipt = await publishing(manifest, staging, destination)
    expect(verdictsOf(receipt)).toEqual(['published', verdict, 'published'])
    expect(there.files.get(placeOf(bookworm))).toBe(before)
    expect(exitCodeOf(receipt.outcomes)).toBe(exitCode)
  })

  test.each(['conflict', 'undetermined'])(
    'an advisory destination’s %s is reported, and does not change the exit code',
    async (verdict) => {
      const there =
        verdict === 'conflict'
          ? memoryRepository([acmeAt, other])
          : { ...memoryRepository(), observe: () => Promise.reject(new Error('503')) }
      const repositories = new Map<string, StagingRepository | PublicRepository>([
        ['staging', full()],
        ['stable', memoryRepository()],
        ['mirror', there],
      ])
      const of = manifestOf([itemOf(data)], { destinations: [stable, { repository: 'mirror', advisory: true }] })
      const receipt = await publishing(of, full(), memoryRepository(), { repositories })
      expect(verdictsOf(receipt)).toEqual(['published', verdict])
      expect(exitCodeOf(receipt.outcomes)).toBe(0)
    },
  )
})

describe('a wrong call is refused before anything is asked', () => {
  test.each<[string, ReleaseManifest, Partial<PublishOptions>, object]>([
    ['a target that the manifest lacks', manifest, { targets: ['el/9'] }, { name: 'UsageError', code: 'usage/target' }],
    ['no target', manifest, { targets: [] }, { name: 'UsageError', code: 'usage/nothing' }],
    ['a manifest of nothing', { ...manifest, targets: [] }, {}, { name: 'DocumentError', path: 'targets' }],
    ['nothing to publish', manifestOf([itemOf(data)], { destinations: [] }), {}, { name: 'UsageError', code: 'usage/route' }],
    ['a repository that was not given', manifest, { repositories: new Map() }, { name: 'UsageError', code: 'usage/repository' }],
    ['another pipeline', manifest, { origin: originOf(planOf(), { pipeline: 101 }) }, { name: 'GateError', code: 'gate/manifest' }],
    ['another digest than the approved one', manifest, { approved: sha256('d'.repeat(64)) }, { name: 'GateError', code: 'gate/altered' }],
    [
      'a hold that is over',
      manifestOf([itemOf(data)], { expiresAt: virtualClock().now() }),
      {},
      { name: 'GateError', code: 'gate/expired' },
    ],
  ])('%s', async (_what, of, overrides, expected) => {
    const [staging, there] = [full(), memoryRepository()]
    await expect(publishing(of, staging, there, overrides)).rejects.toMatchObject(expected)
    expect([...staging.calls, ...there.calls]).toEqual([])
  })

  test('a staging repository that cannot be read from', async () => {
    const { read: _, ...unreadable } = memoryRepository()
    const repositories = new Map<string, StagingRepository | PublicRepository>([
      ['staging', unreadable],
      ['stable', memoryRepository()],
    ])
    await expect(publishing(manifest, full(), memoryRepository(), { repositories })).rejects.toMatchObject({ code: 'usage/repository' })
  })
})

describe('events', () => {
  test('tell what happens to which artifact, and every verdict once', async () => {
    const events: TransferEvent[] = []
    const { outcomes } = await publishing(manifest, full(), memoryRepository(), { onEvent: (event) => events.push(event) })
    const told = events.flatMap((event) => (event.event === 'verdict' ? [event.outcome] : []))
    expect(told).toHaveLength(3)
    expect(told).toEqual(expect.arrayContaining([...outcomes]))
    for (const { target, at, content } of events) {
      expect(target).toMatch(/^target \d$/)
      expect(at).toMatch(/^2026-/)
      expect(content).toEqual(contentOf(data))
    }
  })

  test('a listener that throws changes nothing', async () => {
    const onEvent = () => {
      throw new Error('the log is full')
    }
    expect(verdictsOf(await publishing(manifest, full(), memoryRepository(), { onEvent }))).toEqual(['published', 'published', 'published'])
  })
})

test('statement 5: when it is stopped, every artifact has an outcome, even if it was not begun', async () => {
  const controller = new AbortController()
  const there = memoryRepository()
  const receipt = await publishing(manifest, full(), there, {
    signal: controller.signal,
    limits: { concurrency: 1 },
    onEvent: ({ event }) => event === 'verdict' && controller.abort(new Error('stopped by SIGTERM')),
  })
  // The second is under way beside the first; the third is not begun.
  expect(verdictsOf(receipt)[0]).toBe('published')
  expect(verdictsOf(receipt)[2]).toBe('undetermined')
  expect(receipt.outcomes[2]).toMatchObject({ problem: { message: 'stopped by SIGTERM' }, bytesSent: 0 })
  expect(exitCodeOf(receipt.outcomes)).toBe(4)
  expect(there.count('create')).toBeLessThanOrEqual(2)
})

test('statement 8: no more artifacts are under way at once than the limits say', async () => {
  const there = memoryRepository()
  let [now, most] = [0, 0]
  const counting: PublicRepository = {
    ...there,
    create: async (item, body, call) => {
      most = Math.max(most, ++now)
      const written = await there.create(item, body, call)
      now--
      return written
    },
  }
  await publishing(manifest, full(), counting, { limits: { concurrency: 2 } })
  expect(most).toBeLessThanOrEqual(2)
})

describe('between directories', () => {
  async function directories() {
    const root = await temporaryFolder()
    const open = (path: string) =>
      directory.open(
        { settings: { path }, role: 'public', access: 'write', origin: '', credentials: [] },
        {
          clock: virtualClock(),
          directory: (folder) => join(root, folder),
          http: () => {
            throw new Error('Directories need no network')
          },
        },
      )
    const [staging, there] = [open('staging'), open('public')]
    for (const item of [itemOf(data), itemOf(data, bookworm), itemOf(data, noble)]) await staging.create(item, bodyOf(data), soon())
    return { root, staging, there }
  }

  test('a release is published, and a second run moves nothing', async () => {
    const { staging, there } = await directories()
    expect(verdictsOf(await publishing(manifest, staging, there))).toEqual(['published', 'published', 'published'])
    expect(verdictsOf(await publishing(manifest, staging, there))).toEqual(['already-public', 'already-public', 'already-public'])
  })

  test('statement 1: a staged file that was altered never gets a public name, and leaves nothing behind', async () => {
    const { root, staging, there } = await directories()
    await writeFile(join(root, 'staging', placeOf(bookworm)), other)
    expect(verdictsOf(await publishing(manifest, staging, there))).toEqual(['published', 'tampered', 'published'])
    expect(await there.observe(bookworm, soon())).toEqual({ saw: 'absent' })
  })

  test('statement 4: two jobs that publish at once: each artifact is there once and right, and neither job fails', async () => {
    const { staging, there } = await directories()
    const receipts = await Promise.all([publishing(manifest, staging, there), publishing(manifest, staging, there)])
    for (const receipt of receipts) expect(exitCodeOf(receipt.outcomes)).toBe(0)
    expect(await there.observe(acmeAt, soon())).toMatchObject(contentOf(data))
  })
})
