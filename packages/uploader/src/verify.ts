import { digestOf, type Finding, type Origin, type ReleaseManifest, type Sha256, type Verification } from '@stagegate/schema'
import { artifactsOf, coordinatesAt } from './artifact.js'
import type { Ports } from './ports.js'
import { type Call, IndexBroken, type Item, type PublicRepository } from './repository/capabilities.js'
import { isFinal } from './repository/refusal.js'
import { complete, repositoryNamed } from './run.js'
import { causeOf, streamOf, withDeadline } from './transfer/call.js'
import { waitBefore } from './transfer/limits.js'
import { look } from './transfer/look.js'
import { problemOf } from './transfer/problem.js'
import { readDigest } from './transfer/read-digest.js'

export interface VerifyOptions extends Ports {
  /** @default all */
  readonly targets?: readonly string[] | undefined
  readonly origin: Origin
  /** How long to wait for a repository that indexes late, in milliseconds. @default 10 minutes */
  readonly deadline?: number | undefined
}

/** `settled`: looking again would not show anything else. */
type Found = Pick<Finding, 'found' | 'seen' | 'problem'> & { readonly settled: boolean }

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
        const { settled, ...found } = await withDeadline(clock, limits.sendTimeout, signal, (call) => asUsersDo(repository, item, call))
        const wait = waitBefore(attempt, limits, random)
        const over = Date.parse(clock.now()) + wait > end || signal.aborted
        if (settled || over) {
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
    if (state.is === 'unknown') return { found: 'unknown', problem: state.because, settled: state.final }
    if (state.is === 'absent') return { found: 'not-there-yet', settled: false }
    return judged(state.is === 'same' ? item.content.sha256 : state.sha256, item)
  }
  try {
    const stream = await streamOf(call, repository.served(item.coordinates, call))
    if (stream === undefined) return { found: 'not-there-yet', settled: false }
    return judged((await readDigest(stream)).sha256, item)
  } catch (error) {
    const cause = causeOf(call, error)
    if (cause instanceof IndexBroken) return { found: 'index-broken', problem: problemOf(cause), settled: true }
    return { found: 'unknown', problem: problemOf(cause), settled: isFinal(cause) }
  }
}

function judged(seen: Sha256, { content }: Item): Found {
  return { found: seen === content.sha256 ? 'sealed-bytes' : 'other-bytes', seen, settled: true }
}
