import { createReadStream } from 'node:fs'
import { basename } from 'node:path'
import { type Coordinates, fileOf, type PlannedTarget, type StagedArtifact, type StagingRecord, UsageError } from '@stagegate/schema'
import pLimit from 'p-limit'
import type { Item } from '../contract/capabilities.js'
import { readDigest } from '../contract/read-digest.js'
import { contradictions } from '../package/contradictions.js'
import { inspectPackage } from '../package/inspect.js'
import { stagingNamed, withDefaults } from '../ports.js'
import { type ArtifactDelivery, deliverAll } from './deliver-all.js'
import { attemptOf, recordOf, type Staging } from './staging.js'
import { incomplete } from './staging-incomplete.js'

type PackageTarget = PlannedTarget['what'] & { readonly type: 'package' }

/** Uploads a target's packages. Each is named by what it says of itself, never by its file name. */
export async function stagePackages(staging: Staging, what: PackageTarget): Promise<StagingRecord> {
  const { options, target, repository } = staging
  if (options.files.length === 0) {
    throw new UsageError({
      code: 'usage/no-files',
      what: `there is nothing to stage for ${target.id}`,
      next: `Its build must leave files that match ${what.files.join(' ')}.`,
    })
  }
  const destination = { plan: { repository, advisory: false }, repository: stagingNamed(options, repository) }
  const { clock, limits } = withDefaults(options)
  // A few at a time: each is read, and its control archive unpacked in memory.
  const limit = pLimit(limits.concurrency)
  const items = await Promise.all(options.files.map((file) => limit(() => itemOf(file, target, what))))
  refuseDoubles(items, options.files)
  const deliveries = items.map((item, index): ArtifactDelivery => {
    const path = options.files[index] ?? ''
    return {
      is: 'package',
      target: target.id,
      item,
      open: async ({ signal }) => createReadStream(path, { signal, highWaterMark: 256 * 1024 }),
      destinations: [{ ...destination, item }],
    }
  })

  await options.onBegin?.(attemptOf(staging, clock.now()))
  const arrivals = await deliverAll(deliveries, options)
  const artifacts: StagedArtifact[] = []
  for (const { outcome, location } of arrivals) {
    if (location === undefined) throw incomplete(arrivals, repository)
    artifacts.push({ coordinates: outcome.coordinates, content: outcome.expected, repository, location })
  }
  return recordOf(staging, artifacts, clock.now())
}

async function itemOf(path: string, target: PlannedTarget, { distribution, architecture }: PackageTarget): Promise<Item> {
  const identity = await inspectPackage(path)
  const wrong = contradictions(identity, { ...(distribution && { distribution }), ...(architecture && { architecture }) }, basename(path))
  if (wrong.length > 0) {
    const what = wrong.map(({ message }) => message).join('\n')
    throw new UsageError({
      code: wrong[0]?.code ?? 'package/contradiction',
      what,
      where: path,
      next: `Nothing of ${target.id} was staged.`,
    })
  }
  if (distribution === undefined)
    throw new UsageError({
      code: 'usage/distribution',
      what: `the plan does not say which distribution ${target.id} is for`,
      next: 'Give the target a distribution, and synth again.',
    })
  const { format, name, version, canonicalFile: file } = identity
  const coordinates: Coordinates = { format, distribution, architecture: identity.architecture, name, version, file }
  return { coordinates, content: await readDigest(createReadStream(path, { highWaterMark: 256 * 1024 })) }
}

/** Two files of one identity cannot both be staged: which one a user would get would be chance. */
function refuseDoubles(items: readonly Item[], files: readonly string[]): void {
  const first = new Map<string, number>()
  for (const [index, { coordinates }] of items.entries()) {
    const before = first.get(fileOf(coordinates))
    if (before !== undefined) {
      const what = `${files[before]} and ${files[index]} are both ${fileOf(coordinates)}`
      throw new UsageError({ code: 'usage/same-package-twice', what, next: 'Leave one of them out of the target.' })
    }
    first.set(fileOf(coordinates), index)
  }
}
