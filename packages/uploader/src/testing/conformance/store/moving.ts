import { setImmediate as turn } from 'node:timers/promises'
import { version as versionOf } from '../../../store/index.js'
import { saidOf } from '../calls.js'
import { bodyOf, type File, fileOf, type StoreBench } from './bench.js'
import { brokenMoves } from './breaking.js'
import { everyOther, type StoreTrial } from './creating.js'

const [writers, rounds, increments] = [8, 3, 4]
/** As far apart as the clocks of two machines may be, in milliseconds: servers of S3 take no signature beyond. */
const mostSkew = 15 * 60_000

const indexOf = (seed: number): File => fileOf('conformance/index', seed)

/** What a store promises of files that move. */
export const movingTrials: readonly StoreTrial[] = [
  {
    name: 'replaceIf of an absent file',
    promise: 'A file moves from absent only while it is absent.',
    async run(bench) {
      const seen = await bench.move(indexOf(1), 'absent')
      const there = await bench.there(indexOf(1))
      if (there !== seen) bench.fail('replaceIf(conformance/index)', `says the version ${seen}`, `${there}, as observe() says`)
      await bench.stays(indexOf(2), 'absent', 'it is there')
      await bench.there(indexOf(1))
    },
  },
  {
    name: 'replaceIf of the version that is there',
    promise: 'A file moves from the version that it has, and has another one then.',
    async run(bench) {
      let seen = await bench.move(indexOf(1), 'absent')
      for (const seed of [2, 3, 4]) {
        const next = await bench.move(indexOf(seed), seen)
        if (next === seen) bench.fail('replaceIf(conformance/index)', `says the version ${next}`, 'another one, for the bytes are others')
        await bench.there(indexOf(seed))
        seen = next
      }
    },
  },
  {
    name: 'replaceIf of a stale version',
    promise: 'A file does not move from a version that it has no more.',
    async run(bench) {
      const stale = await bench.move(indexOf(1), 'absent')
      await bench.move(indexOf(2), stale)
      await bench.stays(indexOf(3), stale, 'the file has moved since')
      await bench.there(indexOf(2))
    },
  },
  {
    name: 'replaceIf of a version, where nothing is',
    promise: 'A file that is not there does not move from a version.',
    async run(bench) {
      const elsewhere = await bench.move(fileOf('conformance/other', 9), 'absent')
      await bench.stays(indexOf(1), elsewhere, 'nothing is there')
      await bench.absent(indexOf(1))
    },
  },
  {
    name: 'a created file moves',
    promise: 'A file that was created can move from the version that it has.',
    async run(bench) {
      await bench.put(indexOf(1))
      const seen = await bench.there(indexOf(1))
      await bench.stays(indexOf(2), versionOf(`${seen}0`), 'that is not its version')
      await bench.move(indexOf(3), seen)
      await bench.there(indexOf(3))
      const ended = await bench.create(indexOf(1), bodyOf(indexOf(1)))
      if (ended.how !== 'returned' || ended.answer.outcome !== 'exists')
        bench.fail('create(conformance/index)', saidOf(ended), "{ outcome: 'exists' }, for it is there")
    },
  },
  {
    name: `${writers} move at once`,
    promise: 'If many move a file from one version at once, one is told that it did, and its bytes are there.',
    needs: ['another'],
    run: oneMover,
  },
  {
    name: 'a counter of many',
    promise: 'No move is lost: each begins at the one before.',
    needs: ['another'],
    run: counted,
  },
  {
    name: 'readers while a file moves',
    promise: 'Readers get one state of a file as a whole, and its version, however often it moves meanwhile.',
    needs: ['another'],
    run: wholeStates,
  },
  ...brokenMoves,
  {
    name: 'list',
    promise: 'A list has each file below a folder once, with its size, and no other.',
    run: listed,
  },
  {
    name: 'the time of the server',
    promise: 'The time by the server’s clock goes on, and is one at which requests can be made.',
    needs: ['now'],
    run: timeGoesOn,
  },
]

async function oneMover(bench: StoreBench): Promise<void> {
  const another = await bench.by('another')
  let seen = await bench.move(indexOf(1), 'absent')
  for (let round = 1; round <= rounds; round++) {
    const racing = Array.from({ length: writers }, (_, index) => indexOf(100 * round + index))
    const ends = await Promise.all(
      racing.map(async (file, index) => ({
        file,
        ended: await bench.replace(file, bodyOf(file), seen, everyOther(index, bench.store, another)),
      })),
    )
    const won = ends.flatMap(({ file, ended }) =>
      ended.how === 'returned' && ended.answer.outcome === 'replaced' ? [{ file, version: ended.answer.version }] : [],
    )
    const [winner, second] = won
    if (winner === undefined || second !== undefined)
      return bench.fail('replaceIf(conformance/index)', `was done for ${won.length} of ${writers} from one version`, 'that one wins')
    const there = await bench.there(winner.file)
    if (there !== winner.version)
      bench.fail('replaceIf(conformance/index)', `says the version ${winner.version}`, `${there}, as observe() says`)
    seen = winner.version
  }
}

