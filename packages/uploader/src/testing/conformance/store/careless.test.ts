import { Readable } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { bytes, type Instant, instant } from '@stagegate/schema'
import { describe, expect, test } from 'vitest'
import { NotThere } from '../../../contract/capabilities.js'
import { systemClock } from '../../../contract/clock.js'
import type { AnyStore } from '../../../store/checked-store.js'
import { storePath, type Version, version } from '../../../store/index.js'
import { bytesOf } from '../../bytes.js'
import { MemoryFiles, MemoryStore } from '../../memory-store.js'
import { ConformanceError } from '../conformance-error.js'
import { type StoreConformanceOptions, type StorePlace, storeConformance } from './index.js'

/** Of a store that keeps every promise, what a careless one does instead. */
type Careless = (honest: MemoryStore, files: MemoryFiles) => Partial<AnyStore>

const accepted = { outcome: 'accepted' } as const
const refused = { outcome: 'refused', because: { code: 'server/says-no', message: 'The server says no.' } } as const
const absent = { saw: 'absent' } as const
const now = () => systemClock.now()
const put = (files: MemoryFiles, path: Parameters<MemoryFiles['put']>[0], data: Buffer) => files.put(path, data, now())

/** Keeps whatever came, also of a body that errors, and whether it is to stop or not. */
const keepsWhatCame: Careless = (_, files) => ({
  async create(path, body) {
    if (files.files.has(path)) return { outcome: 'exists' }
    try {
      for await (const chunk of body.stream() as AsyncIterable<Buffer>)
        put(files, path, Buffer.concat([files.files.get(path)?.data ?? Buffer.alloc(0), chunk]))
      if (!files.files.has(path)) put(files, path, Buffer.alloc(0))
    } catch {}
    return accepted
  },
})
const replaces: Careless = (_, files) => ({
  async create(path, body) {
    put(files, path, await bytesOf(body.stream()))
    return accepted
  },
})
/** Looks at the version, then waits, then writes. */
const looksFirst: Careless = (_, files) => ({
  async replaceIf(path, body, seen) {
    const isAsSeen = (files.files.get(path)?.version ?? 'absent') === seen
    const data = await bytesOf(body.stream())
    await turn()
    await turn()
    return isAsSeen ? { outcome: 'replaced', version: put(files, path, data) } : { outcome: 'changed' }
  },
})
const moves =
  (isRight: (there: Version | undefined, seen: Version | 'absent') => boolean): Careless =>
  (_, files) => ({
    async replaceIf(path, body, seen) {
      const data = await bytesOf(body.stream())
      if (!isRight(files.files.get(path)?.version, seen)) return { outcome: 'changed' }
      return { outcome: 'replaced', version: put(files, path, data) }
    },
  })
/** Writes in place: whatever came is there, even of bytes that are wrong. */
const movesInPlace: Careless = (honest, files) => ({
  async replaceIf(path, body, seen, call) {
    if (seen === 'absent') return honest.replaceIf(path, body, seen, call)
    if (files.files.get(path)?.version !== seen) return { outcome: 'changed' }
    const chunks: Buffer[] = []
    try {
      for await (const chunk of body.stream() as AsyncIterable<Buffer>) chunks.push(chunk)
    } catch {}
    return { outcome: 'replaced', version: put(files, path, Buffer.concat(chunks)) }
  },
})
/** Files under other names than their own. */
const named =
  (rename: (path: string) => string): Careless =>
  (honest) => ({
    observe: (path) => honest.observe(storePath(rename(path))),
    create: (path, body, call) => honest.create(storePath(rename(path)), body, call),
    read: (path) => honest.read(storePath(rename(path))),
  })
const copies: Careless = (_, files) => ({
  async copy(from, path) {
    put(files, path, files.files.get(storePath(from.replace(/^memory:/, '')))?.data ?? Buffer.from('nothing'))
    return accepted
  },
})

