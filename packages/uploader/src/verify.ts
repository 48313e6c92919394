import { digestOf, type Finding, type Origin, type ReleaseManifest, type Verification } from '@stagegate/schema'
import { artifactsOf, coordinatesAt } from './artifact.js'
import type { Ports } from './ports.js'
import { type Call, IndexBroken, type Item, type PublicRepository } from './repository/capabilities.js'
import { complete, repositoryNamed } from './run.js'
import { waitBefore } from './transfer/limits.js'
import { look, withDeadline } from './transfer/look.js'
import { problemOf } from './transfer/problem.js'
import { readDigest } from './transfer/read-digest.js'

export interface VerifyOptions extends Ports {
  /** @default all */
  readonly targets?: readonly string[] | undefined
  readonly origin: Origin
  /** How long to wait for a repository that indexes late, in milliseconds. @default 10 minutes */
  readonly deadline?: number | undefined
}

type Found = Pick<Finding, 'found' | 'seen' | 'problem'>

/**
 * Reads the public repositories back as their users do, and says for each artifact what they get. What is not there yet,
 * or cannot be told, is looked at again until the deadline.
 * @throws {UsageError} a wrong call: an unknown target, a repository that was not given
 */
export async function verify(manifest: ReleaseManifest, options: VerifyOptions): Promise<Verification> {
  const { clock, limits, random, signal } = complete(options)
  const end = Date.parse(clock.now()) + (options.deadline ?? 10 * 60_000)
  const findings: Finding[] = []
  for (const { target, artifact, destinations } of artifactsOf(manifest, options.targets)) {
    for (const destination of destinations) {
      const coordinates = coordinatesAt(artifact.coordinates, destination)
      const repository = repositoryNamed(options, destination.repository)
      const item = { coordinates, content: artifact.content }
      for (let attempt = 0; ; attempt++) {
        const found = await withDeadline(clock, limits.sendTimeout, signal, (call) => asUsersDo(repository, item, call))
        const wait = waitBefore(attempt, limits, random)
        const over = Date.parse(clock.now()) + wait > end || signal.aborted
        if (over || (found.found !== 'not-there-yet' && found.found !== 'unknown')) {
          findings.push({ target, destination, coordinates, ...found, checkedAt: clock.now() })
          break
        }
        await clock.sleep(wait, signal).catch(() => undefined)
      }
    }
  }
  return {
    apiVersion: 'stagegate/v1',
    kind: 'Verification',
    origin: options.origin,
    manifest: digestOf(manifest),
    release: manifest.release,
    findings,
  }
}

async function asUsersDo(repository: PublicRepository, item: Item, call: Call): Promise<Found> {
  if (repository.served === undefined) {
    const state = await look(repository, item, call, false)
    if (state.is === 'unknown') return { found: 'unknown', problem: state.because }
    if (state.is === 'absent') return { found: 'not-there-yet' }
    return state.is === 'same' ? { found: 'sealed-bytes', seen: item.content.sha256 } : { found: 'other-bytes', seen: state.sha256 }
  }
  try {
    const stream = await repository.served(item.coordinates, call)
    if (stream === undefined) return { found: 'not-there-yet' }
    const { sha256 } = await readDigest(stream)
    return { found: sha256 === item.content.sha256 ? 'sealed-bytes' : 'other-bytes', seen: sha256 }
  } catch (error) {
    return { found: error instanceof IndexBroken ? 'index-broken' : 'unknown', problem: problemOf(error) }
  }
}
