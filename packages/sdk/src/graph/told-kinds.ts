import type { JsonObject } from '@stagegate/schema'
import type { Expression } from '../condition/index.js'
import { isObject, type PipelineDocument, text } from '../gitlab/document.js'
import { bothHold } from '../keyword/condition-text.js'
import { rulesIn } from './rules.js'
import { toldKind } from './visible.js'

/** A kind of pipeline, by its condition. */
export interface KindCondition {
  readonly kind: string
  readonly condition: Expression
}

/**
 * The document with a workflow that tells the kinds apart: each rule of its own workflow once for each kind, and once for what is left.
 * The same pipelines exist, with the same jobs, as long as the jobs ask for the conditions and not for the variable.
 */
export function withToldKinds(document: PipelineDocument, kinds: readonly KindCondition[]): PipelineDocument {
  const own = rulesIn(document.workflow)
  const rules = (own.length === 0 ? [{}] : own).flatMap((rule: JsonObject): JsonObject[] =>
    rule['when'] === 'never' ? [rule] : [...kinds.map((kind) => ofKind(rule, kind)), rule],
  )
  return { ...document, workflow: { ...document.workflow, rules } }
}

function ofKind(rule: JsonObject, { kind, condition }: KindCondition): JsonObject {
  const variables = isObject(rule['variables']) ? rule['variables'] : {}
  return { ...rule, if: bothHold(condition, text(rule['if'])), variables: { ...variables, [toldKind]: kind } }
}
