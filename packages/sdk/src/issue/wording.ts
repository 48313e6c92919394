import type { Code, IssueFacts } from './facts.js'

type FactsOf<C extends Code> = Extract<IssueFacts, { code: C }>

/** The words for one code. */
export type Wording<C extends Code> = {
  /** @default error */
  readonly severity?: 'warning' | ((facts: FactsOf<C>) => 'error' | 'warning')
  /** The meaning of the code, without the facts of one issue. */
  readonly meaning: string
  sentence(facts: FactsOf<C>): string
} & (
  | { readonly help: string }
  /** `action` is the help without the facts of one issue. */
  | { help(facts: FactsOf<C>): string; readonly action: string }
)

/** The words for all codes of a family, such as `hold/…`. */
export type Wordings<Family extends string> = { readonly [C in Extract<Code, Family>]: Wording<C> }