/** A careless store for each case, and the words of its failure. */
const careless: readonly (readonly [name: string, careless: Careless, words: string])[] = [
  [
    'absent until it is created, then there',
    (honest) => ({
      observe: async (path) => {
        const seen = await honest.observe(path)
        return seen.saw === 'absent' ? seen : { ...seen, size: bytes(1) }
      },
    }),
    'observe(conformance/one.bin) says the size 1. Expected: 2000',
  ],
  [
    'reading what is absent',
    () => ({
      read: async () => {
        throw new Error('404')
      },
    }),
    'read(conformance/one.bin) threw Error: 404. Expected: a thrown NotThere',
  ],
  [
    'the version of bytes that stay',
    (honest) => {
      let looks = 0
      const other = () => version(`etag ${Math.floor(looks++ / 2)}`)
      return {
        observe: async (path) => {
          const seen = await honest.observe(path)
          return seen.saw === 'absent' ? seen : { ...seen, version: other() }
        },
        read: async (path) => ({ ...(await honest.read(path)), version: other() }),
      }
    },
    'observe(conformance/one.bin) says the version etag 1. Expected: etag 0, as before',
  ],
  ['create replaces nothing', replaces, 'create(conformance/one.bin) returned {"outcome":"accepted"}. Expected: { outcome: \'exists\' }'],
  [
    '16 create at once',
    (_, files) => ({
      async create(path, body) {
        const isThere = files.files.has(path)
        const data = await bytesOf(body.stream())
        await turn()
        if (isThere) return { outcome: 'exists' }
        put(files, path, data)
        return accepted
      },
    }),
    'create(conformance/raced.bin) was accepted of 16 of 16 writers',
  ],
  ['odd paths', named((path) => path.toLowerCase()), 'observe(odd/upper.txt) returned {"saw":"present"'],
  ['paths that begin others', named((path) => path.replace(/-.*/, '')), 'observe(acme-1) returned {"saw":"present"'],
  [
    'a file without any bytes',
    (honest) => ({
      observe: async (path) => {
        const seen = await honest.observe(path)
        return seen.saw === 'present' && seen.size === 0 ? absent : seen
      },
    }),
    'observe(conformance/empty.bin) returned {"saw":"absent"}',
  ],
  ...['fewer bytes', 'no bytes', 'more bytes', 'other bytes', 'a stream that errors'].map(
    (what) =>
      [
        `create of ${what}`,
        keepsWhatCame,
        'create(conformance/wrong.bin) returned {"outcome":"accepted"}. Expected: that it throws, or a refusal',
      ] as const,
  ),
  ['told to stop before it begins', keepsWhatCame, 'create(conformance/stopped.bin) returned {"outcome":"accepted"}'],
  ['told to stop in the middle', keepsWhatCame, 'create(conformance/stopped.bin) has not ended after 0.3 s'],
  [
    'unknown is not absent, from a server that cannot be reached',
    () => ({ observe: async () => absent }),
    'observe(conformance/one.bin) returned {"saw":"absent"}. Expected: that it throws',
  ],
  [
    'unknown is not absent, from a server that answers nothing of use',
    () => ({
      observe: async () => {
        throw new Error('500')
      },
      read: async () => {
        throw new NotThere('500')
      },
    }),
    'another error: whether it is there is not known',
  ],
  ['a credential that the server does not know', () => ({ create: async () => accepted }), 'create(conformance/one.bin) returned'],
  [
    'a credential that may only read',
    (_, files) => ({
      async create(path, body) {
        put(files, path, await bytesOf(body.stream()))
        return refused
      },
    }),
    'observe(conformance/one.bin) returned {"saw":"present"',
  ],
  ['a lost answer of create', () => ({ create: async () => refused }), 'create(conformance/one.bin) returned {"outcome":"refused"'],
  [
    'gone',
    (honest) => ({
      read: async (path) => ({ ...(await honest.read(path).catch(() => ({ version: version('x') }))), stream: Readable.from([]) }),
    }),
    'read(conformance/one.bin)',
  ],
  ['replaceIf of an absent file', moves(() => true), "Expected: { outcome: 'changed' }, for it is there"],
  [
    'replaceIf of the version that is there',
    (honest) => ({
      replaceIf: async (path, body, seen, call) => {
        const done = await honest.replaceIf(path, body, seen, call)
        return done.outcome === 'replaced' && seen !== 'absent' ? { ...done, version: seen } : done
      },
    }),
    'Expected: another one, for the bytes are others',
  ],
  ['replaceIf of a stale version', moves((there, seen) => (there === undefined) === (seen === 'absent')), 'for the file has moved since'],
  ['replaceIf of a version, where nothing is', moves((there, seen) => there === undefined || there === seen), 'for nothing is there'],
  ['a created file moves', moves((there) => there === undefined), "Expected: { outcome: 'replaced', version }"],
  ['8 move at once', looksFirst, 'was done for 8 of 8 from one version'],
  ['a counter of many', looksFirst, 'are not there once. Expected: that all are there'],
  [
    'readers while a file moves',
    (honest, files) => ({
      async replaceIf(path, body, seen, call) {
        const before = files.files.get(path)
        if (before !== undefined) {
          put(files, path, before.data.subarray(0, 1000))
          await new Promise((done) => setTimeout(done, 5))
          files.files.set(path, before)
        }
        return honest.replaceIf(path, body, seen, call)
      },
    }),
    'read(conformance/index) brought 1000 bytes',
  ],
  ...['fewer bytes', 'no bytes', 'more bytes', 'other bytes', 'a stream that errors'].map(
    (what) => [`replaceIf with ${what}`, movesInPlace, 'replaceIf(conformance/index) returned {"outcome":"replaced"'] as const,
  ),
  ['replaceIf told to stop in the middle', movesInPlace, 'replaceIf(conformance/index) has not ended after 0.3 s'],
  [
    'list',
    (_, files) => ({
      async *list(folder) {
        for (const [path, { data }] of files.files) if (path.startsWith(folder ?? '')) yield { path, size: bytes(data.length) }
      },
    }),
    'list(a/b) brought ["a/b.bin 200"',
  ],
  ['the time of the server', () => ({ now: async (): Promise<Instant> => instant(0) }), 'now() said 1970-01-01'],
  [
    'a lost answer of replaceIf',
    (honest) => ({
      replaceIf: async (path, body, seen, call) => {
        await honest.replaceIf(path, body, seen, call)
        return { outcome: 'changed' }
      },
    }),
    'that it throws: whether it was written is not known',
  ],
  ['copy', () => ({ copy: async () => accepted }), 'observe(conformance/copy.bin) returned {"saw":"absent"}'],
  ['copy replaces nothing', copies, 'copy(conformance/source.bin, conformance/copy.bin) returned {"outcome":"accepted"}'],
  ['copy of other bytes', copies, 'copy(conformance/source.bin, conformance/copy.bin) returned {"outcome":"accepted"}'],
  ['copy of what is absent', copies, 'copy(conformance/source.bin, conformance/copy.bin) returned {"outcome":"accepted"}'],
]

