import { type Coordinates, type Finding, isSha256, later, type Problem, type Sha256, StagegateError, UsageError } from '@stagegate/schema'
import { answerOf, streamOf } from '../contract/call.js'
import type { Call, PublicRepository } from '../contract/capabilities.js'
import { checkedRepository, shownAnswer } from '../contract/checked-repository.js'
import { tellListener } from '../contract/listener.js'
import { expectCall, type KnownOptions } from '../contract/options.js'
import { readDigest } from '../contract/read-digest.js'
import type { ExpectedFile } from '../file/sha256sums.js'
import { type Ports, portOptions, withDefaults } from '../ports.js'
import { type Found, foundBy, lookUntilSettled } from './look-until-settled.js'

/** The options of `verifyFiles`. */
export interface VerifyFilesOptions extends Omit<Ports, 'repositories' | 'onEvent'> {
  /** Read as its users do, with `served`. */
  readonly repository: PublicRepository
  /** The place of each file in the repository. @default a plain file under its name */
  readonly at?: ((file: string) => Coordinates) | undefined
  /** How long to wait for a repository that shows files late, in milliseconds. 0 looks once. @default 10 minutes */
  readonly deadline?: number | undefined
  /** Called when a file is not found as expected, with the milliseconds until the next look. */
  readonly onWait?: ((file: VerifiedFile, milliseconds: number) => void) | undefined
}

const { onEvent: _, ...ports } = portOptions
const verifyOptions = {
  ...ports,
  repository: 'needed',
  at: 'optional',
  deadline: 'optional',
  onWait: 'optional',
} as const satisfies KnownOptions & Record<keyof VerifyFilesOptions, unknown>

/** A file as its users get it. */
export interface VerifiedFile extends ExpectedFile {
  /** `refused`: the repository gives no access, and will not until somebody changes that. */
  readonly found: 'expected-bytes' | Exclude<Finding['found'], 'sealed-bytes' | 'gone'>
  /** The digest of the bytes that were found. */
  readonly seen?: Sha256
  /** Why they are not the expected bytes. */
  readonly problem?: Problem
}

/**
 * Reads files back as their users do, and compares their digests. Findings do not make it reject. It looks again, until the deadline, for a
 * file that is not there yet or whose state is unknown.
 * @throws {UsageError} options of the wrong kind
 * @example
 * const found = await verifyFiles(parseSha256Sums(text), { repository, at: (file) => ({ format: 'file', path: `1.2.3/${file}` }) })
 * process.exitCode = exitCodeOfFindings(found)
 */
export async function verifyFiles(files: readonly ExpectedFile[], options: VerifyFilesOptions): Promise<readonly VerifiedFile[]> {
  expectCall('verifyFiles()', options, verifyOptions)
  const { repository: given, at = plainFile, deadline = 10 * 60_000, onWait, ...rest } = options
  const repository = checkedRepository('repository', given)
  const ports = withDefaults({ ...rest, repositories: { repository } })
  if (!Array.isArray(files) || files.length === 0 || !files.every(isExpected))
    throw new UsageError({
      code: 'usage/no-files',
      what: 'there is no list of files with their digests',
      next: 'Write for example parseSha256Sums(text). Nothing was done.',
    })
  const host = ports.hosts.of(repository.host ?? 'repository')
  const patience = { host, timeout: ports.limits.sendTimeout, end: later(ports.clock.now(), deadline / 1000) }
  return Promise.all(
    files.map(async (expected): Promise<VerifiedFile> => {
      const told = (found: Omit<Found, 'settled'>, wait: number) => tellListener(() => onWait?.(fileOf(expected, found), wait))
      const coordinates = placeOf(expected.file, at(expected.file))
      return fileOf(
        expected,
        await lookUntilSettled((call) => lookAt(repository, coordinates, expected.sha256, call), patience, ports, told),
      )
    }),
  )
}

function isExpected(one: Partial<ExpectedFile> | null | undefined): boolean {
  return typeof one?.file === 'string' && typeof one.sha256 === 'string' && isSha256(one.sha256)
}

/** A repository may contain files that we would not publish, so any name is allowed. */
function placeOf(file: string, answer: Coordinates | undefined): Coordinates {
  if (typeof answer?.format === 'string') return answer
  throw new UsageError({
    code: 'usage/place',
    where: file,
    what: `at() returned no place for it: ${shownAnswer(answer)}`,
    next: 'Nothing was read.',
  })
}

const plainFile = (file: string): Coordinates => ({ format: 'file', path: file })

function fileOf({ file, sha256 }: ExpectedFile, { found, seen, problem }: Omit<Found, 'settled'>): VerifiedFile {
  // It is unknown here when a file was public.
  const word = found === 'sealed-bytes' ? 'expected-bytes' : found === 'gone' ? 'not-there-yet' : found
  return { file, sha256, found: word, ...(seen !== undefined && { seen }), ...(problem !== undefined && { problem }) }
}

async function lookAt(repository: PublicRepository, at: Coordinates, expected: Sha256, call: Call): Promise<Found> {
  try {
    const seen = await digestAt(repository, at, call)
    if (seen === undefined) return { found: 'not-there-yet', settled: false }
    return { found: seen === expected ? 'sealed-bytes' : 'other-bytes', seen, settled: true }
  } catch (error) {
    return foundBy(error, call, expected)
  }
}

/** As its users read; otherwise by the digest that the server reports, or by its bytes. */
async function digestAt(repository: PublicRepository, at: Coordinates, call: Call): Promise<Sha256 | undefined> {
  if (repository.served !== undefined) {
    const stream = await streamOf(call, repository.served(at, call))
    return stream === undefined ? undefined : (await readDigest(stream)).sha256
  }
  const state = await answerOf(call, repository.observe(at, call))
  if (state.saw === 'absent') return undefined
  const { sha256, location } = state
  if (sha256 !== undefined) return sha256
  if (repository.read === undefined)
    throw new StagegateError({ code: 'repository/no-digest', what: 'it exists, but the server does not report its sha256' })
  return (await readDigest(await streamOf(call, repository.read(location, call)))).sha256
}
