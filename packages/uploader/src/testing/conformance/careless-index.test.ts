import { expect, test } from 'vitest'
import type { Indexed, PublicRepository, Written } from '../../contract/capabilities.js'
import { type MemoryRepository, memoryRepository, placeOf } from '../memory-repository.js'
import { ConformanceError } from './conformance-error.js'
import { type ConformanceOptions, repositoryConformance } from './index.js'

/** In memory, with an index that keeps every promise. */
interface IndexedMemory {
  readonly honest: MemoryRepository
  readonly repository: PublicRepository & Indexed
  /** Places that the index lists. */
  readonly listed: Set<string>
}

const accepted: Written = { outcome: 'accepted' }
const refused: Written = { outcome: 'refused', because: { code: 'index/unknown', message: 'Nothing lies there.' } }

function indexedMemory(): IndexedMemory {
  const honest = memoryRepository()
  const listed = new Set<string>()
  const repository: PublicRepository & Indexed = {
    ...honest,
    observe: async (at, call) => (listed.has(placeOf(at)) ? honest.observe(at, call) : { saw: 'absent' }),
    async list(items) {
      const places = items.map(({ coordinates }) => placeOf(coordinates))
      for (const place of places) if (honest.files.has(place)) listed.add(place)
      return { outcome: 'done', written: places.map((place) => (listed.has(place) ? accepted : refused)) }
    },
  }
  return { honest, repository, listed }
}

/** A careless index for each case, and the words of its failure. */
const careless: readonly (readonly [name: string, careless: (memory: IndexedMemory) => Partial<PublicRepository>, words: string])[] = [
  ['seen once it is listed', ({ honest }) => ({ observe: honest.observe }), "Expected: { saw: 'absent' }"],
  [
    'listed again, it is there once',
    ({ listed, repository }) => ({
      list: async (items, call) =>
        listed.size > 0 ? { outcome: 'done', written: items.map(() => ({ outcome: 'exists' })) } : repository.list(items, call),
    }),
    'list(conformance/one.bin) returned [{"outcome":"exists"}]. Expected: { outcome: \'accepted\' } for each, in their order',
  ],
  [
    '4 processes list at once',
    ({ listed, repository }) => ({
      async list(items, call) {
        listed.clear()
        return repository.list(items, call)
      },
    }),
    'observe(conformance/before.bin) returned {"saw":"absent"}. Expected: { saw: \'present\' }, for it was written',
  ],
  [
    'nothing is listed that was not brought',
    () => ({ list: async (items) => ({ outcome: 'done', written: items.map(() => accepted) }) }),
    'list(conformance/one.bin) returned [{"outcome":"accepted"}]. Expected: a refusal, or that it throws: nothing lies there',
  ],
  [
    'gone',
    ({ honest, listed }) => ({
      observe: async (at, call) => (listed.has(placeOf(at)) ? honest.observe(at, call) : { saw: 'absent' }),
    }),
    'Expected: that it throws: the index lists what is gone',
  ],
  [
    'absent until it is written, then there',
    () => ({ list: async () => ({ outcome: 'changed', until: '2999-01-01T00:00:00.000Z' as never }) }),
    'Expected: a time to wait for that ends',
  ],
]

const options: ConformanceOptions = {
  name: 'mirror',
  formats: ['file'],
  index: true,
  without: ['unreachable', 'failing', 'refused', 'readOnly', 'losingAnswers', 'served', 'copy', 'tags', 'referrers'],
  patience: 300,
  listedWithin: 50,
}

function placeOfIndex(made: (memory: IndexedMemory) => Partial<PublicRepository>) {
  const memory = indexedMemory()
  const repository = { ...memory.repository, ...made(memory) }
  return { repository, another: () => repository, remove: (location: string) => void memory.honest.files.delete(location) }
}

test.each(careless)('a careless index fails in "%s", with the reason', async (name, made, words) => {
  const found = repositoryConformance(() => placeOfIndex(made), options).find((one) => one.name === `file: ${name}`)
  const failure = await found?.run().catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(ConformanceError)
  expect(failure).toHaveProperty('message', expect.stringContaining(words))
})

test('there is one for each case that is about an index', () => {
  const namesOf = (index: boolean) => repositoryConformance(() => placeOfIndex(() => ({})), { ...options, index }).map(({ name }) => name)
  const ofIndex = namesOf(true).filter((name) => !namesOf(false).includes(name))
  const tried = careless.map(([name]) => `file: ${name}`)
  expect(ofIndex).toHaveLength(4)
  expect(ofIndex.filter((name) => !tried.includes(name))).toEqual([])
})
