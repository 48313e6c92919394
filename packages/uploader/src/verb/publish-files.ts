import { createReadStream } from 'node:fs'
import { type Coordinates, fileOf, type Outcome, UsageError } from '@stagegate/schema'
import pLimit from 'p-limit'
import { expectFormat } from '../contract/checked-repository.js'
import { expectOptions } from '../contract/options.js'
import { inspectPackage } from '../package/inspect.js'
import { type Ports, type Repositories, repositoryNamed, withDefaults } from '../ports.js'
import { type ArtifactDelivery, deliverAll } from './deliver-all.js'
import { contentOfFile } from './stage-files.js'

export interface PublishFilesOptions extends Omit<Ports, 'repositories'> {
  /** The repositories that get each of them, by names of your own. */
  readonly to: Repositories
  /** Where each file belongs in a repository: `packageIn('ubuntu/jammy')`, or your own paths for plain files. */
  readonly at: (path: string) => Coordinates | Promise<Coordinates>
}

/** An outcome, for one file and one repository. */
export interface PublishedFile extends Omit<Outcome, 'target' | 'destination'> {
  /** As it was given. */
  readonly path: string
  /** The name in `to`. */
  readonly repository: string
}

/**
 * Publishes local files to one repository or several: each is read once for all that lack it, and nothing that is there is replaced; other
 * bytes under its name are a `conflict`. It resolves with a verdict for each file and repository, and can be called again after any
 * failure; then it sends what is missing.
 *
 * @throws {UsageError} options of the wrong kind; a file that is not there, is empty or changes; two files of one place. Nothing was sent then
 * @throws {PackageError} a package that cannot be read
 * @example
 * const outcomes = await publishFiles(['dist/hello_1.2.3_amd64.deb'], { to: { mirror, stable }, at: packageIn('ubuntu/jammy') })
 * if (outcomes.some(({ verdict }) => !['published', 'already-public'].includes(verdict))) process.exitCode = 1
 */
export async function publishFiles(files: readonly string[], options: PublishFilesOptions): Promise<readonly PublishedFile[]> {
  const { to, at, ...rest } = options
  expectOptions({ ...rest, repositories: to }, 'repositories')
  if (!Array.isArray(files) || files.length === 0) throw noFiles
  if (typeof at !== 'function') throw noPlace
  const ports = { ...rest, repositories: to }
  const names = to instanceof Map ? [...to.keys()] : Object.keys(to)
  const { limits } = withDefaults(ports)
  const limit = pLimit(limits.concurrency)
  const items = await Promise.all(
    files.map((path) =>
      limit(async () => ({ path, item: { coordinates: await at(path), content: await contentOfFile(path, 'Nothing was sent.') } })),
    ),
  )
  const places = new Map<string, string>()
  for (const { path, item } of items) {
    const place = JSON.stringify(item.coordinates)
    const before = places.get(place)
    if (before !== undefined) throw sameTwice(before, path, fileOf(item.coordinates))
    places.set(place, path)
  }
  const repositories = names.map((name) => ({
    plan: { repository: name, advisory: false },
    repository: repositoryNamed(ports, name, 'create'),
  }))
  for (const { plan, repository } of repositories) for (const { item } of items) expectFormat(plan.repository, repository, item.coordinates)
  const deliveries = items.map(
    ({ path, item }): ArtifactDelivery => ({
      is: 'package',
      target: path,
      item,
      open: async ({ signal }) => createReadStream(path, { signal, highWaterMark: 256 * 1024 }),
      destinations: repositories.map((one) => ({ ...one, item })),
    }),
  )
  const arrivals = await deliverAll(deliveries, ports)
  return arrivals.map(({ outcome: { target: path, destination, ...outcome } }) => ({
    ...outcome,
    path,
    repository: destination.repository,
  }))
}

/**
 * Where a Debian or RPM package belongs: what it says of itself, for a distribution.
 * @throws {PackageError} no package, or one that cannot be read
 */
export function packageIn(distribution: string): (path: string) => Promise<Coordinates> {
  return async (path) => {
    const { format, name, version, architecture, canonicalFile: file } = await inspectPackage(path)
    return { format, distribution, architecture, name, version, file }
  }
}

const noFiles = new UsageError({ code: 'usage/no-files', what: 'there is nothing to publish', next: 'Name the files. Nothing was done.' })
const noPlace = new UsageError({
  code: 'usage/options',
  what: 'at is not a function from a file’s path to its place',
  next: "Write for example packageIn('ubuntu/jammy'). Nothing was done.",
})

function sameTwice(first: string, second: string, place: string): UsageError {
  return new UsageError({
    code: 'usage/same-file-twice',
    what: `${first} and ${second} are both ${place}`,
    next: 'Leave one of them out, or give them different places. Nothing was sent.',
  })
}
