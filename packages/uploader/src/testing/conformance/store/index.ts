import { UsageError } from '@stagegate/schema'
import { expectKnown } from '../../../contract/options.js'
import type { ConformanceCase } from '../index.js'
import { StoreBench } from './bench.js'
import { breakingTrials } from './breaking.js'
import { copyingTrials } from './copying.js'
import { creatingTrials, type StoreTrial } from './creating.js'
import { movingTrials } from './moving.js'
import { type StoreConformanceOptions, type StorePlace, storeMeans, storeNeeds } from './place.js'
import { movingTroubleTrials, troubleTrials } from './trouble.js'

export type { StoreConformanceOptions, StoreMeans, StoreNeed, StorePlace } from './place.js'

/**
 * Tests of everything that a store promises to the layouts that lie on it, for any test runner.
 *
 * @param makeEmptyPlace opens a store with nothing in it, and gives means to break things; called for each case
 * @throws {UsageError} an unknown option
 * @example
 * import test from 'node:test'
 * const open = async () => ({ store: new SwiftStore(await startServer()), another: … })
 * for (const { name, run } of storeConformance(open, { moves: true, without: ['readOnly'] })) test(name, run)
 */
export function storeConformance(
  makeEmptyPlace: () => StorePlace | Promise<StorePlace>,
  options: StoreConformanceOptions = {},
): readonly ConformanceCase[] {
  expectKnown('storeConformance()', options, ['moves', 'copies', 'without', 'name', 'seenWithin', 'patience'])
  const { moves = false, copies = false, without = [] } = options
  for (const one of without) if (!storeNeeds.includes(one)) throw wrong(`storeConformance() knows no ${one} to be without`)
  const trials = [
    ...creatingTrials,
    ...breakingTrials,
    ...troubleTrials,
    ...(moves ? [...movingTrials, ...movingTroubleTrials] : []),
    ...(copies ? copyingTrials : []),
  ]
  return trials
    .filter(({ needs = [] }) => !needs.some((need) => without.includes(need)))
    .map((trial) => ({ name: trial.name, promise: trial.promise, run: () => tried(trial, makeEmptyPlace, options) }))
}

function wrong(what: string, next = `It knows ${storeNeeds.join(', ')}.`): UsageError {
  return new UsageError({ code: 'usage/options', what, next })
}

async function tried(
  trial: StoreTrial,
  makeEmptyPlace: () => StorePlace | Promise<StorePlace>,
  options: StoreConformanceOptions,
): Promise<void> {
  const place = await makeEmptyPlace()
  // JavaScript forgets a return.
  if (typeof place?.store !== 'object') throw wrong('storeConformance() was given no place', 'Its first argument returns { store, … }.')
  try {
    expectAbilities(place, options)
    expectMeans(trial, place, options)
    await trial.run(new StoreBench(place, trial.promise, options))
  } finally {
    await place.close?.()
  }
}

/** A store that can do more, or less, than it is said to is tried for the wrong things. */
function expectAbilities({ store }: StorePlace, { moves = false, copies = false }: StoreConformanceOptions): void {
  for (const [method, option, said] of [
    ['replaceIf', 'moves', moves],
    ['copy', 'copies', copies],
  ] as const)
    if ((store[method] !== undefined) !== said)
      throw new Error(
        said
          ? `The options say \`${option}\`, and the store has no ${method}().`
          : `The store has a ${method}(). Say so: \`${option}: true\`.`,
      )
}

/** Nothing is left out silently: what is missing is named by the author, and what is there is tried. */
function expectMeans({ name, needs = [] }: StoreTrial, place: StorePlace, { without = [] }: StoreConformanceOptions): void {
  const has = (need: string) =>
    need === 'now' ? place.store.now !== undefined : storeMeans.some((one) => one === need && place[one] !== undefined)
  for (const need of needs)
    if (need !== 'oneWinner' && !has(need))
      throw new Error(`"${name}" needs ${need}(), and the place has none. Give the place a ${need}(), or name it in \`without\`.`)
  for (const need of without)
    if (has(need)) throw new Error(`The place has a ${need}(), and \`without\` leaves its cases out. Take ${need} from \`without\`.`)
}