const options: StoreConformanceOptions = { name: 'shelf', moves: true, copies: true, patience: 300, seenWithin: 50 }

/** The honest store with other methods in it; a case's own trouble is that of the careless one alone. */
function placeOf(name: string, made: Careless): StorePlace {
  const files = new MemoryFiles()
  const honest = new MemoryStore(files, systemClock)
  const whole = boundTo(honest)
  const broken: AnyStore = { ...whole, ...made(honest, files) }
  const isTrouble = /unknown|credential|lost/.test(name)
  return {
    store: isTrouble ? whole : broken,
    another: () => (isTrouble ? whole : broken),
    unreachable: () => broken,
    failing: () => broken,
    refused: () => broken,
    readOnly: () => broken,
    losingAnswers: () => broken,
    remove: (path) => void files.files.delete(path),
  }
}

function boundTo(store: MemoryStore): AnyStore & Required<Pick<AnyStore, 'replaceIf' | 'list' | 'copy' | 'nameOnHost'>> {
  return {
    observe: (path) => store.observe(path),
    create: (path, body, call) => store.create(path, body, call),
    read: (path) => store.read(path),
    replaceIf: (path, body, seen, call) => store.replaceIf(path, body, seen, call),
    list: (folder) => store.list(folder),
    now: () => store.now(),
    nameOnHost: (path) => store.nameOnHost(path),
    copy: (from, path, expected) => store.copy(from, path, expected),
  }
}

