import type { Content, Coordinates, Instant, Outcome, PlannedDestination, Problem } from '@stagegate/schema'

/**
 * An event of a transfer. The log reads these; nothing else prints.
 * @example
 * const onEvent = (event: TransferEvent) => {
 *   if (event.event === 'verdict') console.log(event.outcome.verdict, event.target)
 * }
 */
export type TransferEvent = {
  readonly at: Instant
  readonly target: string
  /** The artifact as it is staged. */
  readonly coordinates: Coordinates
  /** `undefined` while nothing is known about it: before an image that the build pushed is looked at. */
  readonly content: Content | undefined
} & (
  | { readonly event: 'observed'; readonly destination: PlannedDestination; readonly state: 'absent' | 'same' | 'different' | 'unknown' }
  /** The staged bytes are read for these destinations. If they were read for one before, they are sent to it again. */
  | { readonly event: 'started'; readonly destinations: readonly PlannedDestination[] }
  /** Bytes read and hashed so far by the reading for these, of `content.size`; of an image: of all its layers, `of` bytes. */
  | {
      readonly event: 'progress'
      readonly destinations: readonly PlannedDestination[]
      readonly bytes: number
      readonly of?: number | undefined
    }
  /** It accepted nothing for so long that the others continue without it; it gets its own reading. */
  | { readonly event: 'left-behind'; readonly destination: PlannedDestination }
  /** The staged bytes could not be read, or not completely. */
  | { readonly event: 'source-failed'; readonly because: Problem }
  /** Each write that was started has an answer, unless the server asked to retry later: then nothing was done. */
  | {
      readonly event: 'written'
      readonly destination: PlannedDestination
      readonly answer: 'accepted' | 'exists' | 'refused' | 'ambiguous' | 'put-off'
      /** Why it was not accepted. */
      readonly because?: Problem | undefined
    }
  /** Emitted once for everything that waits for that host; without a host, only this destination is checked again later. */
  | {
      readonly event: 'waiting'
      readonly destination: PlannedDestination
      readonly host?: string | undefined
      readonly milliseconds: number
      readonly because: Problem
    }
  /** The run continues without this host. Emitted once. */
  | { readonly event: 'given-up'; readonly host: string; readonly because: Problem }
  | { readonly event: 'verdict'; readonly outcome: Outcome }
)

/** An event without the fields that the driver adds to each. */
export type Happening = TransferEvent extends infer E
  ? E extends TransferEvent
    ? Omit<E, 'at' | 'target' | 'coordinates' | 'content'>
    : never
  : never
