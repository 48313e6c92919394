import { type Coordinates, isCoordinates, type Outcome, UsageError } from '@stagegate/schema'
import pLimit from 'p-limit'
import type { Item } from '../contract/capabilities.js'
import { expectFormat, shownAnswer } from '../contract/checked-repository.js'
import { expectOptions } from '../contract/options.js'
import { inspectPackage } from '../package/inspect.js'
import { type Ports, type Repositories, repositoryNamed, withDefaults } from '../ports.js'
import { type ArtifactDelivery, deliverAll } from './deliver-all.js'
import { opening, refuseDoubles } from './stage-built.js'
import { contentOfFile } from './stage-files.js'
import { coordinatesOf } from './stage-packages.js'

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
  if (!Array.isArray(files) || files.length === 0 || files.some((path) => typeof path !== 'string')) throw nothingNamed('files')
  if (typeof at !== 'function')
    throw new UsageError({
      code: 'usage/options',
      what: 'at is not a function from a file’s path to its place',
      next: "Write for example packageIn('ubuntu/jammy'). Nothing was done.",
    })
  const ports = { ...rest, repositories: to }
  const names = to instanceof Map ? [...to.keys()] : Object.keys(to)
  if (names.length === 0) throw nothingNamed('repositories')
  const { limits } = withDefaults(ports)
  const limit = pLimit(limits.concurrency)
  const items = await Promise.all(
    files.map((path) =>
      limit(
        async (): Promise<Item> => ({
          coordinates: placeOf(path, await at(path)),
          content: await contentOfFile(path, 'Nothing was sent.'),
        }),
      ),
    ),
  )
  refuseDoubles(items, files, { twice })
  const repositories = names.map((name) => ({
    plan: { repository: name, advisory: false },
    repository: repositoryNamed(ports, name, 'create'),
  }))
  for (const { plan, repository } of repositories)
    for (const { coordinates } of items) expectFormat(plan.repository, repository, coordinates)
  const deliveries = items.map((item, index): ArtifactDelivery => {
    const path = files[index] ?? ''
    return { is: 'package', target: path, item, open: opening(path), destinations: repositories.map((one) => ({ ...one, item })) }
  })
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
  return async (path) => coordinatesOf(await inspectPackage(path), distribution)
}

/** @throws {UsageError} a place that no repository has: one name for all servers, without blanks and the like */
function placeOf(path: string, answer: unknown): Coordinates {
  if (isCoordinates(answer)) return answer
  throw new UsageError({
    code: 'usage/place',
    where: path,
    what: `at() answered no place for it: ${shownAnswer(answer)}`,
    next: "A plain file has { format: 'file', path }, its parts of letters, digits and ._+~^@=-; a package what packageIn() says. Nothing was sent.",
  })
}

const twice = { code: 'usage/same-file-twice', next: 'Leave one of them out, or give them different places. Nothing was sent.' }

function nothingNamed(what: string): UsageError {
  return new UsageError({ code: 'usage/no-files', what: `no ${what} are named`, next: `Name the ${what}. Nothing was done.` })
}
