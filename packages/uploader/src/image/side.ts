import {
  type ImageCoordinates,
  type ImageOutcome,
  type Problem,
  type SealedTag,
  type Sha256,
  StagegateError,
  type Verdict,
} from '@stagegate/schema'
import type { ImageRepository, Item } from '../contract/capabilities.js'
import { problemOf } from '../contract/problem.js'
import { isFinal } from '../contract/refusal.js'
import type { Failure, Operation } from '../contract/repository-error.js'
import { attachedAdvice } from '../repository/oci/attachment.js'
import type { Arrival, Destination } from '../transfer/delivery.js'
import type { Ask } from './persevere.js'

export interface ImageDestination {
  readonly plan: Destination['plan']
  readonly repository: ImageRepository
  /** Its name there, and the tag that is never moved. */
  readonly at: ImageCoordinates
  readonly tags: readonly SealedTag[]
}

/** Why an image was stopped somewhere. */
export interface Stop {
  readonly verdict: Verdict
  readonly problem: Problem | undefined
  /** The call that failed there. */
  readonly failure?: Failure | undefined
}

/** The state of one destination of an image. */
export class Side {
  readonly destination: ImageDestination
  saw: 'absent' | 'same' | 'different' = 'absent'
  /** The manifest that its tag points to. */
  seen: Sha256 | undefined
  readonly blobs: { -readonly [K in keyof ImageOutcome['blobs']]: number } = { moved: 0, mounted: 0, present: 0 }
  readonly tags: ImageOutcome['tags'][number][] = []
  /** Blobs that were missing before. */
  readonly added: Sha256[] = []
  /** Manifests that were listed as attached, but are gone. */
  readonly leftOut: Sha256[] = []
  sent = 0
  /** Something new is there now. */
  wrote = false
  stopped: Stop | undefined
  /** The last call. */
  asked: Operation = 'observe'

  constructor(destination: ImageDestination) {
    this.destination = destination
  }

  /** Looks at the tag that never moves. */
  async look(ask: Ask, sealed: Sha256): Promise<void> {
    const { repository, at } = this.destination
    try {
      const seen = await ask('observe', (call) => repository.observe(at, call))
      if (seen.saw === 'absent') return
      if (seen.sha256 === undefined)
        throw new StagegateError({ code: 'repository/no-digest', what: 'the server does not report which manifest the tag points to' })
      this.saw = seen.sha256 === sealed ? 'same' : 'different'
      this.seen = seen.sha256
    } catch (error) {
      this.failed(error)
    }
  }

  /** Whether more can be done now. Otherwise it is final, or left to the next run, which has less to do. */
  get goesOn(): boolean {
    return this.stopped === undefined || this.stopped.verdict === 'undetermined'
  }

  /** A problem for a person takes precedence over one that can be tried again. */
  stop(stop: Stop): void {
    if (this.goesOn) this.stopped = stop
  }

  failed(error: unknown): void {
    const failure = { operation: this.asked, cause: error }
    this.stop({ verdict: isFinal(error) ? 'failed' : 'undetermined', problem: problemOf(error), failure })
  }

  /** Notes the outcome of one part; `about`: the manifest that it is attached to. */
  note({ outcome, how, failure }: Arrival, { coordinates, content }: Item, about: Sha256 | undefined): void {
    this.sent += outcome.bytesSent
    if (outcome.verdict === 'published' || outcome.verdict === 'already-public') {
      if (coordinates.format === 'blob') this.blobs[how === 'sent' ? 'moved' : how === 'copied' ? 'mounted' : 'present']++
      if (how !== 'there') this.wrote = true
      if (how !== 'there' && coordinates.format === 'blob') this.added.push(content.sha256)
      return
    }
    this.stopAt({ coordinates, content }, about, { verdict: outcome.verdict, problem: outcome.problem, failure })
  }

  /** One part stops the whole image. */
  stopAt({ coordinates, content }: Item, about: Sha256 | undefined, { verdict, problem, failure }: Stop): void {
    const part = `The ${coordinates.format === 'blob' ? 'layer' : 'manifest'} sha256:${content.sha256}`
    // A problem of staging needs no addition.
    const advice = about !== undefined && (verdict === 'failed' || verdict === 'conflict') ? `\n${attachedAdvice(about)}` : ''
    this.stop({ verdict, problem: problem && { ...problem, message: `${part}: ${problem.message}${advice}` }, failure })
  }
}
