import { describeCoordinates } from '@stagegate/schema'
import type { PublicRepository, Written } from '../../contract/capabilities.js'
import { isFinal } from '../../contract/refusal.js'
import { type Artifact, bodyOf, type Maker } from './artifacts.js'
import type { Bench } from './bench.js'
import { causeOf, type Ended, saidOf } from './calls.js'
import type { Trial } from './case.js'

const writers = 32

/** What a repository promises while nothing breaks. */
export function writingTrials(maker: Maker, hasOneWinner: boolean): readonly Trial[] {
  const { format, make } = maker
  return [
    {
      name: `${format}: absent until it is written, then there`,
      promise: 'An artifact is absent until it is written, and then there with its bytes.',
      async run(bench) {
        const [one, other] = [make('one'), make('other')]
        await bench.absent(one)
        await nobodyServes(bench, one)
        await bench.put(one)
        await bench.there(one)
        await bench.absent(other)
      },
    },
    {
      name: `${format}: read back`,
      promise: 'The bytes at a location that observe() reports can be read.',
      needs: ['read'],
      async run(bench) {
        bench.method('read')
        const one = make('one')
        await bench.put(one)
        await bench.there(one)
      },
    },
    {
      name: `${format}: the same again changes nothing`,
      promise: 'The same artifact can be sent again, which changes nothing.',
      async run(bench) {
        const one = make('one')
        await bench.put(one)
        await bench.there(one)
        const again = await bench.create(one, bodyOf(one))
        // Found by its digest, or listed with it, it is the same whatever is answered.
        const isSame = !maker.canDiffer || bench.repository.list !== undefined
        if (!isSame && !(again.how === 'returned' && again.answer.outcome === 'exists'))
          bench.fail(bench.creating(one.item), saidOf(again), "{ outcome: 'exists' }, for it is there", causeOf(again))
        await bench.there(one)
      },
    },
    ...(maker.canDiffer ? [overwriting(maker)] : []),
    hasOneWinner ? race(maker) : looseRace(maker),
    {
      name: `${format}: odd names`,
      promise: 'Every name that an artifact can have leads to that artifact and to no other.',
      async run(bench) {
        const odd = maker.odd.map((one) => one())
        for (const one of odd) {
          await bench.absent(one)
          await bench.send(one)
        }
        if (bench.repository.list !== undefined) await bench.listed(odd)
        for (const one of odd) await bench.there(one)
      },
    },
    {
      name: `${format}: many, and none vanishes`,
      promise: 'What is there stays there, whatever else is written, and is found among many.',
      needs: ['another'],
      async run(bench) {
        // More than a small page of a list.
        const all = Array.from({ length: 12 }, (_, index) => make(`many-${index}`))
        await bench.put(...all)
        const another = await bench.by('another')
        for (const one of all) await bench.there(one, another)
        await bench.absent(make('many-12'), another)
      },
    },
    ...emptyTrial(maker),
  ]
}

/** Nobody gets it. */
export async function nobodyServes(bench: Bench, { item }: Artifact): Promise<void> {
  const { served } = bench.repository
  if (served === undefined) return
  const method = `served(${describeCoordinates(item.coordinates)})`
  const ended = await bench.ended(method, served(item.coordinates, bench.call()))
  if (ended.how !== 'returned' || ended.answer !== undefined)
    bench.fail(method, saidOf(ended), 'undefined, for nothing is there', causeOf(ended))
}

function overwriting({ format, make }: Maker): Trial {
  return {
    name: `${format}: nothing is overwritten`,
    promise: 'What is there is never replaced.',
    async run(bench) {
      const [one, other] = [make('one'), make('one', 1)]
      await bench.put(one)
      await bench.there(one)
      const ended = await bench.create(other, bodyOf(other))
      await bench.notAccepted(
        other,
        ended,
        "{ outcome: 'exists' } or a refusal, for other bytes are there; does the server heed If-None-Match?",
      )
      await bench.there(one)
    },
  }
}

/** All write at once, half of them as another process where there can be one. */
function race({ format, make, canDiffer }: Maker): Trial {
  return {
    name: `${format}: ${writers} writers at once`,
    promise: 'If many write the same artifact at once, one wins, and all of its bytes are there.',
    needs: ['another'],
    async run(bench) {
      const another = await bench.by('another')
      const ends = await raced(bench, make, another)
      const accepted = ends.filter(({ ended }) => ended.how === 'returned' && ended.answer.outcome === 'accepted')
      const [winner] = accepted
      const creating = bench.creating(make('raced').item)
      if (winner === undefined) {
        const [first] = ends
        return bench.fail(creating, `was accepted of none; the first ${first && saidOf(first.ended)}`, 'that one wins')
      }
      if (canDiffer && accepted.length > 1)
        bench.fail(
          creating,
          `was accepted of ${accepted.length} writers with different bytes`,
          "one winner, and { outcome: 'exists' } for all others",
        )
      await bench.there(winner.one)
      await bench.there(winner.one, another)
    },
  }
}

/**
 * A server that looks before it writes can take several: the last of them is there, as a whole. One that keeps all of them is for a person
 * to look at, and its repository says so for good.
 */
function looseRace({ format, make }: Maker): Trial {
  return {
    name: `${format}: ${writers} writers at once leave no mixture`,
    promise: 'If many write the same artifact at once, all bytes of one of them are there, or the repository refuses to say which are.',
    needs: ['another'],
    async run(bench) {
      const another = await bench.by('another')
      const ends = await raced(bench, make, another)
      // A list may not have it at the first look.
      for (let looks = 0; looks < 3; looks++) {
        const look = await bench.observe(make('raced').item.coordinates, another)
        if (look.how === 'threw' && isFinal(look.error)) return
      }
      const failures: unknown[] = []
      for (const { one } of ends) {
        try {
          await bench.there(one, another)
          return
        } catch (error) {
          failures.push(error)
        }
      }
      throw failures[0]
    },
  }
}

interface Raced {
  readonly one: Artifact
  readonly ended: Ended<Written>
}

function raced(bench: Bench, make: Maker['make'], another: PublicRepository): Promise<readonly Raced[]> {
  const racing = Array.from({ length: writers }, (_, index) => make('raced', index))
  return Promise.all(
    racing.map(async (one, index) => ({
      one,
      ended: await bench.create(one, bodyOf(one), index % 2 === 0 ? bench.repository : another),
    })),
  )
}

function emptyTrial({ format, empty }: Maker): readonly Trial[] {
  if (empty === undefined) return []
  return [
    {
      name: `${format}: one without any bytes`,
      promise: 'A file without any bytes is a file.',
      async run(bench) {
        const one = empty()
        await bench.absent(one)
        await bench.put(one)
        await bench.there(one)
      },
    },
  ]
}
