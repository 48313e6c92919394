import {
  checkReceipt,
  checkReleaseManifest,
  digestOf,
  type Finding,
  type Instant,
  later,
  type Origin,
  type PlannedDestination,
  type Receipt,
  type ReleaseManifest,
  type Sha256,
  type Verification,
} from '@stagegate/schema'
import { streamOf } from '../contract/call.js'
import type { Call, Item } from '../contract/capabilities.js'
import type { Clock } from '../contract/clock.js'
import { tellListener } from '../contract/listener.js'
import { expectCall, type KnownOptions } from '../contract/options.js'
import { readDigest } from '../contract/read-digest.js'
import { addedBy } from '../image/added-by.js'
import { readThrough } from '../image/read-through.js'
import type { Ports } from '../ports.js'
import { portOptions, repositoryNamed, withDefaults } from '../ports.js'
import { sendTimeoutFor } from '../transfer/limits.js'
import { look, type Sought } from '../transfer/look.js'
import { coordinatesAt, destinedArtifactsOf, type SealedArtifact } from './artifact.js'
import { goneSince, isGone, lastSeenPublic, type PublicationTimes } from './gone.js'
import { type Found, foundBy, lookUntilSettled } from './look-until-settled.js'
import { type PackageManagers, PackageReaders } from './package-readers.js'
import { findingsToCome } from './to-come.js'

/** The options of `verify`. */
export interface VerifyOptions extends Ports {
  /** @default all */
  readonly targets?: readonly string[] | undefined
  /** The job or program that reads. */
  readonly origin: Origin
  /**
   * Receipts that limit the reading of images to the layers that the release moved. For layers that already existed the registry is only
   * asked, and the finding says so. A killed run leaves no receipt, so for the next run its layers already existed.
   * @default all layers are read
   */
  readonly receipts?: readonly Receipt[] | undefined
  /**
   * Receipts of the jobs that published it. An artifact that a receipt saw in public and that is missing now is gone; `verify` does not
   * wait for it.
   * @default none
   */
  readonly published?: readonly Receipt[] | undefined
  /**
   * Package managers that read targets back as well as our own reader, by the targets' names. Both have to get the sealed bytes, and a
   * finding says which of them did not. Packages in repositories that no package manager can read are read only by our own reader.
   * @default none
   */
  readonly packageManagers?: PackageManagers | undefined
  /** How long to wait for a repository that indexes late, in milliseconds. @default 10 minutes */
  readonly deadline?: number | undefined
  /**
   * Called before the first look, with the verification that a job killed now would leave. It is awaited; an error that it throws ends the
   * run.
   */
  readonly onBegin?: ((verification: Verification) => Promise<void>) | undefined
  /**
   * Called when an artifact is not found as it was sealed, with the milliseconds until the next look. A listener that fails is ignored, as
   * in `onEvent`.
   */
  readonly onWait?: ((finding: Finding, milliseconds: number) => void) | undefined
}

const verifyOptions = {
  ...portOptions,
  repositories: 'needed',
  origin: 'needed',
  targets: 'optional',
  receipts: 'optional',
  published: 'optional',
  packageManagers: 'optional',
  deadline: 'optional',
  onBegin: 'optional',
  onWait: 'optional',
} as const satisfies KnownOptions & Record<keyof VerifyOptions, unknown>

/** An artifact at a destination, and what is known about it before it is read. */
interface Place extends Sought {
  /** @default no receipt saw it in public */
  readonly past: PublicationTimes | undefined
}

/** The same, with the names of its target and its repository. */
interface NamedPlace extends Place {
  readonly target: string
  readonly name: string
}

/**
 * Reads the public repositories back as their users do, and reports for each artifact what they get. It looks again, until the deadline,
 * for an artifact that is not there yet or whose state is unknown.
 * @throws {DocumentError} an invalid manifest or receipt
 * @throws {UsageError} a wrong call: an unknown target, one that is not published, a missing repository, a package manager that is not
 *   installed on this machine
 * @example
 * const { findings } = await verify(manifest, { origin: manifest.origin, repositories: { stable: directory('public') } })
 * process.exitCode = exitCodeOfFindings(findings)
 */
export async function verify(given: ReleaseManifest, options: VerifyOptions): Promise<Verification> {
  expectCall('verify()', options, verifyOptions)
  const ports = withDefaults(options)
  const manifest = checkReleaseManifest(given)
  const receipts = (options.receipts ?? []).map((receipt, index) => checkReceipt(receipt, `receipts.${index}`))
  const published = (options.published ?? []).map((receipt, index) => checkReceipt(receipt, `published.${index}`))
  const deadline = (options.deadline ?? 10 * 60_000) / 1000
  const end = later(ports.clock.now(), deadline)
  const artifacts = destinedArtifactsOf(manifest, options.targets)
  const repositoryOf = (name: string) => repositoryNamed(options, name)
  for (const { repository } of artifacts.flatMap(({ destinations }) => destinations)) repositoryOf(repository)
  const packageReaders = await PackageReaders.open(options.packageManagers ?? {}, artifacts, repositoryOf)
  await options.onBegin?.(verificationOf(manifest, options.origin, findingsToCome(artifacts, ports.clock.now())))
  const lookAt = lookerOf({ ...options, receipts, published }, { ports, manifest, deadline, end, packageReaders })
  try {
    const findings = artifacts.flatMap((one) => one.destinations.map((destination) => lookAt(one, destination)))
    return verificationOf(manifest, options.origin, await Promise.all(findings))
  } finally {
    await packageReaders.close()
  }
}

