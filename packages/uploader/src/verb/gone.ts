import { type Coordinates, digestOf, type Finding, type Instant, type PlannedDestination, type Receipt } from '@stagegate/schema'
import type { Call } from '../contract/capabilities.js'
import type { Clock } from '../contract/clock.js'
import { look, type Sought } from '../transfer/look.js'

/** Where an artifact belongs. */
interface Place {
  readonly target: string
  readonly destination: PlannedDestination
  readonly coordinates: Coordinates
}

/** When an artifact was last seen in public, according to the receipts of a manifest; `undefined` if none of them saw it. */
export function lastSeenPublic(receipts: readonly Receipt[], manifest: string, place: Place): Instant | undefined {
  const wanted = placeOf(place)
  return receipts
    .filter((receipt) => receipt.manifest === manifest)
    .flatMap(({ outcomes }) => outcomes)
    .filter(({ verdict }) => verdict === 'published' || verdict === 'already-public')
    .filter((outcome) => placeOf(outcome) === wanted)
    .map(({ finishedAt }) => finishedAt)
    .sort()
    .at(-1)
}

function placeOf({ target, destination: { repository }, coordinates }: Place): string {
  return digestOf([target, repository, coordinates])
}

/** The receipts' statements about an artifact. */
export interface PublicationTimes {
  /** When it was last seen in public. */
  readonly publicAt: Instant
  /** Until then, a repository that cannot say whether it still has the artifact may only be late. */
  readonly goneAfter: Instant
}

/**
 * Whether an artifact that was public, and that users do not get, is really gone or only late. The publisher saw it in the repository's own
 * list, so that list is asked too; without a publisher's credential it may not answer.
 */
export async function isGone(sought: Sought, past: PublicationTimes, call: Call, clock: Clock): Promise<boolean> {
  // A repository without a separate view for users was already asked for that list.
  if (sought.repository.served === undefined) return true
  const state = await look({ ...sought, patient: true }, call, clock)
  if (state.is !== 'unknown' || state.answered === true) return state.is === 'absent'
  return clock.now() >= past.goneAfter
}

export function goneSince(publicAt: Instant): Pick<Finding, 'found' | 'problem'> {
  const message = `It was public at ${publicAt}, but is gone.\nFind out who removed it, or why the repository lost it. To send it again, run its publish job.`
  return { found: 'gone', problem: { code: 'content/gone', message } }
}
