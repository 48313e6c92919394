import * as v from 'valibot'
import type * as plan from '../planned-condition.js'

const fact = v.picklist(['tag', 'branch', 'source'])

const nested: v.GenericSchema<plan.PlannedCondition> = v.lazy(() => PlannedCondition)
export const PlannedCondition: v.GenericSchema<plan.PlannedCondition> = v.union([
  v.strictObject({ all: v.array(nested) }),
  v.strictObject({ any: v.array(nested) }),
  v.strictObject({ fact, operator: v.picklist(['==', '!=']), operand: v.nullable(v.string()) }),
  v.strictObject({ fact, operator: v.picklist(['=~', '!~']), operand: v.string() }),
  v.strictObject({ unknown: v.string() }),
])
