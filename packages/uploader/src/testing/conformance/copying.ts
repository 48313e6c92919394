import type { Item, ServerSideCopy } from '../../contract/capabilities.js'
import type { Artifact, Maker } from './artifacts.js'
import type { Bench } from './bench.js'
import { causeOf, type Ended, saidOf } from './calls.js'
import type { Trial } from './case.js'

/** What a repository of packages or files promises whose server copies by itself. */
export function copyingTrials({ format, make, canDiffer }: Maker): readonly Trial[] {
  const needs = ['copy', 'read'] as const
  return [
    {
      name: `${format}: copied by the server`,
      promise: 'A copy by the server is the artifact, or nothing.',
      needs,
      async run(bench) {
        const [from, to] = await staged(bench, make)
        const ended = await copied(bench, to.item, nameOf(bench, from.location))
        const outcome = ended.how === 'returned' ? ended.answer.outcome : undefined
        if (outcome === 'unsupported') return bench.absent(to)
        if (outcome === 'accepted') return void (await bench.there(to))
        bench.fail('copy()', saidOf(ended), "{ outcome: 'accepted' } or { outcome: 'unsupported' }", causeOf(ended))
      },
    },
    {
      name: `${format}: a copy by the server of other bytes is not made`,
      promise: 'A copy by the server of other bytes than the artifact’s is not made.',
      needs,
      async run(bench) {
        const [from] = await staged(bench, make)
        const other = make('other')
        notDone(bench, await copied(bench, other.item, nameOf(bench, from.location)), 'that it does nothing')
        await bench.absent(other)
      },
    },
    {
      name: `${format}: a copy by the server of what is absent is not made`,
      promise: 'A copy by the server of what is absent, or on another server, is not made.',
      needs,
      async run(bench) {
        const [from, to] = await staged(bench, make)
        const name = nameOf(bench, from.location)
        for (const absent of [`${name}.absent`, 'https://somewhere.example/else', ''])
          notDone(bench, await copied(bench, to.item, absent), 'that it does nothing')
        await bench.absent(to)
      },
    },
    ...(canDiffer ? [overwriting(format, make)] : []),
  ]
}

function overwriting(format: string, make: Maker['make']): Trial {
  return {
    name: `${format}: a copy by the server overwrites nothing`,
    promise: 'A copy by the server replaces nothing.',
    needs: ['copy', 'read'],
    async run(bench) {
      const [from, to] = await staged(bench, make)
      const there = make('to', 1)
      await bench.put(there)
      await bench.there(there)
      notDone(bench, await copied(bench, to.item, nameOf(bench, from.location)), "{ outcome: 'exists' }, for something is there")
      await bench.there(there)
    },
  }
}

/** One that is there, and the same bytes for another place. */
async function staged(bench: Bench, make: Maker['make']): Promise<readonly [from: Artifact & { readonly location: string }, to: Artifact]> {
  const from = make('from')
  await bench.put(from)
  const location = await bench.there(from)
  return [
    { ...from, location },
    { data: from.data, item: { coordinates: make('to').item.coordinates, content: from.item.content } },
  ]
}

function nameOf({ repository }: Bench, location: string): string {
  if (repository.nameOnHost === undefined) throw new Error('Expected a repository with nameOnHost(), beside copy()')
  return repository.nameOnHost(location)
}

type Copied = Ended<Awaited<ReturnType<ServerSideCopy['copy']>>>

async function copied(bench: Bench, item: Item, from: string): Promise<Copied> {
  return bench.ended('copy()', bench.method('copy')(item, from, bench.call()))
}

function notDone(bench: Bench, ended: Copied, expected: string): void {
  if (ended.how === 'returned' && ended.answer.outcome === 'accepted') bench.fail('copy()', saidOf(ended), expected)
}