function withoutList(): AnyStore {
  const { list: _, ...others } = boundTo(new MemoryStore(new MemoryFiles(), systemClock))
  return others
}

async function failureOf(name: string, made: Careless): Promise<unknown> {
  const found = storeConformance(() => placeOf(name, made), options).find((one) => one.name === name)
  if (found === undefined) throw new Error(`Expected a case of the name ${name}`)
  return found.run().catch((error: unknown) => error)
}

describe('a careless store fails, with the promise that it broke, the method, the answer and the expected answer', () => {
  test.each(careless)('%s', async (name, made, words) => {
    const failure = await failureOf(name, made)
    expect(failure).toBeInstanceOf(ConformanceError)
    expect(failure).toHaveProperty('message', expect.stringContaining(words))
    expect(failure).toHaveProperty('message', expect.stringContaining(' But of shelf, '))
  })

  test('there is one for each case', () => {
    const tried = careless.map(([name]) => name)
    expect(
      storeConformance(() => placeOf('', () => ({})), options)
        .map(({ name }) => name)
        .filter((name) => !tried.includes(name)),
    ).toEqual([])
  })

  test.each([
    ['observe', { observe: async () => undefined }],
    ['read', { read: async () => ({ stream: 'bytes', version: 'v' }) }],
    ['observe', { observe: async () => ({ saw: 'present', version: 'absent' }) }],
  ])('an answer of %s() that is none is named', async (method, nonsense) => {
    // The cast: JavaScript has no types.
    const failure = await failureOf('absent until it is created, then there', () => nonsense as unknown as Partial<AnyStore>)
    expect(String(failure)).toContain(`${method}() returned`)
  })
})

describe('nothing is left out silently', () => {
  const run = (place: Partial<StorePlace>, of: StoreConformanceOptions, name = 'gone') =>
    storeConformance(() => ({ ...placeOf('', () => ({})), ...place }), of)
      .find((one) => one.name === name)
      ?.run()

  test.each<[string, Partial<StorePlace>, StoreConformanceOptions, string]>([
    ['means that a case needs', { remove: undefined }, options, '"gone" needs remove(), and the place has none.'],
    ['means that there are', {}, { ...options, without: ['refused'] }, 'Take refused from `without`'],
    ['that its files move', {}, { ...options, moves: false }, 'The store has a replaceIf(). Say so: `moves: true`.'],
    ['that it copies', {}, { ...options, copies: false }, 'The store has a copy(). Say so: `copies: true`.'],
    ['half of what moves files', { store: withoutList() }, options, 'no list()'],
  ])('%s', async (_what, place, of, words) => {
    await expect(run(place, of)).rejects.toThrow(words)
  })

  test('names that it does not know are refused before anything is opened', () => {
    // The casts: JavaScript has no types.
    expect(() => storeConformance(() => placeOf('', () => ({})), { without: ['delete' as 'remove'] })).toThrow('knows no delete')
    expect(() => storeConformance(() => placeOf('', () => ({})), { move: true } as StoreConformanceOptions)).toThrow('move')
  })

  test('an invalid place is named', async () => {
    // The cast: JavaScript forgets a return.
    const [first] = storeConformance(() => undefined as unknown as StorePlace)
    await expect(first?.run()).rejects.toThrow('storeConformance() was given no place')
  })
})
