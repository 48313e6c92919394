import { contentOf } from '../../bytes.js'
import type { Ended } from '../calls.js'
import { causeOf, saidOf } from '../calls.js'
import { type File, fileOf, type StoreBench } from './bench.js'
import type { StoreTrial } from './creating.js'

const target = (seed = 1): File => fileOf('conformance/copy.bin', seed)
const source = (): File => fileOf('conformance/source.bin', 1)

/** What a store promises of files that it copies. */
export const copyingTrials: readonly StoreTrial[] = [
  {
    name: 'copy',
    promise: 'A file of the server is copied with its bytes, or not at all, and stays where it is.',
    async run(bench) {
      await bench.put(source())
      await bench.there(source())
      const ended = await bench.copy(source(), target().path)
      const outcome = ended.how === 'returned' ? ended.answer.outcome : undefined
      if (outcome !== 'accepted' && outcome !== 'unsupported')
        bench.fail(
          'copy(conformance/source.bin, conformance/copy.bin)',
          saidOf(ended),
          "{ outcome: 'accepted' } or { outcome: 'unsupported' }",
          causeOf(ended),
        )
      if (outcome === 'accepted') await bench.there(target())
      else await bench.absent(target())
      await bench.there(source())
    },
  },
  {
    name: 'copy replaces nothing',
    promise: 'A copy never replaces what is there.',
    async run(bench) {
      await bench.put(source())
      await bench.put(target(2))
      await bench.there(source())
      notDone(bench, await bench.copy(source(), target().path), "{ outcome: 'exists' }, for something is there")
      await bench.there(target(2))
    },
  },
  {
    name: 'copy of other bytes',
    promise: 'A file whose bytes are not the expected ones is not copied.',
    async run(bench) {
      await bench.put(source())
      await bench.there(source())
      const others = contentOf(fileOf('conformance/source.bin', 2).data)
      notDone(bench, await bench.copy(source(), target().path, others), 'that it throws, or says that it did nothing')
      await bench.absent(target())
    },
  },
  {
    name: 'copy of what is absent',
    promise: 'A file that is not there is not copied.',
    async run(bench) {
      notDone(bench, await bench.copy(source(), target().path), 'that it throws, or says that it did nothing')
      await bench.absent(target())
    },
  },
]

function notDone(bench: StoreBench, ended: Ended<{ readonly outcome: string }>, expected: string): void {
  if (ended.how === 'returned' && ended.answer.outcome === 'accepted')
    bench.fail('copy(conformance/source.bin, conformance/copy.bin)', saidOf(ended), expected)
}
