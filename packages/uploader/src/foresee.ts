import type { Content, Coordinates, Instant, PlannedDestination, Problem, ReleaseManifest, Sha256 } from '@stagegate/schema'
import { coordinatesAt, destinedArtifactsOf } from './artifact.js'
import { type Decision, decide, type Staged, type State, untried } from './decide/decide.js'
import { admit } from './gate.js'
import type { PublishOptions } from './publish.js'
import type { PublicRepository } from './repository/capabilities.js'
import { complete, repositoryNamed, stagingNamed } from './run.js'
import { withDeadline } from './transfer/call.js'
import { lookTimeoutFor } from './transfer/limits.js'
import { look } from './transfer/look.js'

/** What publishing would do now with one artifact at one destination. */
export interface Foreseen {
  readonly target: string
  readonly destination: PlannedDestination
  readonly coordinates: Coordinates
  readonly expected: Content
  readonly would: 'publish' | 'already-public' | 'conflict' | 'tampered' | 'missing' | 'unknown'
  readonly seen?: Sha256 | undefined
  readonly problem?: Problem | undefined
  /** When the hold ends. */
  readonly expiresAt: Instant
}

/**
 * Looks at staging and at the public side and says what `publish` would do, by the same decision. Reads only.
 * @throws as `publish` does
 */
export async function foresee(manifest: ReleaseManifest, options: PublishOptions): Promise<readonly Foreseen[]> {
  const { clock, limits, signal } = complete(options)
  const artifacts = destinedArtifactsOf(manifest, options.targets)
  await admit(manifest, { origin: options.origin, now: clock.now(), approved: options.approved, records: options.records })
  const lookAt = (repository: PublicRepository, coordinates: Coordinates, content: Content) =>
    withDeadline(clock, lookTimeoutFor(content, limits), signal, (call) => look(repository, { coordinates, content }, call, false, clock))

  const foreseen: Foreseen[] = []
  for (const { target, artifact, destinations } of artifacts) {
    const staging = stagingNamed(options, artifact.repository)
    // Only what would be sent is looked at in staging: publishing does not read the rest either.
    let staged: Promise<State> | undefined
    for (const destination of destinations) {
      const coordinates = coordinatesAt(artifact.coordinates, destination)
      const state = await lookAt(repositoryNamed(options, destination.repository), coordinates, artifact.content)
      if (state.is === 'absent') staged ??= lookAt(staging, artifact.coordinates, artifact.content)
      const source = state.is === 'absent' ? await staged : undefined
      const problem = [state, source].find((one) => one?.is === 'unknown')
      foreseen.push({
        target,
        destination,
        coordinates,
        expected: artifact.content,
        would: problem === undefined ? forecast(decide(state, stagedAs(source), untried, limits, clock.now())) : 'unknown',
        ...(state.is === 'different' && { seen: state.sha256 }),
        ...(problem?.is === 'unknown' && { problem: problem.because }),
        expiresAt: manifest.expiresAt,
      })
    }
  }
  return foreseen
}

/** With nothing tried and nothing unknown, `decide` comes to no other verdict than these. */
function forecast(decision: Decision): Foreseen['would'] {
  if (decision.do === 'copy') return 'publish'
  const verdict = decision.do === 'stop' ? decision.verdict : 'undetermined'
  return verdict === 'undetermined' || verdict === 'failed' || verdict === 'published' ? 'unknown' : verdict
}

function stagedAs(staged: State | undefined): Staged {
  switch (staged?.is) {
    case 'absent':
      return 'gone'
    case 'different':
      return 'wrong'
    case 'same':
      return 'right'
    default:
      return 'unread'
  }
}
