import * as v from 'valibot'

/** The predefined variables that identify a pipeline: its tag, its branch, and its source. */
const fact = v.picklist(['tag', 'branch', 'source'])

/**
 * A kind's condition, as far as GitLab vouches for it. The operators are those of its rules: an expression (RE2) is looked
 * for anywhere in the fact, and `null` is a tag or branch that is not there.
 */
export type PlannedCondition =
  | { all: PlannedCondition[] }
  | { any: PlannedCondition[] }
  | { fact: v.InferOutput<typeof fact>; operator: '==' | '!='; operand: string | null }
  | { fact: v.InferOutput<typeof fact>; operator: '=~' | '!~'; operand: string }
  /** A part of the rule that depends on variables, which anybody who may run a pipeline can set. */
  | { unknown: string }

const nested: v.GenericSchema<PlannedCondition> = v.lazy(() => PlannedCondition)
export const PlannedCondition: v.GenericSchema<PlannedCondition> = v.union([
  v.strictObject({ all: v.array(nested) }),
  v.strictObject({ any: v.array(nested) }),
  v.strictObject({ fact, operator: v.picklist(['==', '!=']), operand: v.nullable(v.string()) }),
  v.strictObject({ fact, operator: v.picklist(['=~', '!~']), operand: v.string() }),
  v.strictObject({ unknown: v.string() }),
])
