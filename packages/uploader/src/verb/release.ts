import { realpath, stat } from 'node:fs/promises'
import { basename, dirname, isAbsolute, relative, resolve, sep } from 'node:path'
import {
  type Content,
  type Coordinates,
  isCoordinates,
  isLabel,
  isSha256,
  type ProgramOrigin,
  type ProgramReceipt,
  UsageError,
} from '@stagegate/schema'
import pLimit from 'p-limit'
import type { StagingRepository } from '../contract/capabilities.js'
import { expectKnown, expectOptions, type KnownOptions } from '../contract/options.js'
import { named, shown } from '../contract/shown.js'
import { findFiles } from '../file/find-files.js'
import type { ExpectedFile } from '../file/sha256sums.js'
import { inspectPackage } from '../package/inspect.js'
import { type Ports, portOptions, type Repositories, stagingNamed, withDefaults } from '../ports.js'
import { deliverFiles, expectPlace, filesTo, type NamedFile, nothingNamed } from './deliver-files.js'
import { opening } from './stage-built.js'
import { contentOfFile } from './stage-files.js'
import { coordinatesOf } from './stage-packages.js'
import { stagedContent } from './staged-content.js'
import { notEnded } from './to-come.js'

/** The options of `release`. */
export interface ReleaseOptions extends Omit<Ports, 'repositories'> {
  /** The product: `acme`. */
  readonly name: string
  /** The product's version, for the receipt. */
  readonly version: string
  /**
   * The source of the files: a folder of this machine, or a staging repository, whose files are named one by one. @default the working
   * directory
   */
  readonly from?: string | StagingRepository | undefined
  /**
   * Paths and patterns below the folder, such as `ubuntu/jammy/*.deb`; or `parseSha256Sums(text)`, files that must have the digests of a
   * list.
   */
  readonly files: readonly (string | ExpectedFile)[]
  /**
   * The place of each file in a repository, by its name in `files`, and its absolute path if it is a local file. Required for a staging
   * repository, where it is also the place to read from.
   * @default a package in the distribution that its folder names, `ubuntu/jammy`; another file under its path
   */
  readonly at?: ((file: string, path?: string) => Coordinates | Promise<Coordinates>) | undefined
  /** The repositories to publish to, under names of your own. */
  readonly to: Repositories
  /**
   * Who releases it, in your own words: `{ ci: 'jenkins', run: '4711', commit }`. It is copied into the receipt. @default nobody is named
   */
  readonly by?: ProgramOrigin | undefined
  /**
   * Called when all files are known, before any destination is asked, with the receipt that a process killed now would leave: everything is
   * undetermined. It is awaited; an error that it throws ends the run.
   */
  readonly onBegin?: ((receipt: ProgramReceipt) => Promise<void> | void) | undefined
}

const releaseOptions = {
  ...portOptions,
  name: 'needed',
  version: 'needed',
  files: 'needed',
  to: 'needed',
  from: 'optional',
  at: 'optional',
  by: 'optional',
  onBegin: 'optional',
} as const satisfies KnownOptions & Record<keyof ReleaseOptions, unknown>

/**
 * Releases files to one repository or several. Each file is read once for all repositories that lack it, and no existing file is replaced:
 * other bytes under its name are a `conflict`. It resolves with a receipt that has a verdict for each file and repository. After any
 * failure it can be called again, and then sends what is missing.
 *
 * @throws {UsageError} options of the wrong kind; a file that does not exist, is empty, changes or has a different digest; two files with
 *   the same place. Nothing was sent then
 * @throws {PackageError} a package that cannot be read
 * @throws {RepositoryError} the staging repository did not answer
 * @example
 * const receipt = await release({
 *   name: 'acme', version: '1.2.3', from: 'dist', files: ['ubuntu/jammy/*.deb'],
 *   to: { mirror: directory('public'), stable: packagecloud('acme/stable', { token: { variable: 'TOKEN' } }) },
 *   by: { ci: 'jenkins', run: '4711' },
 * })
 * process.exitCode = exitCodeOf(receipt.outcomes)
 */
