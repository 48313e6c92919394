// A store of somebody else's, beneath files and beneath an index.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { PlannedRepository } from '@stagegate/schema'
import { generateKey } from 'openpgp'
import { describe, expect, test } from 'vitest'
import { systemClock } from '../contract/clock.js'
import { digestOf } from '../contract/content-of.js'
import type { AnyStore } from '../store/checked-store.js'
import type { MovingStore } from '../store/index.js'
import { acmeAt, bodyOf, bytesOf, itemOf, soon, temporaryFolder } from '../testing/fixtures.js'
import { MemoryFiles, MemoryStore } from '../testing/memory-store.js'
import { makeDeb } from '../testing/packages/index.js'
import { packageIn, release } from '../verb/release.js'
import { defineStore } from './define.js'
import { createEnvironment } from './environment.js'
import { loadKind } from './load-kind.js'
import { openRepositories } from './open.js'
import { files } from './place.js'
import { aptRepository, yumRepository } from './trees.js'

const made = generateKey({ userIDs: { name: 'Acme', email: 'acme@example.org' }, format: 'armored' })
const signWith = async () => (await made).privateKey
const deb = makeDeb({ name: 'acme', version: '1.2.3', architecture: 'amd64', size: 100 })
const file = { format: 'file', path: 'acme/1.2.3/acme.tar.gz' } as const

/** A store whose kind takes one setting, a shelf. */
function shelves() {
  const places = new Map<string, MemoryFiles>()
  const opened: unknown[] = []
  const kind = defineStore<string>({
    type: 'shelves',
    parse({ shelf, ...rest }) {
      if (typeof shelf !== 'string' || Object.keys(rest).length > 0) throw new Error('it takes one setting, a shelf')
      return shelf
    },
    open({ settings: shelf, ...opening }) {
      opened.push(opening)
      const place = places.get(shelf) ?? new MemoryFiles()
      places.set(shelf, place)
      return { store: new MemoryStore(place, systemClock) }
    },
  })
  return { kind, places, opened }
}

/** Of a store, what never moves. */
function still(): AnyStore {
  const store = new MemoryStore(new MemoryFiles(), systemClock)
  return {
    observe: (path) => store.observe(path),
    create: (path, body, call) => store.create(path, body, call),
    read: (path) => store.read(path),
  }
}
const stillKind = defineStore<null>({ type: 'still', parse: () => null, open: () => ({ store: still() }) })

describe('on a store of somebody else’s', () => {
  test('files are in their folder, by their paths', async () => {
    const { kind, places, opened } = shelves()
    const on = { kind, server: 'https://shelves.example', settings: { shelf: 'one' }, credentials: [{ value: 's3cret' }] }
    const repository = files({ on, path: 'releases' })
    expect(opened).toEqual([expect.objectContaining({ origin: 'https://shelves.example', credentials: ['credential 1'], role: 'public' })])
    expect(await repository.create(itemOf(deb, file), bodyOf(deb), soon())).toMatchObject({ outcome: 'accepted' })
    expect(await repository.create(itemOf(deb), bodyOf(deb), soon())).toMatchObject({ outcome: 'accepted' })
    expect([...(places.get('one')?.files.keys() ?? [])]).toEqual([
      'releases/acme/1.2.3/acme.tar.gz',
      'releases/ubuntu/jammy/acme_1.2.3_amd64.deb',
    ])
    const served = await repository.served?.(file, soon())
    expect(served && (await bytesOf(served)).equals(Buffer.from(deb))).toBe(true)
  })

  test('an index for apt is written, and read as its users do', async () => {
    const { kind, places } = shelves()
    const apt = aptRepository({ on: { kind, settings: { shelf: 'apt' } }, path: 'debian', signWith })
    await apt.create(itemOf(deb), bodyOf(deb), soon())
    expect(await apt.list?.([itemOf(deb)], soon())).toMatchObject({ outcome: 'done', written: [{ outcome: 'accepted' }] })
    expect([...(places.get('apt')?.files.keys() ?? [])]).toContain('debian/dists/jammy/InRelease')
    const again = aptRepository({ on: { kind, settings: { shelf: 'apt' } }, path: 'debian', signWith })
    const served = await again.served?.(acmeAt, soon())
    expect(served && (await bytesOf(served)).equals(Buffer.from(deb))).toBe(true)
  })

  test.each([
    ['apt', () => aptRepository({ on: { kind: stillKind }, signWith })],
    ['yum', () => yumRepository({ on: { kind: stillKind }, signWith })],
  ])('an index for %s is refused where files do not move, with the reason, before anything is sent', (_, open) => {
    expect(open).toThrow('an index cannot be on a store of the type still: it has no compare-and-set')
    expect(open).toThrow('Nothing was sent.')
  })

  test('files work on a store without moving files', async () => {
    const repository = files({ on: { kind: stillKind } })
    expect(await repository.create(itemOf(deb, file), bodyOf(deb), soon())).toMatchObject({ outcome: 'accepted' })
  })

  test('nonsense is named with its method', async () => {
    // The cast: JavaScript forgets a return.
    const nothing = { ...still(), observe: (async () => undefined) as unknown as AnyStore['observe'] }
    const kind = defineStore<null>({ type: 'forgetful', parse: () => null, open: () => ({ store: nothing }) })
    await expect(files({ on: { kind } }).observe(file, soon())).rejects.toThrow('observe() returned undefined')
  })

  test.each<[string, () => unknown, string]>([
    ['settings of another kind', () => files({ on: { kind: shelves().kind, settings: { shelf: 1 } } }), 'it takes one setting, a shelf'],
    ['no kind', () => files({ on: { kind: {} as never } }), 'pass what defineStore() returned'],
    [
      'a store without a method',
      () => files({ on: { kind: { ...stillKind, open: () => ({ store: {} as never }) } } }),
      'it has no observe()',
    ],
    [
      'half of what moves files',
      () => files({ on: { kind: { ...stillKind, open: () => ({ store: half() }) } } }),
      'replaceIf() but no list()',
    ],
    ['an option that nobody knows', () => files({ on: { kind: stillKind, shelf: 'one' } as never }), 'shelf'],
    ['placeholders', () => files({ on: '/srv', path: 'releases/{version}' }), 'the version belongs in the path of each file'],
    ['a folder that is none', () => files({ on: '/srv', path: '../releases' }), 'expected a folder'],
    ['nothing', () => files({ on: undefined as never }), 'neither a directory nor a bucket'],
    ['certificates of nobody', () => files({ on: { kind: stillKind }, tls: { ca: 'x' } }), 'this store has no server'],
  ])('%s is refused by name', (_, open, words) => {
    expect(open).toThrow(words)
  })
})

