import { NotThere, type Written } from '../../../contract/capabilities.js'
import type { AnyStore } from '../../../store/checked-store.js'
import { causeOf, type Ended, saidOf } from '../calls.js'
import type { Trial } from '../case.js'
import { bodyOf, type File, fileOf, type StoreBench } from './bench.js'
import type { StoreNeed } from './place.js'

export type StoreTrial = Trial<StoreBench, StoreNeed>

const writers = 16
/** Names that a path can have, each with a neighbour that a careless store takes for it. */
const odd = [
  'odd/a+b.txt',
  'odd/a b.txt',
  'odd/a%2Bb.txt',
  'odd/a%20b.txt',
  'odd/50%.txt',
  'odd/a~b^c@d=e&f;g,h.txt',
  "odd/it's (1) [2] {3} !.txt",
  'odd/question?mark#hash.txt',
  'odd/ü-日本語-🙂.txt',
  'odd/UPPER.txt',
  'odd/upper.txt',
  'odd/.hidden/acme.txt',
  'odd/deep/deeper/deepest/1/2/3/4/5/6/7/8/acme.txt',
  `odd/${'x'.repeat(200)}.txt`,
]
/** Names that begin others. */
const beginnings = ['acme', 'acme-1', 'acme-10', 'acme.txt', 'acme-2/acme', 'acme-2/acme-1/acme']

/** What a store promises of files that are created. */
export const creatingTrials: readonly StoreTrial[] = [
  {
    name: 'absent until it is created, then there',
    promise: 'A file is absent until it is created, and then there with its bytes, its size and a version.',
    async run(bench) {
      const [one, other] = [fileOf('conformance/one.bin'), fileOf('conformance/other.bin')]
      await bench.absent(one)
      await bench.put(one)
      await bench.there(one)
      await bench.absent(other)
    },
  },
  {
    name: 'reading what is absent',
    promise: 'Reading a file that is not there throws NotThere.',
    async run(bench) {
      const one = fileOf('conformance/one.bin')
      await throwsNotThere(bench, one)
      await bench.put(fileOf('conformance/one.bin.sig'))
      await throwsNotThere(bench, one)
    },
  },
  {
    name: 'the version of bytes that stay',
    promise: 'The version of a file stays while its bytes do, whoever looks.',
    needs: ['another'],
    async run(bench) {
      const one = fileOf('conformance/one.bin')
      await bench.put(one)
      const version = await bench.there(one)
      const again = await bench.there(one, await bench.by('another'))
      if (again !== version) bench.fail(`observe(${one.path})`, `says the version ${again}`, `${version}, as before`)
    },
  },
  {
    name: 'create replaces nothing',
    promise: 'What is there is never replaced, and who creates it is told that it is there.',
    async run(bench) {
      const one = fileOf('conformance/one.bin')
      await bench.put(one)
      const version = await bench.there(one)
      for (const again of [one, fileOf('conformance/one.bin', 2), fileOf('conformance/one.bin', 3, 10)]) {
        const ended = await bench.create(again, bodyOf(again))
        if (ended.how !== 'returned' || ended.answer.outcome !== 'exists')
          bench.fail(`create(${one.path})`, saidOf(ended), "{ outcome: 'exists' }, for it is there", causeOf(ended))
      }
      const after = await bench.there(one)
      if (after !== version) bench.fail(`observe(${one.path})`, `says the version ${after}`, `${version}, for nothing has changed`)
    },
  },
  {
    name: `${writers} create at once`,
    promise: 'If many create a file at once, one is told that it did, and all of its bytes are there.',
    needs: ['another', 'oneWinner'],
    run: oneWinner,
  },
  {
    name: 'odd paths',
    promise: 'Every path leads to its file, and to no other.',
    run: (bench) => eachItsOwn(bench, odd),
  },
  {
    name: 'paths that begin others',
    promise: 'A file does not stand in the way of one whose path begins with its own.',
    run: (bench) => eachItsOwn(bench, beginnings),
  },
  {
    name: 'a file without any bytes',
    promise: 'A file without any bytes is a file.',
    async run(bench) {
      const empty = fileOf('conformance/empty.bin', 1, 0)
      await bench.put(empty)
      await bench.there(empty)
    },
  },
]

export async function throwsNotThere(bench: StoreBench, { path }: Pick<File, 'path'>): Promise<void> {
  const opened = async () => {
    const { stream } = await bench.store.read(path, bench.call())
    // An error of the stream is too late to say that it is gone.
    stream.destroy()
  }
  const error = await bench.throws(`read(${path})`, opened(), 'a thrown NotThere, for nothing is there')
  if (!(error instanceof NotThere))
    bench.fail(`read(${path})`, saidOf({ how: 'threw', error }), 'a thrown NotThere, for nothing is there', error)
}

async function eachItsOwn(bench: StoreBench, paths: readonly string[]): Promise<void> {
  const files = paths.map((path, index) => fileOf(path, index + 1, 300))
  for (const file of files) {
    await bench.absent(file)
    await bench.put(file)
  }
  for (const file of files) await bench.there(file)
}

async function oneWinner(bench: StoreBench): Promise<void> {
  const another = await bench.by('another')
  const racing = Array.from({ length: writers }, (_, seed) => fileOf('conformance/raced.bin', seed + 1))
  const ends = await Promise.all(
    racing.map(async (file, index) => ({ file, ended: await bench.create(file, bodyOf(file), everyOther(index, bench.store, another)) })),
  )
  const accepted = ends.filter(({ ended }) => isAccepted(ended))
  const [winner, second] = accepted
  if (winner === undefined || second !== undefined)
    return bench.fail(
      'create(conformance/raced.bin)',
      `was accepted of ${accepted.length} of ${writers} writers with different bytes`,
      "one winner, and { outcome: 'exists' } for all others",
    )
  await bench.there(winner.file)
  await bench.there(winner.file, another)
}

export function everyOther(index: number, one: AnyStore, other: AnyStore): AnyStore {
  return index % 2 === 0 ? one : other
}

function isAccepted(ended: Ended<Written>): boolean {
  return ended.how === 'returned' && ended.answer.outcome === 'accepted'
}
