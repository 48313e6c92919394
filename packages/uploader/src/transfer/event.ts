import type { Content, Coordinates, Instant, Outcome, PlannedDestination, Problem } from '@stagegate/schema'

/** What happens during a transfer, as it happens. The log is a reader of these; nothing else prints. */
export type TransferEvent = {
  readonly at: Instant
  readonly target: string
  readonly coordinates: Coordinates
  readonly content: Content
} & (
  | { readonly event: 'observed'; readonly destination: PlannedDestination; readonly state: 'absent' | 'same' | 'different' | 'unknown' }
  | { readonly event: 'started'; readonly destinations: readonly PlannedDestination[] }
  /** Bytes read and verified so far, of `content.size`. */
  | { readonly event: 'progress'; readonly bytes: number }
  | { readonly event: 'waiting'; readonly destination: PlannedDestination; readonly milliseconds: number; readonly because: Problem }
  | {
      readonly event: 'written'
      readonly destination: PlannedDestination
      readonly answer: 'accepted' | 'exists' | 'refused' | 'ambiguous'
    }
  | { readonly event: 'verdict'; readonly outcome: Outcome }
)

/** An event without what the driver adds to each. */
export type Happening = TransferEvent extends infer E
  ? E extends TransferEvent
    ? Omit<E, 'at' | 'target' | 'coordinates' | 'content'>
    : never
  : never
