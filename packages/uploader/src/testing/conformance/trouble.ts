import { describeCoordinates } from '@stagegate/schema'
import { NotThere, type PublicRepository } from '../../contract/capabilities.js'
import { type Artifact, bodyOf, type Maker } from './artifacts.js'
import type { Bench } from './bench.js'
import { saidOf } from './calls.js'
import type { Trial } from './case.js'
import type { Means } from './place.js'

/** What a repository promises while its server is in trouble. */
export function troubleTrials({ format, make }: Maker): readonly Trial[] {
  const unknown = (means: 'unreachable' | 'failing', when: string): Trial => ({
    name: `${format}: unknown is not absent, ${when}`,
    promise: 'Unknown is not absent: what cannot be told is thrown.',
    needs: [means],
    run: async (bench) => knowsNothing(bench, await bench.by(means), make('one')),
  })
  const denied = (means: Extract<Means, 'refused' | 'readOnly'>, whose: string): Trial => ({
    name: `${format}: a credential that ${whose}`,
    promise: 'A credential that the server does not let write writes nothing, and that is said.',
    needs: [means],
    async run(bench) {
      const one = make('one')
      const ended = await bench.create(one, bodyOf(one), await bench.by(means))
      if (ended.how === 'returned' && ended.answer.outcome !== 'refused')
        bench.fail(bench.creating(one.item), saidOf(ended), "{ outcome: 'refused', because } or a thrown RepositoryRefusal")
      await bench.absent(one)
    },
  })
  return [
    unknown('unreachable', 'from a server that cannot be reached'),
    unknown('failing', 'from a server that answers nothing of use'),
    denied('refused', 'the server does not know'),
    denied('readOnly', 'may only read'),
    {
      name: `${format}: a lost answer`,
      promise: 'A write whose answer is lost is seen by the next look, and another one does not double it.',
      needs: ['losingAnswers'],
      async run(bench) {
        const one = make('one')
        const ended = await bench.create(one, bodyOf(one), await bench.by('losingAnswers'))
        if (ended.how === 'returned' && ended.answer.outcome === 'refused')
          bench.fail(bench.creating(one.item), saidOf(ended), 'that it throws: whether it was written is not known')
        // An index lists only what is known to be there.
        if (ended.how === 'returned' || bench.repository.list === undefined) await bench.there(one)
        await bench.create(one, bodyOf(one))
        await bench.there(one)
      },
    },
    {
      name: `${format}: gone`,
      promise: 'Reading what is gone throws NotThere, and it is absent; if an index still lists it, a look throws.',
      needs: ['remove', 'read'],
      run: (bench) => gone(bench, make('one')),
    },
  ]
}

async function knowsNothing(bench: Bench, repository: PublicRepository, one: Artifact): Promise<void> {
  const { item } = one
  const said = describeCoordinates(item.coordinates)
  const expected = 'that it throws: nobody can tell what is there'
  await bench.throws(`observe(${said})`, repository.observe(item.coordinates, bench.call()), expected)
  const { served } = repository
  if (served !== undefined) await bench.throws(`served(${said})`, served(item.coordinates, bench.call()), expected)
  const ended = await bench.create(one, bodyOf(one), repository)
  if (ended.how === 'returned' && ended.answer.outcome !== 'refused')
    bench.fail(bench.creating(item), saidOf(ended), 'that it throws, or a refusal: nothing was written')
}

async function gone(bench: Bench, one: Artifact): Promise<void> {
  const read = bench.method('read')
  await bench.put(one)
  const location = await bench.there(one)
  await bench.remove(location)
  const method = `read(${location})`
  const opened = async () => {
    const stream = await read(location, bench.call())
    // A stream that only errors when it is read is too late: the error is the way to say that it is gone.
    stream.destroy()
  }
  const error = await bench.throws(method, opened(), 'a thrown NotThere, for it is gone')
  if (!(error instanceof NotThere)) bench.fail(method, saidOf({ how: 'threw', error }), 'a thrown NotThere, for it is gone', error)
  if (bench.repository.list === undefined) return bench.absent(one)
  // Neither absent, so that it is not brought again, nor what the index says.
  const { coordinates } = one.item
  const observing = bench.repository.observe(coordinates, bench.call())
  await bench.throws(`observe(${describeCoordinates(coordinates)})`, observing, 'that it throws: the index lists what is gone')
}
