import { type Coordinates, type FileOutcome, isCoordinates, UsageError } from '@stagegate/schema'
import type { Item } from '../contract/capabilities.js'
import { expectFormat, shownAnswer } from '../contract/checked-repository.js'
import { type Ports, repositoryNamed } from '../ports.js'
import type { Delivery } from '../transfer/delivery.js'
import { type ArtifactDelivery, deliverAll } from './deliver-all.js'
import { refuseDoubles } from './stage-built.js'

/** A file as a program named it, its coordinates, and how to read its bytes. */
export interface NamedFile extends Pick<Delivery, 'open' | 'from'> {
  readonly path: string
  readonly item: Item
}

/**
 * The deliveries that bring files to all repositories of the ports.
 * @throws {UsageError} two files with the same place; a repository that lacks a method, or does not take the format of a file
 */
export function filesTo(files: readonly NamedFile[], ports: Ports): readonly ArtifactDelivery[] {
  const items = files.map(({ item }) => item)
  refuseDoubles(
    items,
    files.map(({ path }) => path),
    { twice },
  )
  const repositories = namesOf(ports).map((name) => ({
    plan: { repository: name, advisory: false },
    repository: repositoryNamed(ports, name, 'create'),
  }))
  for (const { plan, repository } of repositories)
    for (const { coordinates } of items) expectFormat(plan.repository, repository, coordinates)
  return files.map(({ path, item, ...source }) => ({
    is: 'package',
    target: path,
    item,
    ...source,
    destinations: repositories.map((one) => ({ ...one, item })),
  }))
}

/** Publishes the files. Returns an outcome for each file and repository. */
export async function deliverFiles(deliveries: readonly ArtifactDelivery[], ports: Ports): Promise<readonly FileOutcome[]> {
  const arrivals = await deliverAll(deliveries, ports)
  return arrivals.map(({ outcome: { target: path, destination, ...outcome } }) => ({
    path,
    repository: destination.repository,
    ...outcome,
  }))
}

/** @throws {UsageError} if there are no repositories */
function namesOf({ repositories }: Ports): readonly string[] {
  const names = repositories instanceof Map ? [...repositories.keys()] : Object.keys(repositories)
  if (names.length === 0) throw nothingNamed('repositories')
  return names
}

/**
 * Checks the result of a program's `at`. @throws {UsageError} a place that no repository can have: names must suit every server, without
 * blanks for example
 */
export function expectPlace(path: string, answer: unknown): Coordinates {
  if (isCoordinates(answer)) return answer
  throw new UsageError({
    code: 'usage/place',
    where: path,
    what: `at() returned no place for it: ${shownAnswer(answer)}`,
    next: "A plain file has { format: 'file', path }, with letters, digits and ._+~^@=- in the path. A package has { format, distribution, name, version, architecture, file }, which packageIn() reads from a local package. Nothing was sent.",
  })
}

const twice = { code: 'usage/same-file-twice', next: 'Remove one of them, or give them different places. Nothing was sent.' }

export function nothingNamed(what: string): UsageError {
  return new UsageError({ code: 'usage/no-files', what: `no ${what} are named`, next: `Name the ${what}. Nothing was done.` })
}