/** Shared by all looks of one run. */
interface Run {
  readonly ports: ReturnType<typeof withDefaults>
  readonly manifest: ReleaseManifest
  /** In seconds. */
  readonly deadline: number
  readonly end: Instant
  readonly packageReaders: PackageReaders
}

/** Looks for an artifact at one of its destinations until the finding is settled. */
function lookerOf(options: VerifyOptions, { ports, manifest, deadline, end, packageReaders }: Run) {
  const { receipts = [], published = [] } = options
  return async ({ target, artifact, tags }: SealedArtifact, destination: PlannedDestination): Promise<Finding> => {
    const { content } = artifact
    const coordinates = coordinatesAt(artifact.coordinates, destination, tags)
    const repository = repositoryNamed(options, destination.repository)
    const host = ports.hosts.of(repository.host ?? destination.repository)
    const as = (found: Omit<Found, 'settled'>) => ({ target, destination, coordinates, ...found, checkedAt: ports.clock.now() })
    const onWait = (found: Omit<Found, 'settled'>, wait: number) => tellListener(() => options.onWait?.(as(found), wait))
    const publicAt = lastSeenPublic(published, digestOf(manifest), { target, destination, coordinates })
    // If it cannot be asked whether the artifact is gone, it gets the same time, from then on.
    const past = publicAt && { publicAt, goneAfter: later(publicAt, deadline) }
    const place = { target, name: destination.repository, repository, item: { coordinates, content }, past }
    const patience = { host, timeout: sendTimeoutFor(content, ports.limits), end }
    const lookOnce = async (call: Call) => withDigests(await asEverybodyDoes(place, call, ports.clock, packageReaders), content.sha256)
    const found = await lookUntilSettled(lookOnce, patience, ports, onWait)
    if (coordinates.format !== 'image' || found.found !== 'sealed-bytes') return as(found)
    const reads = addedBy(receipts, digestOf(manifest), { target, destination, coordinates })
    const emit = () => undefined
    const through = await readThrough({ repository, destination, host, at: coordinates, content, reads }, { ...ports, emit })
    // The digest that was seen is the tag's, and does not show the problem below it.
    return as(through.found === 'sealed-bytes' ? { ...found, ...through } : through)
  }
}

function verificationOf(manifest: ReleaseManifest, origin: Origin, findings: Finding[]): Verification {
  const { release } = manifest
  return { apiVersion: 'stagegate/v1', kind: 'Verification', origin, manifest: digestOf(manifest), release, findings }
}

/** With our own reader, and with the target's package manager, if it has one. */
async function asEverybodyDoes(place: NamedPlace, call: Call, clock: Clock, packageReaders: PackageReaders): Promise<Found> {
  const ours = await asUsersDo(place, call, clock)
  try {
    return await packageReaders.beside(ours, place, call)
  } catch (error) {
    return foundBy(error, call, place.item.content.sha256)
  }
}

async function asUsersDo(place: Place, call: Call, clock: Clock): Promise<Found> {
  const { repository, item, past } = place
  const absent = async (): Promise<Found> =>
    past !== undefined && (await isGone(place, past, call, clock))
      ? { ...goneSince(past.publicAt), settled: true }
      : { found: 'not-there-yet', settled: false }
  if (repository.served === undefined) {
    const state = await look(place, call, clock)
    if (state.is === 'unknown') return { found: state.final ? 'refused' : 'unknown', problem: state.because, settled: state.final }
    if (state.is === 'absent') return absent()
    return judged(state.is === 'same' ? item.content.sha256 : state.sha256, item)
  }
  try {
    const stream = await streamOf(call, repository.served(item.coordinates, call))
    if (stream === undefined) return absent()
    return judged((await readDigest(stream)).sha256, item)
  } catch (error) {
    return foundBy(error, call, item.content.sha256)
  }
}

/** Names both digests, where the public bytes are others and nothing else says more. */
function withDigests(found: Found, sealed: Sha256): Found {
  const { found: word, seen, problem } = found
  if (word !== 'other-bytes' || seen === undefined || problem !== undefined) return found
  const message = `A different file is public: its sha256 is ${seen}, and that of the sealed file is ${sealed}.\nFind out who changed it, and restore the released file.`
  return { ...found, problem: { code: 'content/conflict', message } }
}

function judged(seen: Sha256, { content }: Item): Found {
  return { found: seen === content.sha256 ? 'sealed-bytes' : 'other-bytes', seen, settled: true }
}
