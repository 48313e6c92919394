import type { JsonObject } from '@stagegate/schema'
import { type Expression, ofProtectedRefs } from '../condition/index.js'
import { isObject, type PipelineDocument, text } from '../gitlab/document.js'
import { bothHold } from '../keyword/condition-text.js'
import { refusedKind } from '../kind.js'
import { rulesIn } from './rules.js'
import { toldKind } from './visible.js'

/** A kind of pipeline, by the condition that its jobs use. */
export interface KindCondition {
  readonly kind: string
  readonly condition: Expression
  /** Whether something is published in it. Then it accepts only protected refs, and others are refused. */
  readonly publishes: boolean
}

/**
 * The document with a workflow that tells the kinds apart: each rule of its own workflow once for each kind, and once for the rest. The
 * same pipelines exist with the same jobs, as long as the jobs test the conditions and not the variable.
 */
export function withToldKinds(document: PipelineDocument, kinds: readonly KindCondition[]): PipelineDocument {
  const told = kinds.flatMap(({ kind, condition, publishes }): readonly Told[] =>
    publishes
      ? [
          [kind, ofProtectedRefs(condition)],
          [refusedKind, condition],
        ]
      : [[kind, condition]],
  )
  const own = rulesIn(document.workflow)
  const rules = (own.length === 0 ? [{}] : own).flatMap((rule: JsonObject): JsonObject[] =>
    rule['when'] === 'never' ? [rule] : [...told.map((one) => ofKind(rule, one)), rule],
  )
  return { ...document, workflow: { ...document.workflow, rules } }
}

type Told = readonly [kind: string, condition: Expression]

function ofKind(rule: JsonObject, [kind, condition]: Told): JsonObject {
  const variables = isObject(rule['variables']) ? rule['variables'] : {}
  return { ...rule, if: bothHold(condition, text(rule['if'])), variables: { ...variables, [toldKind]: kind } }
}
