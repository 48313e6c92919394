import type { PublicRepository } from '../../contract/capabilities.js'
import type { Artifact, Maker } from './artifacts.js'
import type { Bench } from './bench.js'
import { saidOf } from './calls.js'
import type { Trial } from './case.js'
import { nobodyServes } from './writing.js'

/** What a repository with an index promises of it. */
export function listingTrials({ format, make }: Maker): readonly Trial[] {
  return [
    {
      name: `${format}: seen once it is listed`,
      promise: 'An artifact that was written is there for nobody until it is listed, so that a release is seen as a whole.',
      async run(bench) {
        const all = [make('one'), make('other')]
        for (const one of all) await bench.send(one)
        for (const one of all) {
          await bench.absent(one)
          await nobodyServes(bench, one)
        }
        await bench.listed(all)
        for (const one of all) await bench.there(one)
      },
    },
    {
      name: `${format}: listed again, it is there once`,
      promise: 'What is listed can be listed again, by another process too, which changes nothing.',
      needs: ['another'],
      async run(bench) {
        const one = make('one')
        await bench.put(one)
        await bench.listed([one])
        const another = await bench.by('another')
        await bench.listed([one], another)
        await bench.there(one)
        await bench.there(one, another)
      },
    },
    {
      name: `${format}: ${writers} processes list at once`,
      promise: 'If several list at once, all of it is listed, and nothing that was listed vanishes.',
      needs: ['another'],
      run: (bench) => listAtOnce(bench, make),
    },
    {
      name: `${format}: nothing is listed that was not brought`,
      promise: 'An artifact that was never written is not listed.',
      async run(bench) {
        const one = make('one')
        const ended = await bench.list([one])
        if (ended.how === 'returned' && ended.answer.some(({ outcome }) => outcome === 'accepted'))
          bench.fail(bench.listing([one.item]), saidOf(ended), 'a refusal, or that it throws: nothing lies there')
        await bench.absent(one)
      },
    },
  ]
}

/** An index may change once a second only, so they are few. */
const writers = 4

async function listAtOnce(bench: Bench, make: Maker['make']): Promise<void> {
  const before = make('before')
  await bench.put(before)
  const writing: (readonly [one: Artifact, by: PublicRepository])[] = []
  for (let number = 0; number < writers; number++) writing.push([make(`at-once-${number}`), await bench.by('another')])
  for (const [one, by] of writing) await bench.send(one, by)
  await Promise.all(writing.map(([one, by]) => bench.listed([one], by)))
  const another = await bench.by('another')
  for (const one of [before, ...writing.map(([one]) => one)]) await bench.there(one, another)
}
