import { Readable } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { bytes } from '@stagegate/schema'
import { describe, expect, test } from 'vitest'
import type { PublicRepository } from '../../contract/capabilities.js'
import { bytesOf, contentOf } from '../bytes.js'
import { type MemoryRegistry, memoryRegistry } from '../image/memory-registry.js'
import { type MemoryRepository, memoryRepository, placeOf } from '../memory-repository.js'
import { ConformanceError } from './conformance-error.js'
import { type ConformanceOptions, type Place, repositoryConformance } from './index.js'

/** Of a repository that keeps every promise, what a careless one does instead. */
type Careless<R> = (honest: R) => Partial<PublicRepository>

const accepted = { outcome: 'accepted' } as const
const refused = { outcome: 'refused', because: { code: 'server/says-no', message: 'The server says no.' } } as const
const absent = { saw: 'absent' } as const

const writes: Careless<MemoryRepository> = ({ files }) => ({
  async create({ coordinates }, body) {
    files.set(placeOf(coordinates), await bytesOf(body.stream()))
    return accepted
  },
})
const keepsWhatCame: Careless<MemoryRepository> = ({ files }) => ({
  async create({ coordinates }, body) {
    const place = placeOf(coordinates)
    if (files.has(place)) return { outcome: 'exists' }
    for await (const chunk of body.stream() as AsyncIterable<Buffer>)
      files.set(place, Buffer.concat([files.get(place) ?? Buffer.alloc(0), chunk]))
    return accepted
  },
})

/** A careless repository of files for each case, and the words of its failure. */
const careless: readonly (readonly [name: string, careless: Careless<MemoryRepository>, words: string])[] = [
  [
    'it takes the formats that it says, and no other',
    () => ({ create: async () => accepted }),
    `create(conformance/hello@sha256:${contentOf(Buffer.from('a part of an image')).sha256}) returned {"outcome":"accepted"}. Expected: a refusal`,
  ],
  [
    'file: absent until it is written, then there',
    () => ({ observe: async () => ({ saw: 'present', sha256: undefined, size: undefined, location: 'x' }) }),
    'observe(conformance/one.bin) returned {"saw":"present","location":"x"}. Expected: { saw: \'absent\' }',
  ],
  [
    'file: read back',
    (honest) => ({
      read: async (location, call) => Readable.from([Buffer.from(await bytesOf(await honest.read(location, call))).reverse()]),
    }),
    'read(conformance/one.bin) brought 2000 bytes with the sha256',
  ],
  ['file: the same again changes nothing', writes, "{ outcome: 'exists' }, for it is there"],
  ['file: nothing is overwritten', writes, 'does the server heed If-None-Match?'],
  [
    'file: 32 writers at once',
    ({ files }) => ({
      async create({ coordinates }, body) {
        const isThere = files.has(placeOf(coordinates))
        const data = await bytesOf(body.stream())
        await turn()
        if (isThere) return { outcome: 'exists' }
        files.set(placeOf(coordinates), data)
        return accepted
      },
    }),
    'create(conformance/raced.bin) was accepted of 32 writers with different bytes',
  ],
  [
    'file: odd names',
    (honest) => ({
      observe: (at, call) => honest.observe(at.format === 'file' ? { ...at, path: at.path.toLowerCase() } : at, call),
      create: (item, body, call) =>
        honest.create({ ...item, coordinates: { format: 'file', path: placeOf(item.coordinates).toLowerCase() } }, body, call),
    }),
    'observe(odd/upper.txt) returned',
  ],
  [
    'file: many, and none vanishes',
    (honest) => ({
      create(item, body, call) {
        const [first] = honest.files.keys()
        if (honest.files.size >= 10 && first !== undefined) honest.files.delete(first)
        return honest.create(item, body, call)
      },
    }),
    'observe(conformance/many-0.bin) returned {"saw":"absent"}. Expected: { saw: \'present\' }, for it was written',
  ],
  [
    'file: one without any bytes',
    ({ files }) => ({
      async observe(at) {
        const data = files.get(placeOf(at))
        return data === undefined || data.length === 0 ? absent : { saw: 'present', ...contentOf(data), location: placeOf(at) }
      },
    }),
    'observe(conformance/empty.bin) returned {"saw":"absent"}',
  ],
  ['file: a body that breaks off leaves nothing', keepsWhatCame, 'observe(conformance/broken.bin) returned {"saw":"present"'],
  ['file: a body whose bytes are wrong leaves nothing', keepsWhatCame, 'observe(conformance/wrong.bin) returned {"saw":"present"'],
  ['file: told to stop before it begins', keepsWhatCame, 'create(conformance/stopped.bin) returned {"outcome":"accepted"}'],
  ['file: told to stop in the middle', keepsWhatCame, 'create(conformance/stopped.bin) has not ended after 0.3 s'],
  ['file: a large body is not held in memory', () => ({}), 'create(conformance/large.bin) held 6 MiB of 6. Expected: less than half'],
  [
    'file: unknown is not absent, from a server that cannot be reached',
    () => ({ observe: async () => absent }),
    'observe(conformance/one.bin) returned {"saw":"absent"}. Expected: that it throws: nobody can tell what is there',
  ],
  [
    'file: unknown is not absent, from a server that answers nothing of use',
    () => ({
      observe: async () => {
        throw new Error('500')
      },
      create: async () => ({ outcome: 'exists' }),
    }),
    'create(conformance/one.bin) returned {"outcome":"exists"}. Expected: that it throws, or a refusal: nothing was written',
  ],
  [
    'file: a credential that the server does not know',
    () => ({ create: async () => accepted }),
    'create(conformance/one.bin) returned {"outcome":"accepted"}. Expected: { outcome: \'refused\', because }',
  ],
  [
    'file: a credential that may only read',
    ({ files }) => ({
      async create({ coordinates }, body) {
        files.set(placeOf(coordinates), await bytesOf(body.stream()))
        return refused
      },
    }),
    'observe(conformance/one.bin) returned {"saw":"present"',
  ],
  [
    'file: a lost answer',
    ({ files }) => ({
      async create({ coordinates }, body) {
        files.set(placeOf(coordinates), await bytesOf(body.stream()))
        return refused
      },
    }),
    'create(conformance/one.bin) returned {"outcome":"refused"',
  ],
  [
    'file: gone',
    () => ({
      read: async () => {
        throw new Error('404')
      },
    }),
    'threw Error: 404',
  ],
]

