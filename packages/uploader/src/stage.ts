import { createReadStream } from 'node:fs'
import { basename } from 'node:path'
import {
  bytes,
  type Content,
  type Coordinates,
  describeCoordinates,
  digestOf,
  fileOf,
  holdMargin,
  type Instant,
  isPackage,
  later,
  type Origin,
  type Outcome,
  type PlannedImage,
  type PlannedRelease,
  type PlannedTarget,
  type ReleasePlan,
  type StagedArtifact,
  StagegateError,
  type StagingAttempt,
  type StagingRecord,
  sha256,
  UsageError,
} from '@stagegate/schema'
import pLimit from 'p-limit'
import { exitCodeOf } from './exit-code.js'
import { imageRepository } from './image/image-repository.js'
import { type BuiltImage, stageImage, stagingTagOf } from './image/stage-image.js'
import { contradictions } from './package/contradictions.js'
import { inspectPackage } from './package/inspect.js'
import { findTarget } from './plan.js'
import type { Ports } from './ports.js'
import type { Item } from './repository/capabilities.js'
import { complete, deliverAll, stagingNamed, tell } from './run.js'
import type { Delivery } from './transfer/deliver.js'
import type { Happening } from './transfer/event.js'
import { readDigest } from './transfer/read-digest.js'

export interface StageOptions extends Ports {
  /** The target's id in the plan. */
  readonly target: string
  /** Needed only where several releases have a target of that id. */
  readonly release?: string | undefined
  /** Paths of the built packages. */
  readonly files: readonly string[]
  readonly origin: Origin
  /** Of an image that the build left as a layout: where it is. @default the build has pushed it to staging */
  readonly built?: BuiltImage | undefined
  /** The image's tag in staging. @default one of this commit and pipeline */
  readonly tag?: string | undefined
  /** What was built is sound, and nothing has been asked of staging yet. Waited for; an error that it throws ends it. */
  readonly onBegin?: ((attempt: StagingAttempt) => Promise<void>) | undefined
}

/** Not everything is in staging. `outcomes` says what happened to each file. */
export class StagingIncomplete extends StagegateError {
  readonly outcomes: readonly Outcome[]

  constructor(outcomes: readonly Outcome[], parts: { code: string; what: string; next: string }) {
    super(parts)
    this.outcomes = outcomes
  }
}

/**
 * Uploads one target's packages to staging and returns the record of what is there now. Running it again with the same
 * files moves nothing. Packages are named by what they say of themselves, never by their file names.
 *
 * @throws {UsageError} no files; a target that the kind does not stage; a package that contradicts its target
 * @throws {PackageError} a file that is not a sound package
 * @throws {StagingIncomplete} a conflict with what is in staging already, or a file that did not arrive
 */
export async function stage(plan: ReleasePlan, options: StageOptions): Promise<StagingRecord> {
  const { release, target } = findTarget(plan, options.target, options.release)
  const kind = options.origin.pipelineKind
  const repository = target.routes[kind]?.staging
  if (repository === undefined) {
    throw new UsageError({
      code: 'usage/route',
      what: `${target.id} is not staged in the kind ${kind}`,
      next: `It is staged in: ${stagedKinds(target)}.`,
    })
  }
  const { what } = target
  if (what.type === 'image') return stageAnImage(plan, options, release, target, what, repository)
  if (options.files.length === 0) {
    throw new UsageError({
      code: 'usage/no-files',
      what: `there is nothing to stage for ${target.id}`,
      next: `Its build must leave files that match ${what.files.join(' ')}.`,
    })
  }
  const destination = { plan: { repository, advisory: false }, repository: stagingNamed(options, repository) }
  const { clock, limits } = complete(options)
  // A few at a time: each is read, and its control archive unpacked in memory.
  const limit = pLimit(limits.concurrency)
  const items = await Promise.all(options.files.map((file) => limit(() => itemOf(file, target, what))))
  refuseDoubles(items, options.files)
  const deliveries = items.map((item, index): Delivery => {
    const path = options.files[index] ?? ''
    return {
      target: target.id,
      item,
      open: async ({ signal }) => createReadStream(path, { signal, highWaterMark: 256 * 1024 }),
      destinations: [{ ...destination, item }],
    }
  })

  await options.onBegin?.(attemptOf(plan, options, release, target, repository, clock.now()))
  const arrivals = await deliverAll(deliveries, options)
  const artifacts: StagedArtifact[] = []
  for (const { outcome, location } of arrivals) {
    if (location === undefined) throw incomplete(arrivals.map((arrival) => arrival.outcome))
    artifacts.push({ coordinates: outcome.coordinates, content: outcome.expected, repository, location })
  }
  return recordOf(plan, options, release, target, artifacts, clock.now())
}

