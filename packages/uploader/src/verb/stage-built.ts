import { createReadStream } from 'node:fs'
import type { Readable } from 'node:stream'
import { canonical, fileOf, type StagedArtifact, type StagingRecord, UsageError } from '@stagegate/schema'
import pLimit from 'p-limit'
import type { Call, Item } from '../contract/capabilities.js'
import { expectFormat } from '../contract/checked-repository.js'
import { stagingNamed, withDefaults } from '../ports.js'
import { type ArtifactDelivery, deliverAll } from './deliver-all.js'
import { attemptOf, recordOf, type Staging } from './staging.js'
import { incomplete } from './staging-incomplete.js'

/** How a target's built files become artifacts. */
export interface Built {
  /** The globs that matched the files, for messages. */
  readonly patterns: readonly string[]
  /** Reads a file, and returns its place and its content. */
  itemOf(path: string): Promise<Item>
  /** Returns warnings about them for the record; throws if nothing may be staged. @default none */
  warningsOf?(items: readonly Item[]): readonly string[]
  /** The error for two files with the same place in a repository. */
  readonly twice: { readonly code: string; readonly next: string }
}

/** Uploads the built files of a target, but only if all of them are sound. */
export async function stageBuilt(staging: Staging, built: Built): Promise<StagingRecord> {
  const { options, target, repository } = staging
  if (options.files.length === 0) {
    throw new UsageError({
      code: 'usage/no-files',
      what: `there is nothing to stage for ${target.id}`,
      next: `Its build must leave files that match ${built.patterns.join(' ')}.`,
    })
  }
  const destination = { plan: { repository, advisory: false }, repository: stagingNamed(options, repository, 'create') }
  const { clock, limits } = withDefaults(options)
  // A few at a time: each is read, and a package's control archive is unpacked in memory.
  const limit = pLimit(limits.concurrency)
  const items = await Promise.all(options.files.map((file) => limit(() => built.itemOf(file))))
  for (const { coordinates } of items) expectFormat(repository, destination.repository, coordinates)
  refuseDoubles(items, options.files, built)
  const warnings = built.warningsOf?.(items) ?? []
  const deliveries = items.map((item, index): ArtifactDelivery => {
    const path = options.files[index] ?? ''
    return {
      is: 'package',
      target: target.id,
      item,
      open: opening(path),
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
  return recordOf(staging, { artifacts, warnings }, clock.now())
}

/** Two files with the same place cannot both be sent: it would be chance which one a user gets. */
export function refuseDoubles(items: readonly Item[], files: readonly string[], { twice }: Pick<Built, 'twice'>): void {
  const first = new Map<string, number>()
  for (const [index, { coordinates }] of items.entries()) {
    const place = canonical(coordinates)
    const before = first.get(place)
    if (before !== undefined)
      throw new UsageError({ ...twice, what: `${files[before]} and ${files[index]} are both ${fileOf(coordinates)}` })
    first.set(place, index)
  }
}

/** Opens a local file again for each reading. */
export function opening(path: string): (call: Call) => Promise<Readable> {
  return async ({ signal }) => createReadStream(path, { signal, highWaterMark: 256 * 1024 })
}
