import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import {
  checkReleaseManifest,
  describeCoordinates,
  describeProblem,
  fileOf,
  isStagegateError,
  type Origin,
  type ReleaseManifest,
  StagegateError,
  UsageError,
} from '@stagegate/schema'
import { causeOf, streamOf, withDeadline } from '../contract/call.js'
import { expectCall, expectText, type KnownOptions } from '../contract/options.js'
import { problemOf } from '../contract/problem.js'
import { isFinal, RepositoryRefusal } from '../contract/refusal.js'
import { placed } from '../contract/repository-error.js'
import { admit } from '../gate/gate.js'
import { makeFolder } from '../make-folder.js'
import type { Ports } from '../ports.js'
import { portOptions, stagingNamed, withDefaults } from '../ports.js'
import type { RecordStore } from '../records/record-store.js'
import { replaceFile } from '../store/directory/create-file.js'
import { ContentMismatch } from '../transfer/content-mismatch.js'
import { type FanOut, fanOut } from '../transfer/fan-out.js'
import { artifactsOf, type SealedArtifact } from './artifact.js'

/** The options of `fetchStaged`. */
export interface FetchOptions extends Ports {
  /** @default all */
  readonly targets?: readonly string[] | undefined
  /** The job or program that fetches. */
  readonly origin: Origin
  /** The folder that packages and files are put into, each target in its own: `TARGET/FILE`. */
  readonly to: string
  /** Where seals are recorded; with it, a manifest that was changed after sealing is refused. */
  readonly records?: RecordStore | undefined
}

/** A file that was fetched. */
export interface Fetched {
  /** The target's id in the plan. */
  readonly target: string
  /** Where it is now. */
  readonly path: string
}

const fetchOptions = {
  ...portOptions,
  repositories: 'needed',
  origin: 'needed',
  to: 'needed',
  targets: 'optional',
  records: 'optional',
} as const satisfies KnownOptions & Record<keyof FetchOptions, unknown>

/**
 * Downloads the sealed artifacts from staging to a folder, for a deployment to install: exactly the bytes that will be published, verified
 * by digest. A file is complete or absent.
 *
 * @throws {DocumentError} an invalid manifest
 * @throws {GateError} a manifest of another pipeline, altered, or past its hold
 * @throws {ContentMismatch} staging has different bytes than were sealed
 * @throws {NotThere} staging lost them
 * @throws {UsageError} the folder cannot be written to
 * @throws {RepositoryError} staging could not be read; unless it is `final`, running it again can help
 * @example
 * const repositories = { staging: directory('staging') }
 * for (const { path } of await fetchStaged(manifest, { to: 'packages', origin: manifest.origin, repositories })) console.log(path)
 */
export async function fetchStaged(given: ReleaseManifest, options: FetchOptions): Promise<readonly Fetched[]> {
  expectCall('fetchStaged()', options, fetchOptions)
  expectText('to', options.to, 'packages')
  const { clock, limits, signal } = withDefaults(options)
  const manifest = checkReleaseManifest(given)
  // Images are deployed from their registry, by the digest that the manifest has.
  const artifacts = artifactsOf(manifest, options.targets).filter(({ artifact }) => artifact.coordinates.format !== 'image')
  await admit(manifest, { origin: options.origin, now: clock.now(), records: options.records })
  await expectWritable(options.to)
  const common = new Map([...pathsByTarget(artifacts)].map(([target, paths]) => [target, commonFolder(paths)]))
  const fetched: Fetched[] = []
  for (const { target, artifact } of artifacts) {
    const { coordinates, content, location, repository } = artifact
    const name = fileOf(coordinates).slice(common.get(target)?.length)
    const path = join(options.to, ...target.split('/').map(folderName), name)
    await withDeadline(clock, limits.sendTimeout, signal, async (call) => {
      let fan: FanOut | undefined
      try {
        fan = fanOut(await streamOf(call, stagingNamed(options, repository).read(location, call)), content, 1)
        for (const body of fan.bodies) await replaceFile(path, body.stream())
      } catch (error) {
        if (error instanceof ContentMismatch)
          throw new ContentMismatch(error.expected, error.seen, `${describeCoordinates(coordinates)} in ${repository}`)
        const reason = unread(causeOf(call, error), `${describeCoordinates(coordinates)} in ${repository}`)
        const isStaging = !signal.aborted && (fan === undefined || (await isBroken(fan)))
        throw isStaging ? placed(reason, { side: 'staging', repository, operation: 'read' }) : reason
      }
    })
    fetched.push({ target, path })
  }
  return fetched
}

async function expectWritable(folder: string): Promise<void> {
  try {
    await makeFolder(folder)
    await access(folder, constants.W_OK)
  } catch (cause) {
    if (!isFinal(cause) && !(cause instanceof Error && 'code' in cause && cause.code === 'EEXIST')) throw cause
    throw new UsageError({
      code: 'usage/folder',
      where: folder,
      what: `this folder is not writable (${problemOf(cause).message})`,
      next: 'Name another one. Nothing was fetched.',
      cause,
    })
  }
}

/** Whether the reading failed, rather than the use of the bytes. */
async function isBroken({ bodies, release, done }: FanOut): Promise<boolean> {
  for (const body of bodies) release(body)
  return done.then(
    () => false,
    () => true,
  )
}

/** An error of a repository means that the state is unknown, unless asking again would not help. */
function unread(error: unknown, where: string): unknown {
  if (isStagegateError(error)) return error
  const parts = { where, what: `it could not be fetched: ${describeProblem(problemOf(error))}`, cause: error }
  if (isFinal(error)) return new RepositoryRefusal({ code: 'repository/unreadable', ...parts, next: 'Give this job access to it.' })
  return new StagegateError({ code: 'staging/unread', ...parts, next: 'Run the job again.' })
}

function pathsByTarget(artifacts: readonly SealedArtifact[]): ReadonlyMap<string, readonly string[]> {
  const paths = new Map<string, string[]>()
  for (const { target, artifact } of artifacts) {
    const known = paths.get(target) ?? []
    known.push(fileOf(artifact.coordinates))
    paths.set(target, known)
  }
  return paths
}

/** The common folder of all these paths, up to its slash: a plain file has its whole public path, and `TARGET/` replaces that folder. */
function commonFolder([first = '', ...others]: readonly string[]): string {
  const folders = first.split('/').slice(0, -1)
  const differs = folders.findIndex((_, index) => {
    const folder = `${folders.slice(0, index + 1).join('/')}/`
    return others.some((path) => !path.startsWith(folder))
  })
  return folders
    .slice(0, differs === -1 ? folders.length : differs)
    .map((folder) => `${folder}/`)
    .join('')
}

/** Targets are labels, which may contain any character; none may lead out of the folder. */
function folderName(part: string): string {
  return encodeURIComponent(part).replace(/^\./, '%2E')
}
