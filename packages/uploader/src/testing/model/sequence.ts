import type { Outcome } from '@stagegate/schema'
import fc from 'fast-check'
import { expect } from 'vitest'
import type { Item } from '../../contract/capabilities.js'
import { placeOf } from '../fixtures.js'
import { nothingWrong, type Script, script } from './faults.js'
import { judge } from './judge.js'
import type { Meanwhile, Run } from './run.js'
import type { Server, Traits } from './server.js'
import { virtualTime } from './time.js'
import { type Shape, World } from './world.js'

/** What somebody else does. The numbers choose an artifact and a public server. */
interface Deed {
  readonly what: 'tamper' | 'cut' | 'expire' | 'publish the same' | 'publish other bytes'
  readonly artifact: number
  readonly server: number
}

/** What happens at one of a run's points. */
interface Turn {
  readonly at: number
  readonly what: 'kill' | 'stop' | Deed
}

type Step =
  | { readonly step: 'stage'; readonly staging: Script; readonly turns: readonly Turn[] }
  | {
      readonly step: 'publish'
      readonly staging: Script
      readonly publics: readonly Script[]
      readonly targets: readonly number[] | undefined
      readonly turns: readonly Turn[]
      /** A second run at the same time. */
      readonly beside: { readonly turns: readonly Turn[] } | undefined
    }
  | { readonly step: 'deed'; readonly deed: Deed }
  | { readonly step: 'wait'; readonly minutes: number }

interface Sequence {
  readonly shape: Shape
  readonly steps: readonly Step[]
}

const deed: fc.Arbitrary<Deed> = fc.record({
  what: fc.constantFrom('tamper', 'cut', 'expire', 'publish the same', 'publish other bytes'),
  artifact: fc.nat(3),
  server: fc.nat(2),
})
const turn: fc.Arbitrary<Turn> = fc.record({
  at: fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 80 })),
  what: fc.oneof(
    { weight: 3, arbitrary: fc.constant('kill' as const) },
    { weight: 2, arbitrary: fc.constant('stop' as const) },
    { weight: 2, arbitrary: deed },
  ),
})
const turns = fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: fc.array(turn, { minLength: 1, maxLength: 2 }) })
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 1, arbitrary: fc.record({ step: fc.constant('stage' as const), staging: script, turns }) },
  {
    weight: 4,
    arbitrary: fc.record({
      step: fc.constant('publish' as const),
      staging: script,
      publics: fc.array(script, { minLength: 3, maxLength: 3 }),
      targets: fc.oneof(
        { weight: 3, arbitrary: fc.constant(undefined) },
        { weight: 1, arbitrary: fc.uniqueArray(fc.nat(3), { minLength: 1, maxLength: 3 }) },
      ),
      turns,
      beside: fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fc.record({ turns }) }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ step: fc.constant('deed' as const), deed }) },
  { weight: 1, arbitrary: fc.record({ step: fc.constant('wait' as const), minutes: fc.constantFrom(1, 4, 20) }) },
)