export async function release(options: ReleaseOptions): Promise<ProgramReceipt> {
  expectKnown('release()', options, Object.keys(releaseOptions))
  const { name, version, from = '.', files, at, to, by, onBegin, ...rest } = options
  expectRelease(options)
  const ports = { ...rest, repositories: to }
  const { clock } = withDefaults(ports)
  const lying = typeof from === 'string' ? await localFiles(resolve(from), files, at, ports) : await stagedFiles(from, files, at, ports)
  const deliveries = filesTo(lying, ports)
  const receiptOf = (outcomes: ProgramReceipt['outcomes']): ProgramReceipt => ({
    apiVersion: 'stagegate/v1',
    kind: 'ProgramReceipt',
    ...(by && { by }),
    release: name,
    version,
    writtenAt: clock.now(),
    outcomes,
  })
  const now = clock.now()
  await onBegin?.(
    receiptOf(
      deliveries.flatMap(({ target: path, item, destinations }) =>
        destinations.map(({ plan }) => ({ path, repository: plan.repository, ...notEnded(item, now) })),
      ),
    ),
  )
  return receiptOf([...(await deliverFiles(deliveries, ports))])
}

/** @throws {UsageError} with the option that is wrong */
function expectRelease(options: ReleaseOptions): void {
  const { name, version, from, files, to, by, at } = options
  if (typeof to !== 'object' || to === null || Array.isArray(to) || typeof Reflect.get(to, 'observe') === 'function')
    throw wrong('to is not an object of repositories by name', 'Write for example { to: { mirror: directory(…) } }.')
  expectOptions({ ...options, repositories: to }, 'repositories')
  for (const [option, value] of Object.entries({ name, version }))
    if (typeof value !== 'string' || !isLabel(value))
      throw wrong(
        `${option} is ${typeof value === 'string' ? 'not a text of one line' : `a ${typeof value}, not a string`}`,
        "Write for example '1.2.3'.",
      )
  if (typeof files === 'string') throw wrong('files is a string, not a list', "Write for example ['hello/**'].")
  if (!Array.isArray(files) || files.length === 0) throw nothingNamed('files')
  if (!files.every(isNamed))
    throw wrong('files has an entry that is neither a path nor { file, sha256 }', 'Write for example parseSha256Sums(text).')
  if (typeof from === 'string' ? from === '' : from !== undefined && (typeof from !== 'object' || from === null))
    throw wrong('from is neither a folder nor a repository', "Write for example 'dist'.")
  if (at === undefined && typeof from === 'object')
    throw wrong('at is missing', 'Write at: a function from a file to its place in the staging repository.')
  const isOrigin = by === undefined || (typeof by === 'object' && by !== null && Object.values(by).every(isText))
  if (!isOrigin || Object.keys(by ?? { _: '' }).length === 0)
    throw wrong('by is not an object of strings', "Write for example { ci: 'jenkins', run: '4711' }, or leave it out.")
}

function isNamed(file: unknown): boolean {
  if (typeof file === 'string') return file !== ''
  const { file: name, sha256 }: Partial<ExpectedFile> = typeof file === 'object' && file !== null ? file : {}
  return typeof name === 'string' && name !== '' && typeof sha256 === 'string' && isSha256(sha256)
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && isLabel(value)
}

type At = ReleaseOptions['at']

/** The files of a folder that the patterns match. */
async function localFiles(folder: string, files: ReleaseOptions['files'], at: At, ports: Ports): Promise<readonly NamedFile[]> {
  const limit = pLimit(withDefaults(ports).limits.concurrency)
  const found = await Promise.all(files.map((file) => limit(() => matching(folder, file))))
  // A file that two patterns match counts once.
  const paths = new Map(found.flat().map((file) => [file.file, file]))
  await refuseOutside(folder, [...paths.keys()])
  return Promise.all(
    [...paths.values()].map(({ file: path, sha256 }) =>
      limit(async (): Promise<NamedFile> => {
        const absolute = resolve(folder, path)
        const coordinates = at === undefined ? await placeIn(folder, path) : expectPlace(path, await at(path, absolute))
        const content = await contentOfFile(absolute, 'Nothing was sent.')
        expectDigest(path, content, sha256)
        return { path, item: { coordinates, content }, open: opening(absolute) }
      }),
    ),
  )
}

/**
 * The place of a Debian or RPM package in a distribution, from the package's own metadata.
 * @throws {PackageError} if it is not a package, or cannot be read
 * @example
 * const at = packageIn('ubuntu/jammy')
 * const coordinates = await at('dist/acme_1.2.3_amd64.deb')
 */
export function packageIn(distribution: string): (file: string, path?: string) => Promise<Coordinates> {
  return async (file, path = file) => coordinatesOf(await inspectPackage(path), distribution)
}

interface Wanted {
  readonly file: string
  readonly sha256?: ExpectedFile['sha256']
}

