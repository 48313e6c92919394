import type { Bytes, Instant, Sha256 } from './atoms.js'
import type { Content, Coordinates } from './coordinates.js'
import type { JobDocument } from './document.js'
import type { PlannedDestination } from './release-plan.js'

/** The words for how one artifact ended at one destination, the good ones first. */
export const verdicts = ['published', 'already-public', 'conflict', 'tampered', 'missing', 'undetermined', 'failed'] as const

/**
 * How one artifact ended at one destination.
 * - `published`: it was not there, and now these bytes were read back
 * - `already-public`: these bytes were there already
 * - `conflict`: other bytes are there, and were left alone
 * - `tampered`: the source has other bytes than were sealed
 * - `missing`: the source does not have it any more
 * - `undetermined`: nobody knows; running it again can help
 * - `failed`: it was refused, and running it again changes nothing before a person does
 */
export type Verdict = (typeof verdicts)[number]

/** Why something is not as it should be. It holds no secret. */
export interface Problem {
  /** A stable code of `errorCodes`, such as `http/tls`. */
  readonly code: string
  /** A sentence for people. A second line, where there is one, says what to do. */
  readonly message: string
  /**
   * The errors that led to it, the nearest first: what a library only calls `fetch failed`, say. At most ten of 400 characters. Absent where the
   * message says all.
   */
  readonly causes?: readonly string[]
  /** The end of the transfer that it comes from: the source, which is staging when publishing, or the outcome's destination. Absent if neither is to blame. */
  readonly side?: 'source' | 'destination'
}

/** A problem on one line: the first of its message, and its causes. */
export function describeProblem({ message, causes = [] }: Pick<Problem, 'message' | 'causes'>): string {
  const [line = ''] = message.split('\n', 1)
  return causes.length === 0 ? line : `${line} (${causes.join('; ')})`
}

/** How the parts and the tags of one image ended at one destination. */
export interface ImageOutcome {
  /** How many blobs were sent, mounted from another name of the same registry, or present. */
  readonly blobs: { readonly moved: number; readonly mounted: number; readonly present: number }
  /** The blobs that this run brought there, sent or mounted: those that nobody has pulled before. */
  readonly added?: readonly Sha256[]
  /** Manifests that staging lists as attached to the image, and has no more. */
  readonly leftOut?: readonly Sha256[]
  /** Each tag's digest before and after; `null` where there was or is none. `because` says why a tag stayed. */
  readonly tags: readonly {
    readonly tag: string
    readonly before: Sha256 | null
    readonly after: Sha256 | null
    readonly because?: string
  }[]
}

/** How long each phase took, in milliseconds. */
export interface Phases {
  /** For room, for a server, or for another try. */
  readonly waiting: number
  /** Asking what the destination has. */
  readonly looking: number
  /** Sending the bytes. */
  readonly sending: number
  /** Reading back what was sent. */
  readonly confirming: number
}

/** How one artifact ended at one place. */
export interface Evidence {
  /** Where it was to be found there. */
  readonly coordinates: Coordinates
  /** The bytes that should be there. */
  readonly expected: Content
  /** The digest that the destination has, where it could be read. */
  readonly seen?: Sha256
  /** How it ended. */
  readonly verdict: Verdict
  /** Why, where the verdict is not a good one. */
  readonly problem?: Problem
  /** All tries together. */
  readonly bytesSent: Bytes
  /** The server copied a package or a file by itself, so no bytes of it were moved. @default they were, or nothing was to be done */
  readonly copiedByServer?: true
  /** When the first look at the destination began. */
  readonly startedAt: Instant
  /** When the verdict was clear. */
  readonly finishedAt: Instant
  /** The blobs and tags, where the artifact is an image. */
  readonly image?: ImageOutcome
  /** How long each phase took. */
  readonly milliseconds: Phases
}

/** The outcome of one artifact at one destination, with the evidence. */
export interface Outcome extends Evidence {
  /** The target's id in the plan. */
  readonly target: string
  /** The public repository, as the plan names it. */
  readonly destination: PlannedDestination
}

/** Whether the newest attempts of the jobs before the gate were looked at right before publishing, and how they had ended. */
export interface GateLook {
  /** `status` is GitLab's word, such as `success`. */
  readonly jobs: readonly { readonly name: string; readonly id: number; readonly status: string }[]
  /** Why nobody looked. */
  readonly notAsked?: string
}

/** The receipt of one publish job. It is written at the beginning, with everything `undetermined`, and at the end. */
export interface Receipt extends JobDocument<'Receipt'> {
  /** The digest of the sealed manifest that was published from. */
  readonly manifest: Sha256
  /** The release's id in the plan. */
  readonly release: string
  /** Who started the job, as GitLab says. */
  readonly startedBy?: string
  /** Who approved it, where one click stands for the whole release. */
  readonly approval?: { readonly by: string; readonly approvedAt: Instant }
  /** How the jobs before the gate had ended. */
  readonly gate?: GateLook
  /** One for each artifact at each destination. */
  readonly outcomes: readonly Outcome[]
}
