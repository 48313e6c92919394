import { type Coordinates, isPackage, type PackageCoordinates, type Problem, type Sha256, UsageError } from '@stagegate/schema'
import { answerOf } from '../contract/call.js'
import type { Call, Item, PublicRepository } from '../contract/capabilities.js'
import type { Brought, PackageClient, PackageManager, PackageManagerName } from '../contract/package-manager.js'
import { named } from '../contract/shown.js'
import type { SealedArtifact } from './artifact.js'
import type { Found } from './look-until-settled.js'

/** Package managers, by the names of the targets that they read. */
export type PackageManagers = Readonly<Record<string, PackageManager>>

/** The packages that a package manager reads: source packages are different ones. */
const reads: Readonly<Record<PackageManagerName, (at: PackageCoordinates) => boolean>> = {
  apt: ({ format, architecture }) => format === 'deb' && architecture !== 'source',
  dnf: ({ format, architecture }) => format === 'rpm' && !['src', 'nosrc'].includes(architecture),
}

/** The program that users call. */
const program: Readonly<Record<PackageManagerName, string>> = { apt: 'apt-get', dnf: 'dnf' }

/** An artifact at a repository. */
interface Place {
  readonly target: string
  /** The repository's name in the plan. */
  readonly name: string
  readonly repository: PublicRepository
  readonly item: Item
}

/** Reads packages back with package managers, each source in its own root. */
export class PackageReaders {
  readonly #managers: ReadonlyMap<string, PackageManager>
  readonly #architectures: readonly string[]
  readonly #clients = new Map<string, Promise<PackageClient>>()

  private constructor(managers: ReadonlyMap<string, PackageManager>, artifacts: readonly SealedArtifact[]) {
    this.#managers = managers
    const packages = artifacts.map(({ artifact }) => artifact.coordinates).filter(isPackage)
    this.#architectures = [...new Set(packages.map(({ architecture }) => architecture))].sort()
  }

  /** @throws {UsageError} a package manager that is not installed on this machine, or that reads nothing of its target */
  static async open(
    managers: PackageManagers,
    artifacts: readonly SealedArtifact[],
    repositoryOf: (name: string) => PublicRepository,
  ): Promise<PackageReaders> {
    const used = new Map(Object.entries(managers).filter(([target]) => artifacts.some((one) => one.target === target)))
    for (const [target, manager] of used) {
      const isRead = artifacts.some(
        (one) =>
          one.target === target &&
          isReadBy(manager, one.artifact.coordinates) &&
          one.destinations.some(({ repository }) => repositoryOf(repository).sourceOf !== undefined),
      )
      if (!isRead) throw nothingToRead(target, manager.name)
    }
    for (const manager of new Set(used.values())) await manager.expectHere()
    return new PackageReaders(used, artifacts)
  }

  /** If our own reader found the artifact, also asks the package manager. */
  async beside(ours: Found, { target, name, repository, item }: Place, call: Call): Promise<Found> {
    const { coordinates, content } = item
    const manager = this.#managers.get(target)
    if (manager === undefined || repository.sourceOf === undefined || !isReadBy(manager, coordinates)) return ours
    // The package manager is asked only after our reader found the package.
    if (!ours.settled || ours.found === 'gone') return ours
    const isSealed = ours.found === 'sealed-bytes'
    try {
      const client = await this.#clientOf(manager, { name, repository, at: coordinates }, call)
      const theirs = await client.fetch(coordinates, call)
      return isSealed ? judged(ours, theirs, content.sha256, manager.name) : told(ours, theirs, content.sha256, manager.name)
    } catch (error) {
      // Our own reader found enough.
      if (!isSealed) return ours
      throw error
    }
  }

  /** Removes everything that the package managers left on this machine. */
  async close(): Promise<void> {
    const clients = await Promise.allSettled(this.#clients.values())
    await Promise.all(clients.map((client) => (client.status === 'fulfilled' ? client.value.close() : undefined)))
  }

  /** One for each source: a suite, or a folder. */
  async #clientOf(
    manager: PackageManager,
    { name, repository, at }: { readonly name: string; readonly repository: PublicRepository; readonly at: PackageCoordinates },
    call: Call,
  ): Promise<PackageClient> {
    const key = JSON.stringify([manager.name, name, at.distribution])
    const opening = async () => {
      const source = await answerOf(call, Promise.resolve(repository.sourceOf?.(at, call)))
      if (source?.manager !== manager.name) throw notItsSource(name, manager.name)
      return manager.open(source, this.#architectures)
    }
    const known = this.#clients.get(key)
    if (known !== undefined) return answerOf(call, known)
    const client = opening()
    this.#clients.set(key, client)
    client.catch(() => this.#clients.delete(key))
    return client
  }
}

function isReadBy({ name }: PackageManager, at: Coordinates): at is PackageCoordinates {
  return isPackage(at) && reads[name](at)
}

/** Our own reader got the sealed bytes. */
function judged(ours: Found, theirs: Brought, sealed: Sha256, by: PackageManagerName): Found {
  if (theirs.got === 'package' && theirs.content.sha256 === sealed) return { ...ours, by }
  const said = `Stagegate’s own reader gets the sealed bytes, but ${wordsOf(theirs, sealed, program[by])}`
  switch (theirs.got) {
    case 'package':
      return { found: 'other-bytes', seen: theirs.content.sha256, problem: problem('client/other-bytes', said), settled: true }
    case 'nothing':
      return { found: 'not-there-yet', problem: problem('client/not-listed', said), settled: false }
    // A cache between two states may soon be right again.
    case 'refusal':
      return { found: 'index-broken', problem: problem('client/refused', said), settled: false }
  }
}

/** Our own reader found a problem, and it mentions what the package manager found. */
function told(ours: Found, theirs: Brought, sealed: Sha256, by: PackageManagerName): Found {
  const also = `By comparison, ${wordsOf(theirs, sealed, program[by])}`
  const { problem: known } = ours
  if (known === undefined)
    return { ...ours, problem: problem('client/other-bytes', `Stagegate’s own reader gets different bytes. ${also}`) }
  const [first = '', ...more] = known.message.split('\n')
  return { ...ours, problem: { ...known, message: [first, also, ...more].join('\n') } }
}

function wordsOf(theirs: Brought, sealed: Sha256, name: string): string {
  switch (theirs.got) {
    case 'package':
      return `${name} gets ${theirs.content.sha256 === sealed ? 'the sealed bytes' : theirs.content.sha256}.`
    case 'nothing':
      return `${name} does not find the package in the index.`
    case 'refusal':
      return `${name} refuses it: ${theirs.words}`
  }
}

function problem(code: string, message: string): Problem {
  return { code, message }
}

function nothingToRead(target: string, by: PackageManagerName): UsageError {
  return new UsageError({
    code: 'usage/package-manager',
    what: `${program[by]} can read nothing of the target ${named(target)}: it has no such packages, or its repositories have no index for them`,
    next: 'Verify it without a package manager. Nothing was verified.',
  })
}

function notItsSource(name: string, by: PackageManagerName): UsageError {
  return new UsageError({
    code: 'usage/package-manager',
    what: `the repository ${named(name)} has no source that ${program[by]} can read`,
    next: 'Verify this target without a package manager.',
  })
}