async function stageAnImage(
  plan: ReleasePlan,
  options: StageOptions,
  release: PlannedRelease,
  target: PlannedTarget,
  what: PlannedImage,
  repository: string,
): Promise<StagingRecord> {
  const ports = complete(options)
  const emit = (event: Happening) => tell(options, { at: ports.clock.now(), target: target.id, coordinates, content, ...event })
  const coordinates: Coordinates = { format: 'image', image: what.image, tag: options.tag ?? stagingTagOf(options.origin) }
  const content = options.built?.content ?? nothing
  const staging = imageRepository(repository, stagingNamed(options, repository))
  const { built, tag, origin } = options
  await options.onBegin?.(attemptOf(plan, options, release, target, repository, ports.clock.now()))
  const artifact = await stageImage({ target, what, repository, staging, origin, built, tag }, { ...ports, emit })
  if ('verdict' in artifact) throw incomplete([artifact])
  return recordOf(plan, options, release, target, [artifact], ports.clock.now())
}

/** Of an image that the build has pushed, nothing is known before it is looked at. */
const nothing: Content = { sha256: sha256('0'.repeat(64)), size: bytes(0) }

function attemptOf(
  plan: ReleasePlan,
  { origin, built, files }: StageOptions,
  release: PlannedRelease,
  target: PlannedTarget,
  repository: string,
  begunAt: Instant,
): StagingAttempt {
  return {
    apiVersion: 'stagegate/v1',
    kind: 'StagingAttempt',
    origin: { ...origin, plan: digestOf(plan) },
    release: release.id,
    target: target.id,
    repository,
    files: built === undefined ? [...files] : [built.from],
    begunAt,
  }
}

function recordOf(
  plan: ReleasePlan,
  options: StageOptions,
  release: PlannedRelease,
  target: PlannedTarget,
  artifacts: StagedArtifact[],
  stagedAt: Instant,
): StagingRecord {
  return {
    apiVersion: 'stagegate/v1',
    kind: 'StagingRecord',
    origin: { ...options.origin, plan: digestOf(plan) },
    release: release.id,
    target: target.id,
    artifacts,
    stagedAt,
    expiresAt: later(stagedAt, release.hold + holdMargin),
  }
}

async function itemOf(
  path: string,
  target: PlannedTarget,
  { distribution, architecture }: PlannedTarget['what'] & { type: 'package' },
): Promise<Item> {
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

function incomplete(outcomes: readonly Outcome[]): StagingIncomplete {
  const conflict = outcomes.find(({ verdict }) => verdict === 'conflict')
  if (conflict !== undefined) {
    return new StagingIncomplete(outcomes, {
      code: 'staging/conflict',
      what: `staging has another ${describeCoordinates(conflict.coordinates)}: ${conflict.seen} there, ${conflict.expected.sha256} here`,
      next: 'Staging is never overwritten. Build under a new version, or find out which of the two builds is the right one.',
    })
  }
  const of = ({ coordinates, problem, verdict }: Outcome) =>
    `${describeCoordinates(coordinates)} is not in staging: ${problem?.message ?? verdict}`
  // A package that changes while it is read is still being written; a layout stays as it was built.
  const refused = outcomes.find(
    (outcome) => exitCodeOf([outcome]) === 3 && !(isPackage(outcome.coordinates) && outcome.verdict === 'tampered'),
  )
  if (refused !== undefined) {
    return new StagingIncomplete(outcomes, {
      code: 'staging/refused',
      what: of(refused),
      next: 'Running the job again helps when that is mended; it then sends only what is missing.',
    })
  }
  const late = outcomes.find((outcome) => exitCodeOf([outcome]) !== 0)
  return new StagingIncomplete(outcomes, {
    code: 'staging/incomplete',
    what: late === undefined ? 'not everything is in staging' : of(late),
    next: 'Running the job again sends only what is missing.',
  })
}

function stagedKinds({ routes }: PlannedTarget): string {
  const kinds = Object.keys(routes).filter((kind) => routes[kind]?.staging !== undefined)
  return kinds.length === 0 ? 'none' : kinds.join(', ')
}
