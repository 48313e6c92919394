import { UsageError } from '@stagegate/schema'
import { expectKnown } from '../../contract/options.js'
import { makersOf } from './artifacts.js'
import { Bench } from './bench.js'
import { breakingTrials } from './breaking.js'
import type { Trial } from './case.js'
import { copyingTrials } from './copying.js'
import { formatTrial } from './formats.js'
import { imageTrials } from './images.js'
import { listingTrials } from './listing.js'
import { type ConformanceOptions, means, needs, ofServers, optional, type Place } from './place.js'
import { troubleTrials } from './trouble.js'
import { writingTrials } from './writing.js'

export { type BrokenPromise, ConformanceError } from './conformance-error.js'
export type { ConformanceOptions, Means, Need, Optional, Place } from './place.js'

/** One test, for any runner. */
export interface ConformanceCase {
  /** With the format that it is about: `file: nothing is overwritten`. */
  readonly name: string
  /** The promise that it tries, as a sentence. */
  readonly promise: string
  /** Rejects with a `ConformanceError` that names the promise, the method, what came and what was expected. */
  run(): Promise<void>
}

/**
 * Tests of everything that a repository promises to the engine, for any test runner.
 *
 * @param makeEmptyPlace opens a repository with nothing in it, and gives means to break things; called for each case
 * @throws {UsageError} an unknown option
 * @example
 * import test from 'node:test'
 * const open = async () => ({ repository: new Shelf(await startServer()), another: … })
 * for (const { name, run } of repositoryConformance(open, { formats: ['file'], without: ['readOnly'] })) test(name, run)
 */
export function repositoryConformance(
  makeEmptyPlace: () => Place | Promise<Place>,
  options: ConformanceOptions,
): readonly ConformanceCase[] {
  expectKnown('repositoryConformance()', options, ['formats', 'without', 'index', 'name', 'distributions', 'listedWithin', 'patience'])
  const { formats, without = [], index = false } = options
  if (!Array.isArray(formats) || formats.length === 0) throw wrong('repositoryConformance() needs at least one format', known)
  for (const one of formats) if (!known.includes(one)) throw wrong(`repositoryConformance() knows no format ${one}`, known)
  for (const one of without) if (!needs.includes(one)) throw wrong(`repositoryConformance() knows no ${one} to be without`, needs)
  const trials = [
    formatTrial(options),
    ...makersOf(options).flatMap((maker) => [
      ...writingTrials(maker, !without.includes('oneWinner')),
      ...breakingTrials(maker),
      ...troubleTrials(maker),
      ...(maker.format === 'image' ? [] : copyingTrials(maker)),
      ...(index && maker.format !== 'image' ? listingTrials(maker) : []),
    ]),
    ...(formats.includes('image') ? imageTrials : []),
  ]
  return trials
    .filter(({ needs: of = [] }) => !of.some((need) => without.includes(need)))
    .map((trial) => ({ name: trial.name, promise: trial.promise, run: () => tried(trial, makeEmptyPlace, options) }))
}

const known: readonly string[] = ['deb', 'rpm', 'file', 'image']

function wrong(what: string, known: readonly string[], next = `It knows ${known.join(', ')}.`): UsageError {
  return new UsageError({ code: 'usage/options', what, next })
}

/** JavaScript forgets a return. */
function isPlace(value: unknown): value is Place {
  return typeof value === 'object' && value !== null && 'repository' in value
}

async function tried(trial: Trial, makeEmptyPlace: () => Place | Promise<Place>, options: ConformanceOptions): Promise<void> {
  const place: unknown = await makeEmptyPlace()
  if (!isPlace(place)) throw wrong('repositoryConformance() was given no place', [], 'Its first argument returns { repository, … }.')
  try {
    expectMeans(trial, place, options)
    await trial.run(new Bench(place, trial.promise, options))
  } finally {
    await place.close?.()
  }
}

/** Nothing is left out silently: what is missing is named by the author, and what is there is tried. */
function expectMeans({ name, needs: of = [] }: Trial, place: Place, { without = [], index = false }: ConformanceOptions): void {
  if ((place.repository.list !== undefined) !== index)
    throw new Error(
      index ? 'The options say `index`, and the repository has no list().' : 'The repository has a list(). Say so: `index: true`.',
    )
  const has = (need: string) => [...means, ...optional].some((one) => one === need) && Reflect.get(owner(need, place), need) !== undefined
  for (const need of of)
    if (!ofServers.some((one) => one === need) && !has(need))
      throw new Error(`"${name}" needs ${need}(), and the place has none. Give the place a ${need}(), or name it in \`without\`.`)
  for (const need of without)
    if (has(need)) throw new Error(`The place has a ${need}(), and \`without\` leaves its cases out. Take ${need} from \`without\`.`)
}

function owner(need: string, place: Place): object {
  return optional.some((one) => one === need) ? place.repository : place
}
