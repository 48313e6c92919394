import { NotThere, type Written } from '../../../contract/capabilities.js'
import type { AnyStore } from '../../../store/checked-store.js'
import type { Replaced } from '../../../store/index.js'
import { type Ended, saidOf } from '../calls.js'
import { bodyOf, fileOf, type StoreBench } from './bench.js'
import { type StoreTrial, throwsNotThere } from './creating.js'

const one = () => fileOf('conformance/one.bin')
const index = (seed: number) => fileOf('conformance/index', seed)

const unknown = (means: 'unreachable' | 'failing', when: string): StoreTrial => ({
  name: `unknown is not absent, ${when}`,
  promise: 'Unknown is not absent: what cannot be told is thrown.',
  needs: [means],
  run: async (bench) => knowsNothing(bench, await bench.by(means)),
})

const denied = (means: 'refused' | 'readOnly', whose: string): StoreTrial => ({
  name: `a credential that ${whose}`,
  promise: 'A credential that the server does not let write writes nothing, and that is said.',
  needs: [means],
  async run(bench) {
    const on = await bench.by(means)
    writesNothing(bench, `create(${one().path})`, await bench.create(one(), bodyOf(one()), on))
    await bench.absent(one())
    if (on.replaceIf === undefined) return
    writesNothing(bench, `replaceIf(${index(1).path})`, await bench.replace(index(1), bodyOf(index(1)), 'absent', on))
    await bench.absent(index(1))
  },
})

/** What a store promises while its server is in trouble. */
export const troubleTrials: readonly StoreTrial[] = [
  unknown('unreachable', 'from a server that cannot be reached'),
  unknown('failing', 'from a server that answers nothing of use'),
  denied('refused', 'the server does not know'),
  denied('readOnly', 'may only read'),
  {
    name: 'a lost answer of create',
    promise: 'A write whose answer is lost is seen by the next look, and another one does not double it.',
    needs: ['losingAnswers'],
    async run(bench) {
      const ended = await bench.create(one(), bodyOf(one()), await bench.by('losingAnswers'))
      if (ended.how === 'returned' && ended.answer.outcome === 'refused')
        bench.fail(`create(${one().path})`, saidOf(ended), 'that it throws: whether it was written is not known')
      await bench.there(one())
      const again = await bench.create(one(), bodyOf(one()))
      if (again.how !== 'returned' || again.answer.outcome !== 'exists')
        bench.fail(`create(${one().path})`, saidOf(again), "{ outcome: 'exists' }, for it is there")
      await bench.there(one())
    },
  },
  {
    name: 'gone',
    promise: 'A file that was taken away is absent, and reading it throws NotThere.',
    needs: ['remove'],
    async run(bench) {
      await bench.put(one())
      await bench.there(one())
      await bench.remove(one().path)
      await bench.absent(one())
      await throwsNotThere(bench, one())
    },
  },
]

/** The same of files that move. */
export const movingTroubleTrials: readonly StoreTrial[] = [
  {
    name: 'a lost answer of replaceIf',
    promise: 'A move whose answer is lost is seen by the next look, and is not told to have failed.',
    needs: ['losingAnswers'],
    async run(bench) {
      const seen = await bench.move(index(1), 'absent')
      const ended = await bench.replace(index(2), bodyOf(index(2)), seen, await bench.by('losingAnswers'))
      if (ended.how === 'returned' && ended.answer.outcome !== 'replaced')
        bench.fail(`replaceIf(${index(2).path})`, saidOf(ended), 'that it throws: whether it was written is not known')
      await bench.there(index(2))
      await bench.stays(index(3), seen, 'the file has moved')
      await bench.there(index(2))
    },
  },
]

async function knowsNothing(bench: StoreBench, on: AnyStore): Promise<void> {
  const { path } = one()
  const expected = 'that it throws: nobody can tell what is there'
  await bench.throws(`observe(${path})`, on.observe(path, bench.call()), expected)
  const error = await bench.throws(`read(${path})`, opened(bench, on), expected)
  if (error instanceof NotThere)
    bench.fail(`read(${path})`, saidOf({ how: 'threw', error }), 'another error: whether it is there is not known')
  writesNothing(bench, `create(${path})`, await bench.create(one(), bodyOf(one()), on))
  if (on.replaceIf === undefined) return
  writesNothing(bench, `replaceIf(${path})`, await bench.replace(one(), bodyOf(one()), 'absent', on))
  const listing = async () => {
    for await (const _ of bench.moving(on).list(undefined, bench.call())) break
  }
  await bench.throws('list()', listing(), expected)
}

async function opened(bench: StoreBench, on: AnyStore): Promise<void> {
  const { stream } = await on.read(one().path, bench.call())
  stream.destroy()
}

function writesNothing(bench: StoreBench, method: string, ended: Ended<Written | Replaced>): void {
  if (ended.how === 'returned' && ended.answer.outcome !== 'refused')
    bench.fail(method, saidOf(ended), 'that it throws, or a refusal: nothing was written')
}
