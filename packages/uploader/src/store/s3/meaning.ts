/** The meaning of a refusal, in our words. */
export interface Meaning {
  readonly code: string
  readonly what: string
  readonly next: string
  /** @default true */
  readonly final?: false
}
