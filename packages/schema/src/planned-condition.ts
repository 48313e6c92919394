/** A predefined variable that identifies a pipeline: its tag, its branch, or its source. */
export type PipelineFact = 'tag' | 'branch' | 'source'

/**
 * A kind's condition, as far as GitLab vouches for it. The operators are those of its rules: an expression (RE2) is looked
 * for anywhere in the fact, and `null` is a tag or branch that is not there.
 */
export type PlannedCondition =
  | { readonly all: readonly PlannedCondition[] }
  | { readonly any: readonly PlannedCondition[] }
  | { readonly fact: PipelineFact; readonly operator: '==' | '!='; readonly operand: string | null }
  | { readonly fact: PipelineFact; readonly operator: '=~' | '!~'; readonly operand: string }
  /** A part of the rule that depends on variables, which anybody who may run a pipeline can set. */
  | { readonly unknown: string }
