import { createServer } from 'node:net'
import { Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { exitCodeOf } from '../exit-code.js'
import {
  acmeAt,
  contentOf,
  itemOf,
  manifestOf,
  memoryRepository,
  originOf,
  planOf,
  sampleBytes,
  soon,
  virtualClock,
} from '../testing/fixtures.js'
import { foresee } from '../verb/foresee.js'
import { publish } from '../verb/publish.js'
import { verify } from '../verb/verify.js'
import type { PublicRepository } from './capabilities.js'
import { checkedRepository } from './checked-repository.js'
import type { Operation } from './repository-error.js'

// The casts of this file: a repository in plain JavaScript can be and return anything.

const data = sampleBytes(100)
const { sha256 } = contentOf(data)
const manifest = manifestOf([itemOf(data)])
const origin = originOf(planOf())
const web = new ReadableStream()

/** Each method, with answers that are none, and how they are shown. */
const nonsense: readonly (readonly [Operation, unknown, string])[] = [
  ['observe', undefined, 'undefined'],
  ['observe', null, 'null'],
  ['observe', true, 'true'],
  ['observe', 'absent', '"absent"'],
  ['observe', { saw: 'missing' }, '{"saw":"missing"}'],
  ['observe', { saw: 'present', location: 'x', sha256: sha256.toUpperCase() }, `{"saw":"present","location":"x","sha256":"`],
  ['observe', { saw: 'present', location: 'x', size: '1' }, '{"saw":"present","location":"x","size":"1"}'],
  ['observe', { saw: 'present', location: 'x', size: -1 }, '{"saw":"present","location":"x","size":-1}'],
  ['observe', { saw: 'present', sha256: undefined }, '{"saw":"present"}'],
  ['read', undefined, 'undefined'],
  ['read', Buffer.from('bytes'), 'a Buffer'],
  ['read', web, 'a ReadableStream'],
  ['read', createServer(), 'a Server'],
  ['create', undefined, 'undefined'],
  ['create', { outcome: 'ok' }, '{"outcome":"ok"}'],
  ['create', { outcome: 'unsupported' }, '{"outcome":"unsupported"}'],
  ['create', { outcome: 'refused' }, '{"outcome":"refused"}'],
  ['create', { outcome: 'refused', because: 'no' }, '{"outcome":"refused","because":"no"}'],
  ['create', { outcome: 'refused', because: { message: 'no' } }, '{"outcome":"refused","because":{"message":"no"}}'],
  ['served', null, 'null'],
  ['served', 'text', '"text"'],
  ['copy', undefined, 'undefined'],
  ['copy', { outcome: 'copied' }, '{"outcome":"copied"}'],
  ['resolve', null, 'null'],
  ['resolve', `sha256:${sha256}`, '"sha256:'],
  ['point', undefined, 'undefined'],
  ['point', { outcome: 'moved' }, '{"outcome":"moved"}'],
  ['tags', undefined, 'undefined'],
  ['tags', 'latest', '"latest"'],
  ['tags', ['1', 2], '["1",2]'],
  ['tags', new Set(['1']), 'a Set'],
  ['referrers', undefined, 'undefined'],
  ['referrers', [{ digest: 'x', json: {} }], '[{"digest":"x","json":{}}]'],
  ['referrers', [{ digest: sha256 }], '[{"digest":"'],
]

describe('an invalid answer names the repository, the method and the answer', () => {
  test.each(nonsense)('%s: %s', async (method, answer, shown) => {
    const repository = checkedRepository('mirror', { ...memoryRepository(), [method]: async () => answer }, [])
    const called = Reflect.apply(Reflect.get(repository, method), repository, [])
    await expect(called).rejects.toMatchObject({
      code: 'repository/unexpected-answer',
      message: expect.stringContaining(`mirror: ${method}() returned ${shown}`),
      next: expect.stringMatching(/^It must return /),
    })
  })

  test('long ones, ones that hold themselves, and what cannot be printed, are kept short and on one line', async () => {
    const round: { self?: unknown } = {}
    round.self = round
    for (const answer of [round, { saw: 'x'.repeat(1000) }, { saw: 'a\nb\u001b[31m' }, () => 1, Symbol('x'), 1n]) {
      const careless: PublicRepository = { ...memoryRepository(), observe: async () => answer as never }
      const error = await checkedRepository('mirror', careless)
        .observe(acmeAt, soon())
        .catch((reason: Error) => reason)
      const [line = ''] = String(Reflect.get(error, 'message')).split('\n')
      expect(line.length).toBeLessThan(150)
      expect(line).toMatch(/^mirror: observe\(\) returned [\x20-\x7e…]+$/)
    }
  })
})

test.each<[Operation, unknown]>([
  ['observe', { saw: 'absent' }],
  ['observe', { saw: 'present', location: 'x' }],
  ['observe', { saw: 'present', location: 'x', sha256, size: 0, more: 1 }],
  ['read', Readable.from([])],
  ['create', { outcome: 'accepted', location: 'x' }],
  ['create', { outcome: 'refused', because: { code: 'mine/no', message: 'no' } }],
  ['served', undefined],
  ['copy', { outcome: 'unsupported' }],
  ['resolve', undefined],
  ['resolve', sha256],
  ['point', { outcome: 'exists' }],
  ['tags', []],
  ['referrers', [{ digest: sha256, json: {} }]],
  ['attach', undefined],
])('a right answer is passed on as it is: %s', async (method, answer) => {
  const repository = checkedRepository('mirror', { ...memoryRepository(), [method]: () => answer }, [])
  expect(await Reflect.apply(Reflect.get(repository, method), repository, [])).toBe(answer)
})

test('methods keep their object, also those of a class with private fields', async () => {
  class Mine implements PublicRepository {
    readonly #there = memoryRepository([acmeAt, data])
    readonly host = 'https://mine.example'
    observe(...given: Parameters<PublicRepository['observe']>) {
      return this.#there.observe(...given)
    }
    create(...given: Parameters<PublicRepository['create']>) {
      return this.#there.create(...given)
    }
  }
  const repository: PublicRepository = checkedRepository('mirror', new Mine())
  expect(repository.host).toBe('https://mine.example')
  expect(repository.read).toBeUndefined()
  expect(await repository.observe(acmeAt, soon())).toMatchObject({ saw: 'present', sha256 })
})

describe('an error that no retry can fix is reported before any request', () => {
  const { create: _, ...withoutCreate } = memoryRepository()
  const { observe: __, ...withoutObserve } = memoryRepository()
  const wrong: readonly (readonly [string, unknown, string])[] = [
    ['an object without observe', withoutObserve, 'it has no observe()'],
    ['a method that is none', { ...memoryRepository(), served: 'yes' }, 'its served is not a method'],
    ['null', null, 'it is null'],
    ['a text', 'https://packages.example', 'it is "https://packages.example"'],
    ['a class in place of its object', class {}, 'it is a function'],
  ]
  const options = (stable: unknown, staging = memoryRepository([acmeAt, data])) =>
    ({ origin, clock: virtualClock(), repositories: { staging, stable } }) as never

  test.each([...wrong, ['an object without create', withoutCreate, 'it has no create()'] as const])(
    'publish: %s',
    async (_what, repository, message) => {
      const staging = memoryRepository([acmeAt, data])
      for (const verb of [publish, foresee])
        await expect(verb(manifest, options(repository, staging))).rejects.toMatchObject({
          code: 'usage/repository',
          message: expect.stringContaining(`the repository stable: ${message}`),
        })
      expect(staging.calls).toEqual([])
    },
  )

  test.each(wrong)('verify: %s', async (_what, repository, message) => {
    await expect(verify(manifest, options(repository))).rejects.toMatchObject({ code: 'usage/repository', what: message })
  })

  test('verify needs no create()', async () => {
    expect((await verify(manifest, { ...(options(withoutCreate) as object), deadline: 0 } as never)).findings).toMatchObject([
      { found: 'not-there-yet' },
    ])
  })

  test('an artifact of a format that the repository does not take', async () => {
    const [staging, stable] = [memoryRepository([acmeAt, data]), { ...memoryRepository(), formats: ['rpm', 'file'] }]
    for (const verb of [publish, foresee])
      await expect(verb(manifest, options(stable, staging))).rejects.toMatchObject({
        code: 'usage/repository',
        message: expect.stringContaining('the repository stable: it accepts rpm and file, but acme_1.2.3_amd64.deb has the format deb'),
      })
    expect([...staging.calls, ...stable.calls]).toEqual([])
  })
})

test('a careless repository in a run: its name, the method and the answer are in the outcome', async () => {
  const { outcomes } = await publish(manifest, {
    origin,
    clock: virtualClock(),
    repositories: {
      staging: memoryRepository([acmeAt, data]),
      mirror: memoryRepository(),
      stable: { ...memoryRepository(), observe: async () => undefined as never },
    },
  })
  expect(outcomes).toMatchObject([{ problem: { message: expect.stringContaining('stable: observe() returned undefined') } }])
  expect(exitCodeOf(outcomes)).toBe(4)
})