const traits: fc.Arbitrary<Traits> = fc.record({
  host: fc.constantFrom(undefined, undefined, 'one'),
  reads: fc.boolean(),
  inPlace: fc.oneof({ weight: 2, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
})
// One in four is more than what is held back of it.
const size = fc.constantFrom(0, 1, 700, 900, 3000, 65_536, 65_537, 150_000)
const artifact = fc.record({
  size,
  distribution: fc.constantFrom('ubuntu/jammy', 'debian/bookworm'),
  file: fc.constantFrom('acme_1.2.3_amd64.deb', 'acme-doc_1.2.3_all.deb'),
})

/** Mostly few, so that there is time for many worlds. */
function mostlyFew<T>(most: number, arrayOf: (maxLength: number) => fc.Arbitrary<T>): fc.Arbitrary<T> {
  return fc.oneof({ weight: 3, arbitrary: arrayOf(Math.min(2, most)) }, { weight: 1, arbitrary: arrayOf(most) })
}

/** Worlds with so many public repositories, and what happens in them. */
function sequences({ least, most }: Publics): fc.Arbitrary<Sequence> {
  return fc.record({
    shape: fc.record({
      staging: traits,
      publics: mostlyFew(most, (maxLength) => fc.array(traits, { minLength: least, maxLength })),
      artifacts: mostlyFew(4, (maxLength) =>
        fc.uniqueArray(artifact, { minLength: 1, maxLength, selector: ({ distribution, file }) => `${distribution}/${file}` }),
      ),
      concurrency: fc.integer({ min: 1, max: 4 }),
      door: fc.constantFrom('publish', 'release'),
      seed: fc.nat(),
    }),
    steps: fc.array(step, { minLength: 1, maxLength: 5 }),
  })
}

interface Publics {
  readonly least: number
  readonly most: number
}

/** The same again: MODEL_SEED=SEED, as the failed test names it. More of them: MODEL_RUNS. */
const { MODEL_SEED, MODEL_RUNS } = process.env
const firstSeed = Number(MODEL_SEED ?? 1)
export const seeds: readonly number[] = [0, 1, 2, 3].map((index) => firstSeed + index)

/** Makes up sequences, and plays each. A failure is made as small as can be, and told with what leads to it again. */
export async function playMany(seed: number, publics: Publics): Promise<void> {
  await fc.assert(fc.asyncProperty(sequences(publics), play), { seed, numRuns: Number(MODEL_RUNS ?? 250) })
}

/** Plays a sequence, and judges after each step and at the end. */
async function play({ shape, steps }: Sequence): Promise<void> {
  virtualTime.start()
  try {
    const world = new World(shape)
    const setUp = world.run()
    await virtualTime.until(world.stage(setUp))
    for (const one of steps) {
      const before = picture(world)
      await take(world, one)
      stands(world, before)
    }
    await endsWell(world)
  } finally {
    virtualTime.end()
  }
}

async function take(world: World, one: Step): Promise<void> {
  switch (one.step) {
    case 'wait':
      return virtualTime.pass(one.minutes * 60_000)
    case 'deed':
      return act(world, one.deed)
    case 'stage':
      world.staging.play(one.staging)
      return together(world, [{ turns: one.turns, start: (run) => world.stage(run) }])
    case 'publish': {
      world.staging.play(one.staging)
      for (const [index, server] of world.publics.entries()) server.play(one.publics[index] ?? nothingWrong)
      const targets = one.targets?.filter((target) => target < world.items.length)
      const start = (run: Run) => world.publish(run, targets?.length === 0 ? undefined : targets)
      return together(world, [{ turns: one.turns, start }, ...(one.beside === undefined ? [] : [{ turns: one.beside.turns, start }])])
    }
  }
}

/** Runs at the same time. Of one that was killed nothing is heard any more. */
async function together(
  world: World,
  runs: readonly { readonly turns: readonly Turn[]; readonly start: (run: Run) => Promise<readonly Outcome[]> }[],
): Promise<void> {
  const alone = runs.length === 1 && runs.every(({ turns }) => turns.every(({ what }) => typeof what === 'string'))
  const started = runs.map(({ turns, start }) => {
    const run = world.run(turns.map((one) => meanwhile(world, one)))
    return { run, outcomes: start(run) }
  })
  await virtualTime.until(Promise.all(started.map(({ outcomes }) => outcomes)))
  // What a server does wrong to one, another can feel.
  const wronged = started.flatMap(({ run }) => [...run.wronged])
  for (const { run } of started) for (const host of wronged) run.wronged.add(host)
  for (const { run, outcomes } of started) if (!run.dead) judge(world, run, await outcomes, alone)
  // Whatever ended has closed what it had open.
  expect(world.servers.flatMap(({ streams }) => streams).filter(({ destroyed }) => !destroyed)).toHaveLength(0)
  if (started.every(({ run }) => !run.dead)) expect(virtualTime.waiting).toBe(0)
}

function meanwhile(world: World, { at, what }: Turn): Meanwhile {
  if (what === 'kill') return { at, act: (run) => run.kill() }
  if (what === 'stop') return { at, act: (run) => run.stop() }
  return {
    at,
    act: (run) => {
      act(world, what)
      if (what.what === 'expire') run.bereft = true
    },
  }
}

function act(world: World, { what, artifact: index, server: number }: Deed): void {
  const item = world.items[index % world.items.length]
  const server = world.publics[number % world.publics.length]
  if (item === undefined || server === undefined) return
  const place = placeOf(item.coordinates)
  const staged = world.staging.store.get(place)
  switch (what) {
    case 'tamper':
      if (staged !== undefined) staged.data = Buffer.concat([staged.data.subarray(0, -1), Buffer.from('#')])
      return
    case 'cut':
      if (staged !== undefined) staged.data = staged.data.subarray(0, staged.data.length / 2)
      return
    case 'expire':
      world.staging.store.delete(place)
      return
    case 'publish the same':
      server.put(place, world.bytesOf(item))
      return
    case 'publish other bytes':
      server.put(place, Buffer.from('something else'))
  }
}

type Picture = ReadonlyMap<string, Buffer>

/** What is public. */
function picture({ publics }: World): Picture {
  return new Map(
    publics.flatMap(({ name, store }) =>
      [...store].filter(([, { by }]) => by !== 'part of ours').map(([place, { data }]) => [`${name} ${place}`, data]),
    ),
  )
}

/** Statements 1 and 2, and whatever was noticed on the way. */
function stands(world: World, before: Picture): void {
  const now = picture(world)
  const lost = new Set(world.publics.flatMap(({ name, lost: places }) => [...places].map((place) => `${name} ${place}`)))
  const wrong = [...world.violations]
  for (const [key, data] of before) if (now.get(key) !== data && !lost.has(key)) wrong.push(`${key} is not as it was`)
  for (const { name, store } of world.publics)
    for (const item of world.items) {
      const stored = store.get(placeOf(item.coordinates))
      if (stored?.by === 'us' && !stored.data.equals(world.bytesOf(item))) wrong.push(`${name} has from us what was not sealed`)
    }
  expect(wrong).toEqual([])
}

/** Statement 4: once everybody behaves, a run ends with everything public or says why not; and another one moves nothing. */
async function endsWell(world: World): Promise<void> {
  virtualTime.pass(2 * 60 * 60_000)
  for (const server of world.servers) server.recover()
  const expected = world.items.flatMap((item) => world.publics.map((server) => verdictFor(world, item, server)))
  const before = picture(world)
  const verdicts = async (run: Run) => (await virtualTime.until(world.publish(run))).map(({ verdict }) => verdict)
  expect(await verdicts(world.run())).toEqual(expected)
  stands(world, before)
  const there = picture(world)
  const again = world.run()
  expect(await verdicts(again)).toEqual(expected.map((verdict) => (verdict === 'published' ? 'already-public' : verdict)))
  for (const [key, bytes] of again.received) if (there.has(key)) expect(bytes, `sent again to ${key}`).toBe(0)
  stands(world, there)
}

function verdictFor(world: World, item: Item, { store, traits: { inPlace } }: Server): Outcome['verdict'] {
  const place = placeOf(item.coordinates)
  const sealed = world.bytesOf(item)
  const there = store.get(place)
  if (there !== undefined) return there.data.equals(sealed) ? 'already-public' : 'conflict'
  const staged = world.staging.store.get(place)
  if (staged === undefined) return 'missing'
  if (staged.data.equals(sealed)) return 'published'
  // What such a server keeps of an upload that was broken off is something else, unless it is to be nothing.
  return !inPlace ? 'tampered' : sealed.length === 0 ? 'published' : 'conflict'
}
