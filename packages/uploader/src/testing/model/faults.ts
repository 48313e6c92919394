import fc from 'fast-check'

/** What a server does wrong with one upload. `at`: after which part of the body. */
export type CreateFault =
  | { readonly do: 'reset' | 'hang'; readonly at: number }
  | { readonly do: 'stall'; readonly at: number; readonly seconds: number }
  | { readonly do: 'put-off' | 'busy'; readonly seconds: number | undefined }
  /** Kept, and then: the answer is lost, never comes, or is none. */
  | { readonly do: 'lose-answer' | 'keep-and-hang' | 'answer-nonsense' }
  /** Said to be kept: nothing is; other bytes are; nothing was read. */
  | { readonly do: 'forget' | 'keep-other-bytes' | 'accept-unread' }
  /** Kept, and listed so much later; or listed without a digest for so long. */
  | { readonly do: 'list-late' | 'digest-late'; readonly seconds: number }
  /** Kept, listed so many times, and then lost. */
  | { readonly do: 'list-then-lose'; readonly times: number }
  | { readonly do: 'refuse' | 'throw-at-once' }

/** What a server does wrong with one look. */
export type ObserveFault =
  | { readonly do: 'reset' | 'hang' | 'refuse' | 'see-nothing' | 'other-digest' | 'no-digest' | 'nonsense' }
  | { readonly do: 'put-off' | 'busy'; readonly seconds: number | undefined }

/** What a server does wrong with one download. `at`: after which part of the bytes. */
export type ReadFault =
  | { readonly do: 'reset' | 'fall-silent' | 'end-early'; readonly at: number }
  | { readonly do: 'hang' | 'refuse' | 'other-bytes' | 'more-bytes' | 'not-there' }
  | { readonly do: 'put-off' | 'busy'; readonly seconds: number | undefined }

/** Each is used once, in their order. */
export interface Script {
  readonly create: readonly CreateFault[]
  readonly observe: readonly ObserveFault[]
  readonly read: readonly ReadFault[]
}

export const reset = () => new Error('ECONNRESET')

export const nothingWrong: Script = { create: [], observe: [], read: [] }

const at = fc.constantFrom(0, 0.3, 0.7, 0.99, 1)
const seconds = fc.constantFrom(1, 20, 120, 700)
const wish = fc.constantFrom(undefined, 1, 30, 400, 720, 1200)
const wishes = fc.record({ do: fc.constantFrom('put-off' as const, 'busy' as const), seconds: wish })
const named = <const N extends string>(...names: readonly N[]) => fc.record({ do: fc.constantFrom(...names) })

const createFault: fc.Arbitrary<CreateFault> = fc.oneof(
  fc.record({ do: fc.constantFrom('reset' as const, 'reset' as const, 'hang' as const), at }),
  named('lose-answer', 'keep-and-hang', 'answer-nonsense', 'forget', 'keep-other-bytes', 'accept-unread'),
  wishes,
  fc.record({ do: fc.constant('stall' as const), at, seconds }),
  fc.record({ do: fc.constantFrom('list-late' as const, 'digest-late' as const), seconds }),
  fc.record({ do: fc.constant('list-then-lose' as const), times: fc.integer({ min: 1, max: 2 }) }),
  named('refuse', 'throw-at-once'),
)
const observeFault: fc.Arbitrary<ObserveFault> = fc.oneof(
  named('reset', 'hang', 'see-nothing', 'other-digest', 'no-digest', 'nonsense'),
  wishes,
  named('refuse'),
)
const readFault: fc.Arbitrary<ReadFault> = fc.oneof(
  fc.record({ do: fc.constantFrom('reset' as const, 'fall-silent' as const, 'end-early' as const), at }),
  named('hang', 'other-bytes', 'more-bytes', 'not-there'),
  wishes,
  named('refuse'),
)

const few = { maxLength: 3 }
export const script: fc.Arbitrary<Script> = fc.oneof(
  fc.constant(nothingWrong),
  fc.record({
    create: fc.array(createFault, few),
    observe: fc.array(observeFault, few),
    read: fc.array(readFault, few),
  }),
)
