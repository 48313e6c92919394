import { setImmediate as turn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Body } from '../../contract/capabilities.js'
import { type Artifact, bodyFrom, bodyOf, type Maker } from './artifacts.js'
import type { Bench } from './bench.js'
import { saidOf } from './calls.js'
import type { Trial } from './case.js'
import { stalling } from './stalled.js'

/** What a repository promises while bodies break, and while it is told to stop. */
export function breakingTrials({ format, make }: Maker): readonly Trial[] {
  return [
    {
      name: `${format}: a body that breaks off leaves nothing`,
      promise: 'A body that breaks off leaves nothing under the artifact’s name, and a whole one can be sent then.',
      async run(bench) {
        const one = make('broken')
        await leavesNothing(
          bench,
          one,
          bodyThat(one, (data) => [data.subarray(0, Math.floor(data.length / 2))]),
        )
        await leavesNothing(
          bench,
          one,
          bodyThat(one, () => []),
        )
        await bench.put(one)
        await bench.there(one)
      },
    },
    {
      name: `${format}: a body whose bytes are wrong leaves nothing`,
      promise: 'A body that errors before its last bytes, because they are wrong, leaves nothing under the artifact’s name.',
      async run(bench) {
        const one = make('wrong')
        // All but the last byte, of other bytes: so the engine holds back what would make it whole.
        await leavesNothing(
          bench,
          one,
          bodyThat(one, (data) => [Buffer.alloc(Math.floor(data.length / 2), 'x'), Buffer.alloc(Math.ceil(data.length / 2) - 1, 'y')]),
        )
        await bench.put(one)
        await bench.there(one)
      },
    },
    {
      name: `${format}: told to stop before it begins`,
      promise: 'A call whose signal is aborted does nothing.',
      async run(bench) {
        const one = make('stopped')
        const call = bench.call(AbortSignal.abort(new Error('stopped')))
        await bench.notAccepted(one, await bench.create(one, bodyOf(one), bench.repository, call), 'that it throws the signal’s reason')
        const seen = await bench.observe(one.item.coordinates, bench.repository, call)
        // An answer that was there at once may still be given, if it is true.
        if (seen.how === 'returned' && seen.answer.saw !== 'absent')
          bench.fail('observe() after create() with an aborted signal', saidOf(seen), "{ saw: 'absent' }")
        await bench.absent(one)
      },
    },
    {
      name: `${format}: told to stop in the middle`,
      promise: 'A call that is told to stop ends soon, and leaves nothing; a whole one can be sent then.',
      async run(bench) {
        const one = make('stopped')
        const controller = new AbortController()
        const body = stalling(one, () => controller.abort(new Error('stopped')))
        const ended = await bench.create(one, body, bench.repository, bench.call(controller.signal))
        await bench.notAccepted(one, ended, 'that it throws the signal’s reason')
        await bench.absent(one)
        await bench.put(one)
        await bench.there(one)
      },
    },
    {
      name: `${format}: a large body is not held in memory`,
      promise: 'The bytes of a body are sent as they come, and not held.',
      needs: ['smallMemory'],
      run: (bench) => notHeld(bench, make('large', 0, large)),
    },
  ]
}

/** A body that errors after these pieces. */
function bodyThat({ item, data }: Artifact, pieces: (data: Buffer) => readonly Buffer[]): Body {
  async function* chunks() {
    for (const piece of pieces(data)) if (piece.length > 0) yield piece
    throw new Error('the body broke off')
  }
  return bodyFrom(item, chunks())
}

async function leavesNothing(bench: Bench, one: Artifact, body: Body): Promise<void> {
  const ended = await bench.create(one, body)
  if (ended.how === 'returned' && ended.answer.outcome !== 'refused')
    bench.fail(bench.creating(one.item), saidOf(ended), 'that it throws what the body threw, or a refusal')
  await bench.absent(one)
}

const large = 6 * 2 ** 20
const piece = 128 * 2 ** 10

/** Counts, before the last piece, how many pieces nobody has let go. Pieces are copies, so an emulator in this process counts for nothing. */
async function notHeld(bench: Bench, one: Artifact): Promise<void> {
  setFlagsFromString('--expose-gc')
  // The cast: the flag makes this function.
  const collect = runInNewContext('gc') as () => void
  const pieces: WeakRef<Buffer>[] = []
  let held = 0
  const next = (start: number): Buffer => {
    const copy = Buffer.alloc(Math.min(piece, one.data.length - start))
    one.data.copy(copy, 0, start)
    pieces.push(new WeakRef(copy))
    return copy
  }
  async function* chunks() {
    for (let start = 0; start < one.data.length; start += piece) {
      if (start + piece >= one.data.length) {
        // What was referred to in this turn is kept until the next one.
        for (let count = 0; count < 3; count++) await turn()
        collect()
        held = pieces.filter((ref) => ref.deref() !== undefined).length
      }
      yield next(start)
    }
  }
  const ended = await bench.create(one, bodyFrom(one.item, chunks()))
  const creating = bench.creating(one.item)
  if (held > pieces.length / 2)
    bench.fail(
      creating,
      `held ${Math.round((held * piece) / 2 ** 20)} MiB of ${Math.round(one.data.length / 2 ** 20)}`,
      'less than half of them',
    )
  if (ended.how !== 'returned' || ended.answer.outcome !== 'accepted') bench.fail(creating, saidOf(ended), "{ outcome: 'accepted' }")
  await bench.there(one)
}
