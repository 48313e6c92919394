import { describe, expect, test } from 'vitest'
import { memoryRepository } from '../memory-repository.js'
import { type ConformanceOptions, type Place, repositoryConformance } from './index.js'
import { memoryPlace } from './places.js'

const without = ['unreachable', 'failing', 'refused', 'readOnly', 'smallMemory', 'served', 'copy', 'tags', 'referrers'] as const
const options: ConformanceOptions = { formats: ['file'], without, listedWithin: 50 }

describe('nothing is left out silently', () => {
  test('a place without the means that a case needs fails it', async () => {
    const failure = repositoryConformance(() => ({ repository: memoryRepository() }), options)
      .find(({ name }) => name === 'file: gone')
      ?.run()
    await expect(failure).rejects.toThrow(
      '"file: gone" needs remove(), and the place has none. Give the place a remove(), or name it in `without`.',
    )
  })

  test('a place that has a feature it should lack fails', async () => {
    const cases = repositoryConformance(memoryPlace, { ...options, without: [...without, 'remove'] })
    await expect(cases[0]?.run()).rejects.toThrow(
      'The place has a remove(), and `without` leaves its cases out. Take remove from `without`.',
    )
  })

  test('an index has to be declared or not', async () => {
    const indexed = { ...memoryRepository(), list: async () => ({ outcome: 'done', written: [] }) as const }
    const unsaid = repositoryConformance(() => ({ ...memoryPlace(), repository: indexed }), options)
    await expect(unsaid[0]?.run()).rejects.toThrow('The repository has a list(). Say so: `index: true`.')
    const missing = repositoryConformance(memoryPlace, { ...options, index: true })
    await expect(missing[0]?.run()).rejects.toThrow('the repository has no list()')
  })

  test('names that it does not know are refused before anything is opened', () => {
    // The casts: JavaScript has no types.
    expect(() => repositoryConformance(memoryPlace, { ...options, without: ['delete' as 'remove'] })).toThrow(
      'knows no delete to be without',
    )
    expect(() => repositoryConformance(memoryPlace, { ...options, witout: [] } as ConformanceOptions)).toThrow('witout')
    expect(() => repositoryConformance(memoryPlace, { formats: ['wheel' as 'deb'] })).toThrow('knows no format wheel')
    expect(() => repositoryConformance(memoryPlace, { formats: [] })).toThrow('at least one format')
  })

  test('the place is closed after each case, also after one that fails', async () => {
    let closed = 0
    const place = { ...memoryPlace(), close: () => closed++ }
    const failing = {
      ...place,
      repository: {
        ...place.repository,
        observe: async () => {
          throw new Error('500')
        },
      },
    }
    for (const opened of [place, failing])
      await repositoryConformance(() => opened, options)[1]
        ?.run()
        .catch(() => undefined)
    expect(closed).toBe(2)
  })

  test('an invalid place is named', async () => {
    // The cast: JavaScript forgets a return.
    const [first] = repositoryConformance(() => undefined as unknown as Place, options)
    await expect(first?.run()).rejects.toThrow('repositoryConformance() was given no place')
  })
})