/** @throws {UsageError} a pattern that no file matches */
async function matching(folder: string, file: string | ExpectedFile): Promise<readonly Wanted[]> {
  if (typeof file !== 'string') return [file]
  if (!/[*?[{!(]/.test(file)) return [{ file }]
  const next = 'Replace the link with the file, or leave it out. Nothing was sent.'
  const found = await findFiles([file], { folder, next })
  if (found.length > 0) return found.map((path) => ({ file: path }))
  const place = await stat(folder).catch(() => undefined)
  if (place?.isDirectory() !== true)
    throw wrong(
      `from is ${place === undefined ? `${folder}, which does not exist` : `the file ${folder}, not a folder`}`,
      'Name the folder that has the files.',
    )
  throw new UsageError({
    code: 'usage/no-files',
    what: `no file matches ${file} in ${folder}`,
    next: 'Check that it was built, and in this folder. Nothing was sent.',
  })
}

/**
 * A link that leads out of the folder is refused: its target may be any file of this machine.
 * @throws {UsageError} then
 */
async function refuseOutside(folder: string, paths: readonly string[]): Promise<void> {
  const root = `${await realpath(folder).catch(() => folder)}${sep}`
  for (const path of paths) {
    const absolute = resolve(folder, path)
    // The program itself gave a path that leads out.
    if (!absolute.startsWith(`${folder}${sep}`)) continue
    const real = await realpath(absolute).catch(() => undefined)
    // The reader reports a missing file.
    if (real === undefined || real.startsWith(root)) continue
    throw new UsageError({
      code: 'usage/link-outside',
      where: path,
      what: `it leads to ${named(real)}, which is not in ${named(folder)}`,
      next: 'Replace the link with the file, or name the folder that contains it. Nothing was sent.',
    })
  }
}

/**
 * A package's folder names its distribution; another file is published under its path.
 * @throws {UsageError} a path that cannot be a place in a repository
 */
async function placeIn(folder: string, path: string): Promise<Coordinates> {
  const inside = relative(folder, resolve(folder, path))
  const isPackage = /\.(?:deb|rpm)$/i.test(inside)
  const distribution = dirname(inside)
  const wrong = (what: string, next: string) =>
    new UsageError({ code: 'usage/place', where: path, what, next: `${next} Nothing was sent.` })
  if (inside.startsWith('..') || isAbsolute(inside))
    throw wrong(`it is not in ${folder}, so its path does not give its place`, 'Write at: a function from a file to its place.')
  if (isPackage && distribution === '.')
    throw wrong(
      'its folder names no distribution',
      `Put it into such a folder, ubuntu/jammy/${basename(path)}, or write at: packageIn('ubuntu/jammy').`,
    )
  const place: Coordinates = isPackage
    ? coordinatesOf(await inspectPackage(resolve(folder, path)), distribution)
    : { format: 'file', path: inside }
  if (isCoordinates(place)) return place
  throw wrong(
    isPackage ? `its folder ${shown(distribution)} is not a distribution` : 'its path is not valid in a repository',
    'Paths have only letters, digits and ._+~^@=-, and a distribution looks like ubuntu/jammy. Rename the file, or write at: a function from a file to its place.',
  )
}

/** The files of a staging repository, as they are now. */
async function stagedFiles(staging: StagingRepository, files: ReleaseOptions['files'], at: At, ports: Ports) {
  const inStaging = { ...ports, repositories: { staging } }
  const repository = stagingNamed(inStaging, 'staging', 'read')
  const wanted = files.map((file): Wanted => (typeof file === 'string' ? { file } : file))
  const limit = pLimit(withDefaults(inStaging).limits.concurrency)
  return Promise.all(
    wanted.map(({ file: path, sha256 }) =>
      limit(async (): Promise<NamedFile> => {
        const coordinates = expectPlace(path, await at?.(path))
        const { content, location } = await stagedContent(coordinates, repository, inStaging)
        expectDigest(path, content, sha256)
        const from = repository.host ?? 'staging'
        return { path, item: { coordinates, content }, from, open: (call) => repository.read(location, call) }
      }),
    ),
  )
}

/** @throws {UsageError} different bytes than the list says */
function expectDigest(path: string, { sha256 }: Content, expected: ExpectedFile['sha256'] | undefined): void {
  if (expected === undefined || expected === sha256) return
  throw new UsageError({
    code: 'usage/other-bytes',
    where: path,
    what: `its sha256 is ${sha256}, but the list has ${expected}`,
    next: 'Find out who changed the file, or whether the list is of another build. Nothing was sent.',
  })
}

function wrong(what: string, next: string): UsageError {
  return new UsageError({ code: 'usage/options', what, next: `${next} Nothing was done.` })
}