/** The same for images. */
const carelessImages: readonly (readonly [name: string, careless: Careless<MemoryRegistry>, words: string])[] = [
  [
    'image: absent until it is written, then there',
    (honest) => ({
      async observe(at, call) {
        const seen = await honest.observe(at, call)
        return seen.saw === 'absent' ? seen : { ...seen, size: bytes(1) }
      },
    }),
    'says the size 1. Expected: 2000, or undefined if it is not known',
  ],
  [
    'image: a manifest by its digest, and by a tag once it points there',
    () => ({ point: async () => accepted }),
    'resolve(1.0.0) returned undefined. Expected:',
  ],
  [
    'image: a tag moves only from where it was seen',
    ({ pointers }) => ({
      async point({ image, tag }, to) {
        pointers.set(`${image}:${tag}`, to)
        return accepted
      },
    }),
    'point(latest) returned {"outcome":"accepted"}. Expected: { outcome: \'exists\' }, for the tag is not where nothing was expected',
  ],
  [
    'image: a tag points to nothing that is not there',
    () => ({ point: async () => accepted }),
    'point(1.0.0) returned {"outcome":"accepted"}. Expected: a thrown NotThere, or a refusal',
  ],
  [
    'image: all tags are listed, on however many pages',
    (honest) => ({ tags: async (image, call) => (await honest.tags(image, call)).slice(0, 5) }),
    'tags(conformance/hello) returned ["1.0.0","1.0.1","1.0.2","1.0.3","1.0.4"]. Expected: all of',
  ],
  [
    'image: referrers are listed once they are attached',
    () => ({ referrers: async () => [] }),
    'referrers() returned []. Expected: a list with',
  ],
  ['image: bytes of another image are copied on the server', () => ({ copy: async () => accepted }), "Expected: { saw: 'present' }"],
]

