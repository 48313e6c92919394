import type { Content, Coordinates, Instant, PlannedDestination, Problem, ReleaseManifest, Sha256 } from '@stagegate/schema'
import { artifactsOf, coordinatesAt } from './artifact.js'
import { decide, type Staged, type State, untried } from './decide/decide.js'
import { admit } from './gate.js'
import type { PublishOptions } from './publish.js'
import type { StagingRepository } from './repository/capabilities.js'
import { complete, repositoryNamed, stagingNamed } from './run.js'
import { look, withDeadline } from './transfer/look.js'

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
  const artifacts = artifactsOf(manifest, options.targets)
  await admit(manifest, { origin: options.origin, now: clock.now(), approved: options.approved, records: options.records })
  const lookAt = (repository: StagingRepository | ReturnType<typeof repositoryNamed>, coordinates: Coordinates, content: Content) =>
    withDeadline(clock, limits.lookTimeout, signal, (call) => look(repository, { coordinates, content }, call, false))

  const foreseen: Foreseen[] = []
  for (const { target, artifact, destinations } of artifacts) {
    const staged = await lookAt(stagingNamed(options, artifact.repository), artifact.coordinates, artifact.content)
    for (const destination of destinations) {
      const coordinates = coordinatesAt(artifact.coordinates, destination)
      const state = await lookAt(repositoryNamed(options, destination.repository), coordinates, artifact.content)
      const problem = [state, staged].find((one) => one.is === 'unknown')
      foreseen.push({
        target,
        destination,
        coordinates,
        expected: artifact.content,
        would: forecast(state, staged, () => decide(state, stagedAs(staged), untried, limits, clock.now())),
        ...(state.is === 'different' && { seen: state.sha256 }),
        ...(problem?.is === 'unknown' && { problem: problem.because }),
        expiresAt: manifest.expiresAt,
      })
    }
  }
  return foreseen
}

function forecast(state: State, staged: State, decision: () => ReturnType<typeof decide>): Foreseen['would'] {
  if (state.is === 'unknown' || (state.is === 'absent' && staged.is === 'unknown')) return 'unknown'
  const made = decision()
  if (made.do === 'copy') return 'publish'
  const verdict = made.do === 'stop' ? made.verdict : 'undetermined'
  return verdict === 'undetermined' || verdict === 'failed' || verdict === 'published' ? 'unknown' : verdict
}

function stagedAs(staged: State): Staged {
  return staged.is === 'absent' ? 'gone' : staged.is === 'different' ? 'wrong' : 'right'
}