/** Each adds its lines to a file, one at a time, as writers of an index do. */
async function counted(bench: StoreBench): Promise<void> {
  const another = await bench.by('another')
  const path = indexOf(1).path
  await bench.move({ path, data: Buffer.from('begin\n') }, 'absent')
  const lines = Array.from({ length: writers }, (_, writer) => Array.from({ length: increments }, (_, turn) => `${writer}-${turn}\n`))
  await Promise.all(
    lines.map(async (own, writer) => {
      const on = everyOther(writer, bench.store, another)
      for (const line of own) await append(bench, { path, data: Buffer.from(line) }, on)
    }),
  )
  const { bytes } = await bench.read({ path })
  const there = bytes.toString().split('\n').slice(0, -1)
  const lost = lines.flat().filter((line) => there.filter((one) => `${one}\n` === line).length !== 1)
  if (lost.length > 0)
    bench.fail(
      `replaceIf(${path})`,
      `was done for ${lines.flat().length} lines, and ${lost.length} are not there once`,
      'that all are there',
    )
}

async function append(bench: StoreBench, { path, data }: File, on: StoreBench['store']): Promise<void> {
  const most = 50 * writers * increments
  for (let tries = 0; tries < most; tries++) {
    const { bytes, version } = await bench.read({ path }, on)
    const next = { path, data: Buffer.concat([bytes, data]) }
    const ended = await bench.replace(next, bodyOf(next), version, on)
    if (ended.how === 'threw') return bench.fail(`replaceIf(${path})`, saidOf(ended), "{ outcome: 'replaced' or 'changed' }", ended.error)
    if (ended.answer.outcome === 'replaced') return
    // Not all at the same moment again.
    await new Promise((done) => setTimeout(done, Math.random() * 10))
  }
  bench.fail(`replaceIf(${path})`, `was never done in ${most} tries`, 'that somebody gets on')
}

async function wholeStates(bench: StoreBench): Promise<void> {
  const another = await bench.by('another')
  const states = Array.from({ length: 6 }, (_, index) => fileOf('conformance/index', index + 1, 20_000 + 5000 * index))
  const first = indexOf(1)
  let seen = await bench.move({ ...first, data: states[0]?.data ?? first.data }, 'absent')
  const versions = new Map([[seen, 0]])
  let isMoving = true
  const reading = (async () => {
    const read: { readonly bytes: Buffer; readonly version: string }[] = []
    do {
      read.push(await bench.read(first, another))
      // A store in memory would leave nobody else a turn.
      await turn()
    } while (isMoving)
    return read
  })()
  try {
    for (const [index, state] of states.slice(1).entries()) {
      seen = await bench.move(state, seen)
      versions.set(seen, index + 1)
    }
  } finally {
    isMoving = false
    await reading.catch(() => undefined)
  }
  let last = 0
  for (const { bytes, version } of await reading) {
    const number = [...versions].find(([one]) => one === version)?.[1] ?? -1
    if (states[number]?.data.equals(bytes) !== true)
      bench.fail(
        'read(conformance/index)',
        `brought ${bytes.length} bytes with the version ${version}`,
        'one of the states, with its version',
      )
    if (number < last) bench.fail('read(conformance/index)', `brought state ${number} after state ${last}`, 'that a file does not go back')
    last = number
  }
}

async function listed(bench: StoreBench): Promise<void> {
  await noFiles(bench)
  const below = ['a/b/one.bin', 'a/b/two.bin', 'a/b/c/three +%~ü.bin'].map((path, index) => fileOf(path, index + 1, 100 + index))
  const beside = ['a/b.bin', 'a/bb/four.bin', 'b/a/b/five.bin', 'a/six.bin'].map((path, index) => fileOf(path, index + 10, 200 + index))
  for (const file of [...below, ...beside]) await bench.put(file)
  await bench.move(fileOf('a/b/index', 20, 50), 'absent')
  await bench.move(fileOf('a/b/index', 21, 60), await bench.there(fileOf('a/b/index', 20, 50)))
  await expectList(bench, fileOf('a/b').path, [...below, fileOf('a/b/index', 21, 60)])
  await expectList(bench, undefined, [...below, ...beside, fileOf('a/b/index', 21, 60)])
}

async function noFiles(bench: StoreBench): Promise<void> {
  await expectList(bench, undefined, [])
  await expectList(bench, fileOf('a/b').path, [])
}

async function expectList(bench: StoreBench, folder: File['path'] | undefined, files: readonly File[]): Promise<void> {
  const expected = files.map(({ path, data }) => `${path} ${data.length}`).sort()
  const said = (entries: Awaited<ReturnType<StoreBench['listed']>>) =>
    entries.map(({ path, size }) => `${path} ${size ?? files.find((file) => file.path === path)?.data.length}`).sort()
  const found = await bench.settled(
    async () => said(await bench.listed(folder)),
    (list) => list.length === expected.length,
  )
  if (found.join('\n') !== expected.join('\n'))
    bench.fail(`list(${folder ?? ''})`, `brought ${JSON.stringify(found)}`, JSON.stringify(expected))
}

async function timeGoesOn(bench: StoreBench): Promise<void> {
  const { now } = bench.store
  if (now === undefined) throw new Error('Expected a store with now()')
  const ask = async () => {
    const ended = await bench.ended('now()', now(bench.call()))
    return ended.how === 'returned' ? Date.parse(ended.answer) : bench.fail('now()', saidOf(ended), 'the time', ended.error)
  }
  const [first, second] = [await ask(), await ask()]
  const said = `said ${new Date(first).toISOString()}, then ${new Date(second).toISOString()}`
  if (second < first) bench.fail('now()', said, 'that time goes on')
  if (Math.abs(first - Date.now()) > mostSkew) bench.fail('now()', said, `a time at most 15 minutes from ${new Date().toISOString()}`)
}
