import type { Instant, Sha256 } from './atoms.js'
import type { Coordinates } from './coordinates.js'
import type { JobDocument } from './document.js'
import type { Problem } from './receipt.js'
import type { PlannedDestination } from './release-plan.js'

/** The layers of an image whose manifests are the sealed ones. */
export interface LayersRead {
  /** How many were read to their end and were right. */
  readonly read: number
  /** The others. `there-before`: a receipt says that the release found the layer there, so it was only asked for. */
  readonly unread: readonly { readonly digest: Sha256; readonly because: 'there-before' | 'unreadable' }[]
}

/** One artifact as a reader of the public repository found it. */
export interface Finding {
  /** The target's id in the plan. */
  readonly target: string
  /** The public repository, as the plan names it. */
  readonly destination: PlannedDestination
  /** Where it was looked for. */
  readonly coordinates: Coordinates
  /** `gone`: a receipt says that it was public. `refused`: the repository does not let us look, and will not before that is changed. */
  readonly found: 'sealed-bytes' | 'other-bytes' | 'not-there-yet' | 'gone' | 'index-broken' | 'refused' | 'unknown'
  /** The digest that was read. */
  readonly seen?: Sha256
  /** The package manager that got the sealed bytes, too. @default our own reader alone has read it */
  readonly by?: 'apt' | 'dnf'
  /** Why, where it is not the sealed bytes. */
  readonly problem?: Problem
  /** The layers, where the artifact is an image whose manifests are the sealed ones. */
  readonly layers?: LayersRead
  /** When the last look ended. */
  readonly checkedAt: Instant
}

/** The findings of a reader of the public repository. */
export interface Verification extends JobDocument<'Verification'> {
  /** The digest of the manifest that was compared with. */
  readonly manifest: Sha256
  /** The release's id in the plan. */
  readonly release: string
  /** One for each artifact at each destination. */
  readonly findings: readonly Finding[]
}
