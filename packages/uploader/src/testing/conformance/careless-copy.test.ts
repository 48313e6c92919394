import { expect, test } from 'vitest'
import type { PublicRepository } from '../../contract/capabilities.js'
import { contentOf } from '../bytes.js'
import { type MemoryRepository, memoryRepository, placeOf } from '../memory-repository.js'
import { ConformanceError } from './conformance-error.js'
import { type ConformanceOptions, repositoryConformance } from './index.js'

type Copying = PublicRepository & Required<Pick<PublicRepository, 'copy' | 'nameOnHost'>>

const accepted = { outcome: 'accepted' } as const
const unsupported = { outcome: 'unsupported' } as const

/** In memory, with a server that copies by itself and keeps every promise. */
function copyingMemory(honest: MemoryRepository): Copying {
  return {
    ...honest,
    nameOnHost: (location) => `memory:${location}`,
    async copy({ coordinates, content }, from) {
      const data = honest.files.get(from.replace(/^memory:/, ''))
      if (data === undefined || contentOf(data).sha256 !== content.sha256) return unsupported
      if (honest.files.has(placeOf(coordinates))) return { outcome: 'exists' }
      honest.files.set(placeOf(coordinates), data)
      return accepted
    },
  }
}

/** A careless copy for each case, and the words of its failure. */
const careless: readonly (readonly [name: string, careless: (memory: MemoryRepository) => Copying['copy'], words: string])[] = [
  [
    'copied by the server',
    () => async () => Promise.reject(new Error('no')),
    "Expected: { outcome: 'accepted' } or { outcome: 'unsupported' }",
  ],
  ['copied by the server', () => async () => accepted, "Expected: { saw: 'present' }, for it was written"],
  [
    'copied by the server',
    ({ files }) =>
      async ({ coordinates }, from) => {
        files.set(placeOf(coordinates), files.get(from.replace(/^memory:/, '')) ?? Buffer.of())
        return unsupported
      },
    "Expected: { saw: 'absent' }",
  ],
  [
    'a copy by the server of other bytes is not made',
    ({ files }) =>
      async ({ coordinates }, from) => {
        files.set(placeOf(coordinates), files.get(from.replace(/^memory:/, '')) ?? Buffer.of())
        return accepted
      },
    'returned {"outcome":"accepted"}. Expected: that it does nothing',
  ],
  [
    'a copy by the server of what is absent is not made',
    () => async () => accepted,
    'returned {"outcome":"accepted"}. Expected: that it does nothing',
  ],
  [
    'a copy by the server overwrites nothing',
    ({ files }) =>
      async ({ coordinates, content }, from) => {
        const data = files.get(from.replace(/^memory:/, ''))
        if (data === undefined || contentOf(data).sha256 !== content.sha256) return unsupported
        files.set(placeOf(coordinates), data)
        return accepted
      },
    "Expected: { outcome: 'exists' }, for something is there",
  ],
]

const options: ConformanceOptions = {
  formats: ['file'],
  listedWithin: 50,
  without: [
    'another',
    'unreachable',
    'failing',
    'refused',
    'readOnly',
    'losingAnswers',
    'remove',
    'served',
    'smallMemory',
    'tags',
    'referrers',
  ],
}

for (const { name, run } of repositoryConformance(() => ({ repository: copyingMemory(memoryRepository()) }), options))
  test(`one that copies and keeps its promises: ${name}`, run)

test.each(careless)('%s: a careless copy fails', async (name, careless, words) => {
  const place = () => {
    const memory = memoryRepository()
    return { repository: { ...copyingMemory(memory), copy: careless(memory) } }
  }
  const one = repositoryConformance(place, options).find((one) => one.name === `file: ${name}`)
  const error: unknown = await one?.run().then(
    () => 'it passed',
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(ConformanceError)
  expect((error as Error).message).toContain(words)
})
