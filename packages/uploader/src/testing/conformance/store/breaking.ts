import type { Written } from '../../../contract/capabilities.js'
import type { Replaced, Version } from '../../../store/index.js'
import { type Ended, saidOf } from '../calls.js'
import { stalled } from '../stalled.js'
import { bodyOf, bodyThat, type File, fileOf, type StoreBench } from './bench.js'
import type { StoreTrial } from './creating.js'

/** Pieces that are not the bytes of a file. */
const wrong: readonly (readonly [what: string, (data: Buffer) => Iterable<Buffer> | AsyncIterable<Buffer>])[] = [
  ['fewer bytes', (data) => [data.subarray(0, -1)]],
  ['no bytes', () => []],
  ['more bytes', (data) => [data, Buffer.from('more')]],
  ['other bytes', (data) => [Buffer.from(data).reverse()]],
  ['a stream that errors', breaking],
]

async function* breaking(data: Buffer): AsyncGenerator<Buffer> {
  yield data.subarray(0, data.length / 2)
  throw new Error('the connection broke')
}

const refusal = 'that it throws, or a refusal: the bytes are not the content of the body'

/** What a store promises while bodies break, and while it is told to stop. */
export const breakingTrials: readonly StoreTrial[] = [
  ...wrong.map(
    ([what, pieces]): StoreTrial => ({
      name: `create of ${what}`,
      promise: 'Bytes that are not the content of the body are refused, and leave nothing; the right ones can be sent then.',
      async run(bench) {
        const one = fileOf('conformance/wrong.bin')
        expectRefusal(bench, `create(${one.path})`, await bench.create(one, bodyThat(one.data, pieces(one.data))))
        await bench.absent(one)
        await bench.put(one)
        await bench.there(one)
      },
    }),
  ),
  {
    name: 'told to stop before it begins',
    promise: 'A call whose signal is aborted does nothing.',
    async run(bench) {
      const one = fileOf('conformance/stopped.bin')
      const ended = await bench.create(one, bodyOf(one), bench.store, bench.call(AbortSignal.abort(new Error('stopped'))))
      expectRefusal(bench, `create(${one.path})`, ended, 'that it throws the signal’s reason')
      await bench.absent(one)
    },
  },
  {
    name: 'told to stop in the middle',
    promise: 'A call that is told to stop ends soon, and leaves nothing; the file can be created then.',
    async run(bench) {
      const one = fileOf('conformance/stopped.bin')
      const { body, signal } = stalled(one.data)
      const ended = await bench.create(one, body, bench.store, bench.call(signal))
      expectRefusal(bench, `create(${one.path})`, ended, 'that it throws the signal’s reason')
      await bench.absent(one)
      await bench.put(one)
      await bench.there(one)
    },
  },
]

/** The same of files that move. */
export const brokenMoves: readonly StoreTrial[] = [
  ...wrong.map(
    ([what, pieces]): StoreTrial => ({
      name: `replaceIf with ${what}`,
      promise: 'A move whose bytes are not the content of the body leaves the old ones, and their version.',
      async run(bench) {
        const [old, next, seen] = await moved(bench)
        expectRefusal(bench, `replaceIf(${old.path})`, await bench.replace(old, bodyThat(next.data, pieces(next.data)), seen))
        await unmoved(bench, old, seen)
        await bench.move(next, seen)
        await bench.there(next)
      },
    }),
  ),
  {
    name: 'replaceIf told to stop in the middle',
    promise: 'A move that is told to stop leaves the old bytes, and their version.',
    async run(bench) {
      const [old, next, seen] = await moved(bench)
      const { body, signal } = stalled(next.data)
      const ended = await bench.replace(old, body, seen, bench.store, bench.call(signal))
      expectRefusal(bench, `replaceIf(${old.path})`, ended, 'that it throws the signal’s reason')
      await unmoved(bench, old, seen)
      await bench.move(next, seen)
      await bench.there(next)
    },
  },
]

async function moved(bench: StoreBench): Promise<readonly [old: File, next: File, seen: Version]> {
  const [old, next] = [fileOf('conformance/index', 1), fileOf('conformance/index', 2)]
  return [old, next, await bench.move(old, 'absent')]
}

async function unmoved(bench: StoreBench, old: File, seen: Version): Promise<void> {
  const version = await bench.there(old)
  if (version !== seen) bench.fail(`observe(${old.path})`, `says the version ${version}`, `${seen}, for nothing has changed`)
}

function expectRefusal(bench: StoreBench, method: string, ended: Ended<Written | Replaced>, expected = refusal): void {
  if (ended.how === 'returned' && ended.answer.outcome !== 'refused') bench.fail(method, saidOf(ended), expected)
}
