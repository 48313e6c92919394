import { expect, test } from 'vitest'
import type { Call } from '../../contract/capabilities.js'
import { type StorePath, storePath } from '../../store/index.js'
import { soon } from '../../testing/fixtures.js'
import { MemoryFiles, MemoryStore } from '../../testing/memory-store.js'
import { virtualClock } from '../../testing/virtual-clock.js'
import { YumLayout } from '../yum/layout.js'
import { Catalogues } from './catalogues.js'
import { RecentCache } from './recent.js'
import { checking, openYum, publish, rpm, shownBy } from './testing/trees.js'

const acme = rpm('acme')
const top = 'el/9/repodata/repomd.xml'

/** The catalogues of a repository with one package, and the calls with which files were read. */
async function world() {
  const [files, clock] = [new MemoryFiles(), virtualClock()]
  await publish(openYum(files, clock), [acme], { clock })
  const calls: Call[] = []
  class Watched extends MemoryStore {
    override async read(path: StorePath, call?: Call) {
      if (call !== undefined) calls.push(call)
      return super.read(path)
    }
  }
  const parts = { store: new Watched(files, clock), layout: new YumLayout({}), checking: () => async () => checking }
  return { catalogues: new Catalogues(parts), bytes: () => shownBy(files)(top), files, calls }
}

test('one state of an index is read once for all callers', async () => {
  const { catalogues, bytes, calls } = await world()
  const all = await Promise.all([1, 2, 3].map(() => catalogues.of('el/9', bytes(), soon())))
  expect(new Set(all).size).toBe(1)
  for (const one of all) expect((await one.find(acme.at))?.key).toBe('acme 1.0-1 x86_64')
  expect(calls).toHaveLength(3)
})

test('files are read with the latest call: the first one can be over', async () => {
  const { catalogues, bytes, calls } = await world()
  const [first, latest] = [soon(), soon()]
  const catalogue = await catalogues.of('el/9', bytes(), first)
  await catalogues.of('el/9', bytes(), latest)
  await catalogue.find(acme.at)
  expect(new Set(calls)).toEqual(new Set([latest]))
  expect(calls[0]).toBe(latest)
})

test('an index that could not be read is read again', async () => {
  const { catalogues, bytes, files } = await world()
  const [path = ''] = [...files.files.keys()].filter((one) => /primary/.test(one))
  const file = files.files.get(storePath(path))
  files.files.delete(storePath(path))
  await expect((await catalogues.of('el/9', bytes(), soon())).find(acme.at)).rejects.toThrow('is gone')
  if (file !== undefined) files.files.set(storePath(path), file)
  expect(await (await catalogues.of('el/9', bytes(), soon())).find(acme.at)).toBeDefined()
  await expect(catalogues.of('el/9', Buffer.from('other'), soon())).rejects.toThrow('no signature')
  expect(await (await catalogues.of('el/9', bytes(), soon())).find(acme.at)).toBeDefined()
})

test('the last few things are kept, and the oldest go', () => {
  const recent = new RecentCache<number>()
  for (let number = 0; number < 20; number++) recent.set(String(number % 19), number)
  expect([recent.get('0'), recent.get('18'), recent.get('5')]).toEqual([19, 18, undefined])
})