function half(): AnyStore {
  const replaceIf: MovingStore['replaceIf'] = async () => ({ outcome: 'changed' })
  return { ...still(), replaceIf }
}

test('a program releases packages for apt, and files, onto one store', async () => {
  const folder = await temporaryFolder()
  await writeFile(join(folder, 'acme_1.2.3_amd64.deb'), deb)
  const on = { kind: shelves().kind, settings: { shelf: 'one' } }
  const apt = () => aptRepository({ on, path: 'debian', signWith })
  const run = { name: 'acme', version: '1.2.3', from: folder, files: ['acme_1.2.3_amd64.deb'] }
  const ofPackages = await release({ ...run, to: { apt: apt() }, at: packageIn('ubuntu/jammy') })
  const ofFiles = await release({ ...run, to: { downloads: files({ on, path: 'releases' }) }, at: () => file })
  for (const receipt of [ofPackages, ofFiles]) expect(JSON.stringify(receipt)).toContain('"verdict":"published"')
  const served = await apt().served?.(acmeAt, soon())
  expect(served && (await bytesOf(served)).equals(Buffer.from(deb))).toBe(true)
})

describe('a module brings the store of a repository of a plan', () => {
  const source = `
    const files = new Map()
    export default ({ defineStore, NotThere, version }) => defineStore({
      type: 'shelves',
      parse: ({ shelf }) => { if (typeof shelf !== 'string') throw new Error('it takes a shelf'); return shelf },
      open: () => ({ store: {
        async observe(path) { const data = files.get(path); return data ? { saw: 'present', sha256: undefined, size: data.length, version: version('1') } : { saw: 'absent' } },
        async create(path, body) {
          const pieces = []
          for await (const piece of body.stream()) pieces.push(piece)
          if (files.has(path)) return { outcome: 'exists' }
          files.set(path, Buffer.concat(pieces))
          return { outcome: 'accepted' }
        },
        async read(path) { if (!files.has(path)) throw new NotThere(path); const { Readable } = await import('node:stream'); return { stream: Readable.from([files.get(path)]), version: version('1') } },
      } }),
    })`
  const content = Buffer.from(source)
  const planned = (more: Partial<PlannedRepository> = {}): PlannedRepository => ({
    type: 'files',
    role: 'public',
    origin: '',
    credentials: { read: [], write: [] },
    settings: { on: { type: 'shelves', shelf: 'one' }, path: 'releases' },
    module: { path: 'shelves.mjs', sha256: digestOf(content) },
    ...more,
  })
  const load = (more?: Partial<PlannedRepository>) => loadKind('downloads', planned(more), content)

  test('which is opened by its name', async () => {
    const kind = await load()
    const plan = { repositories: { downloads: planned() } } as never
    const opened = openRepositories(plan, new Map([['downloads', 'write']]), createEnvironment({ variables: {} }), [kind])
    const repository = opened.get('downloads')
    expect(await repository?.create(itemOf(deb, file), bodyOf(deb), soon())).toMatchObject({ outcome: 'accepted' })
    expect(await repository?.observe(file, soon())).toMatchObject({ saw: 'present', location: 'releases/acme/1.2.3/acme.tar.gz' })
  })

  test.each<[string, Partial<PlannedRepository>, string]>([
    ['another store', { settings: { on: { type: 'boxes' } } }, 'it provides the store "shelves", but the repository is on "boxes"'],
    ['other settings of the store', { settings: { on: { type: 'shelves', shelf: 7 } } }, 'it takes a shelf'],
    [
      'other settings of the files',
      { settings: { on: { type: 'shelves', shelf: 'one' }, folder: 'x' } },
      'a repository of files has wrong settings',
    ],
    ['no store at all', { settings: {} }, 'but the repository is on'],
    ['a repository that lies on none', { type: 'shelves' }, 'not a type of repository'],
  ])('%s is refused before anything is opened', async (_, more, words) => {
    await expect(load(more)).rejects.toThrow(words)
  })

  test('an unknown store is named', () => {
    const { module: _, ...nobody } = planned()
    const plan = { repositories: { downloads: nobody } } as never
    expect(() => openRepositories(plan, new Map([['downloads', 'write']]), createEnvironment({ variables: {} }))).toThrow(
      'it is on a store of the unknown type shelves',
    )
  })
})
