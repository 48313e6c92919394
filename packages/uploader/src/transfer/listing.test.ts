import { Readable } from 'node:stream'
import { later } from '@stagegate/schema'
import { expect, test } from 'vitest'
import type { Body, Call, Indexed, Item, Listed, PublicRepository } from '../contract/capabilities.js'
import { PutOff } from '../contract/put-off.js'
import { RepositoryRefusal } from '../contract/refusal.js'
import { itemOf, memoryRepository, virtualClock } from '../testing/fixtures.js'
import { reset } from '../testing/transfer/run.js'
import { deliverAll } from '../verb/deliver-all.js'
import type { TransferEvent } from './event.js'

/** A repository whose users find by an index what lies in it. */
class Shelf implements PublicRepository, Indexed {
  /** What was listed, each time. */
  readonly listings: string[][] = []
  /** Before each listing: an error, or another answer. */
  readonly trouble: (Error | Listed | undefined)[] = []
  readonly index = new Set<string>()
  readonly there = memoryRepository()

  async observe(at: Item['coordinates'], call: Call) {
    return this.index.has(JSON.stringify(at)) ? this.there.observe(at, call) : ({ saw: 'absent' } as const)
  }

  async create(item: Item, body: Body, call: Call) {
    if ((await this.there.observe(item.coordinates, call)).saw === 'present') return { outcome: 'accepted' } as const
    return this.there.create(item, body, call)
  }

  async list(items: readonly Item[]): Promise<Listed> {
    const trouble = this.trouble.shift()
    this.listings.push(items.map(nameOf).sort())
    if (trouble instanceof Error) throw trouble
    if (trouble !== undefined) return trouble
    for (const { coordinates } of items) this.index.add(JSON.stringify(coordinates))
    return { outcome: 'done', written: items.map(() => ({ outcome: 'accepted' })) }
  }
}

const nameOf = ({ coordinates }: Item) => (coordinates.format === 'file' ? coordinates.path : '')
const refusal = new RepositoryRefusal({ code: 'signing/key-missing', what: 'there is no key' })

/** Publishes so many files to the shelf. */
async function publish(shelf: PublicRepository, count: number, broken: readonly number[] = []) {
  const clock = virtualClock()
  const events: TransferEvent[] = []
  const arrivals = await deliverAll(
    Array.from({ length: count }, (_, number) => {
      const data = Buffer.from(`file ${number}`)
      const item: Item = { ...itemOf(data), coordinates: { format: 'file', path: `${number}` } }
      return {
        is: 'package',
        target: 'files',
        item,
        open: async () => Readable.from([broken.includes(number) ? Buffer.from('other!') : data]),
        destinations: [{ plan: { repository: 'shelf', advisory: false }, repository: shelf, item }],
      }
    }),
    { repositories: { shelf }, clock, random: () => 0.5, onEvent: (event) => events.push(event) },
  )
  return {
    verdicts: arrivals.map(({ outcome }) => outcome.verdict),
    problems: arrivals.map(({ outcome }) => outcome.problem),
    events,
    clock,
  }
}

test('all that a run brings is listed at once, however many go at a time', async () => {
  const shelf = new Shelf()
  const { verdicts } = await publish(shelf, 40)
  expect(new Set(verdicts)).toEqual(new Set(['published']))
  expect(shelf.listings.map((listing) => listing.length)).toEqual([40])
})

test('a package that cannot be uploaded delays no other', async () => {
  const shelf = new Shelf()
  const { verdicts } = await publish(shelf, 5, [2])
  expect(verdicts).toEqual(['published', 'published', 'tampered', 'published', 'published'])
  expect(shelf.listings).toEqual([['0', '1', '3', '4']])
})

test('a run that was killed before the listing is run again: it sends nothing twice, and lists all', async () => {
  const shelf = new Shelf()
  shelf.trouble.push(refusal)
  expect((await publish(shelf, 3)).verdicts).toEqual(['failed', 'failed', 'failed'])
  const sent = shelf.there.count('create')
  expect((await publish(shelf, 3)).verdicts).toEqual(['published', 'published', 'published'])
  expect([sent, shelf.there.count('create')]).toEqual([3, 3])
})

test('a package that is already listed is listed again, so that the index can be completed', async () => {
  const shelf = new Shelf()
  await publish(shelf, 2)
  shelf.trouble.push(reset())
  expect((await publish(shelf, 3)).verdicts).toEqual(['already-public', 'already-public', 'published'])
  expect(shelf.listings).toEqual([['0', '1'], ['0', '1', '2'], ['2']])
})

test('another writer is faster, some times: the listing is done again, after a short wait, and after the time that it names', async () => {
  const shelf = new Shelf()
  const clock = virtualClock()
  shelf.trouble.push({ outcome: 'changed' }, { outcome: 'changed', until: later(clock.now(), 60) }, { outcome: 'changed' })
  const { verdicts, events } = await publish(shelf, 2)
  expect(verdicts).toEqual(['published', 'published'])
  const waits = events.flatMap((event) => (event.event === 'waiting' ? [event.milliseconds] : []))
  expect(waits).toEqual([750, expect.closeTo(61_000, -4), 3000])
})

test('a listing that asks to be asked later is no trouble', async () => {
  const shelf = new Shelf()
  shelf.trouble.push(new PutOff({ what: 'slow down' }), new PutOff({ what: 'slow down' }))
  expect((await publish(shelf, 2)).verdicts).toEqual(['published', 'published'])
})

test('the answer to a listing is lost: it is looked whether it was done', async () => {
  const shelf = new Shelf()
  const list = shelf.list.bind(shelf)
  let lost = 0
  shelf.list = async (items) => {
    const listed = await list(items)
    if (lost++ === 0) throw reset()
    return listed
  }
  expect((await publish(shelf, 3)).verdicts).toEqual(['published', 'published', 'published'])
  expect(shelf.listings).toHaveLength(1)
})

test('others are faster for ever: that is undetermined, and says so', async () => {
  const shelf = new Shelf()
  shelf.list = async () => ({ outcome: 'changed' })
  const { verdicts, problems } = await publish(shelf, 1)
  expect(verdicts).toEqual(['undetermined'])
  expect(problems[0]).toMatchObject({ code: 'repository/index-changed' })
})

test('one of several is refused by the index: the others are public', async () => {
  const shelf = new Shelf()
  const list = shelf.list.bind(shelf)
  shelf.list = async (items) => {
    await list(items.filter((item) => nameOf(item) !== '1'))
    const because = { code: 'repository/other-package', message: 'It is another package.' }
    return {
      outcome: 'done',
      written: items.map((item) => (nameOf(item) === '1' ? { outcome: 'refused', because } : { outcome: 'accepted' })),
    }
  }
  const { verdicts, problems } = await publish(shelf, 3)
  expect(verdicts).toEqual(['published', 'failed', 'published'])
  expect(problems[1]).toMatchObject({ code: 'repository/other-package' })
})

test('an answer that leaves some out is no answer for them', async () => {
  const shelf = new Shelf()
  shelf.list = async () => ({ outcome: 'done', written: [] })
  const { verdicts, problems } = await publish(shelf, 1)
  expect(verdicts).toEqual(['failed'])
  expect(problems[0]).toMatchObject({ code: 'repository/unexpected-answer' })
})