const means = (broken: PublicRepository, whole: PublicRepository): Omit<Place, 'repository'> => ({
  another: () => whole,
  unreachable: () => broken,
  failing: () => broken,
  refused: () => broken,
  readOnly: () => broken,
  losingAnswers: () => broken,
})

const options: ConformanceOptions = {
  name: 'mirror',
  formats: ['file'],
  without: ['served', 'copy', 'tags', 'referrers'],
  patience: 300,
  listedWithin: 50,
}
const imageOptions: ConformanceOptions = { ...options, formats: ['image'], without: ['served'] }

/** A place with a careless repository; where trouble is tried, only the repository in trouble is. */
function placeOfFiles(name: string, made: Careless<MemoryRepository>): Place {
  const honest = memoryRepository()
  const broken: PublicRepository = { ...honest, ...made(honest) }
  const isTrouble = /unknown|credential|lost/.test(name)
  return {
    repository: isTrouble ? honest : broken,
    ...means(broken, isTrouble ? honest : broken),
    remove: (location) => void honest.files.delete(location),
  }
}

function placeOfImages(made: Careless<MemoryRegistry>): Place {
  const honest = memoryRegistry('https://registry.example')
  const broken: PublicRepository = { ...honest, ...made(honest) }
  return { repository: broken, ...means(broken, broken), remove: (location) => void honest.parts.delete(location) }
}

async function failureOf(place: Place, name: string, of: ConformanceOptions): Promise<unknown> {
  const found = repositoryConformance(() => place, of).find((one) => one.name === name)
  if (found === undefined) throw new Error(`Expected a case of the name ${name}`)
  return found.run().then(
    () => undefined,
    (error: unknown) => error,
  )
}

describe('a careless repository fails, with the promise that it broke, the method, the answer and the expected answer', () => {
  test.each(careless)('%s', async (name, made, words) => {
    const failure = await failureOf(placeOfFiles(name, made), name, options)
    expect(failure).toBeInstanceOf(ConformanceError)
    expect(failure).toHaveProperty('message', expect.stringContaining(words))
    expect(failure).toHaveProperty('message', expect.stringContaining(' But of mirror, '))
  })

  test.each(carelessImages)('%s', async (name, made, words) => {
    const failure = await failureOf(placeOfImages(made), name, imageOptions)
    expect(failure).toBeInstanceOf(ConformanceError)
    expect(failure).toHaveProperty('message', expect.stringContaining(words))
  })

  test('there is one for each case', () => {
    const tried = [...careless, ...carelessImages].map(([name]) => name)
    const ofFiles = repositoryConformance(() => placeOfFiles('', () => ({})), options).map(({ name }) => name)
    const ofImages = repositoryConformance(() => placeOfImages(() => ({})), imageOptions).map(({ name }) => name)
    const missing = [...ofFiles, ...ofImages].filter((name) => !tried.includes(name) && !tried.includes(name.replace('image: ', 'file: ')))
    expect(missing).toEqual([])
  })

  test('writers at once whose bytes are mixed, also where the last of them may win', async () => {
    const mixes: Careless<MemoryRepository> = ({ files }) => ({
      async create({ coordinates }, body) {
        const place = placeOf(coordinates)
        for await (const chunk of body.stream() as AsyncIterable<Buffer>)
          files.set(place, Buffer.concat([files.get(place) ?? Buffer.alloc(0), chunk]))
        return accepted
      },
    })
    const name = 'file: 32 writers at once leave no mixture'
    const loose: ConformanceOptions = { ...options, without: [...(options.without ?? []), 'oneWinner'] }
    const failure = await failureOf(placeOfFiles(name, mixes), name, loose)
    expect(failure).toHaveProperty('message', expect.stringContaining('observe(conformance/raced.bin) says the sha256 '))
  })

  test('nonsense is named with its method', async () => {
    // The cast: JavaScript forgets a return.
    const nothing = (async () => undefined) as unknown as PublicRepository['observe']
    const failure = await failureOf(
      placeOfFiles('', () => ({ observe: nothing })),
      'file: absent until it is written, then there',
      options,
    )
    expect(failure).toHaveProperty('message', expect.stringContaining('observe() returned undefined'))
  })
})
