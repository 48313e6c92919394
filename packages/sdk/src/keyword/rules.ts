import type { JsonObject } from '@stagegate/schema'
import { checked, flag, isRecord, type Keyword, oneOf, type ReportProblem, shown } from '../form/keyword.js'
import { fields, list, oneOrMany } from '../form/keyword-forms.js'
import { given, isObject } from '../gitlab/document.js'
import { type OneOrMany, PipelineKind } from '../kind.js'
import { type RuleCondition, ruleCondition } from './condition-text.js'
import { type ChangesProps, changes, type ExistsProps, exists } from './files-matching.js'
import { type RuleNeed, ruleNeed } from './needs.js'
import { renderStart, reportSeveralStarts, type StartProps, startMembers } from './start.js'
import { plainVariables } from './variables.js'

/**
 * One case of a job's `rules`: the first whose conditions hold decides, and if none holds, the job does not exist. A rule never
 * moves a job out of its kinds: the rendered rule tests the kind as well.
 * @see https://docs.gitlab.com/ci/yaml/#rules
 */
export interface RuleProps extends Omit<StartProps, 'when'> {
  /** In which of the job's kinds the rule counts. @default all */
  readonly on?: OneOrMany<PipelineKind>
  /** @default always */
  readonly if?: RuleCondition | undefined
  readonly changes?: ChangesProps | undefined
  readonly exists?: ExistsProps | undefined
  /** `never`: the job does not exist then. @default the job's */
  readonly when?: StartProps['when'] | 'never'
  /** @default the job's */
  readonly allowFailure?: boolean | undefined
  /** @default the job's */
  readonly interruptible?: boolean | undefined
  /** In addition to the job's own, which they override. */
  readonly variables?: Readonly<Record<string, string>> | undefined
  /** Instead of the job's. */
  readonly needs?: readonly RuleNeed[] | undefined
}

/** Writes nothing: what a kind means for a job is known when the tree is complete. */
export const pipelineKind: Keyword<PipelineKind> = checked(
  { expected: 'a PipelineKind', fits: (value) => value instanceof PipelineKind },
  () => undefined,
)

const kinds: Keyword<OneOrMany<PipelineKind>> = {
  refusesUndefined: true,
  render(value, at, report) {
    oneOrMany(pipelineKind).render(value, at, report)
    return undefined
  },
}

const members = fields<RuleProps>({
  on: kinds,
  if: ruleCondition,
  changes,
  exists,
  ...startMembers,
  when: oneOf('on_success', 'on_failure', 'always', 'never'),
  allowFailure: flag,
  interruptible: flag,
  variables: plainVariables,
  needs: list(ruleNeed),
})

/** A rule as GitLab reads it, but for the kind, which is put before its `if`. */
export const rule: Keyword<RuleProps> = {
  ...members,
  render(value, at, report) {
    const written = members.render(value, at, report)
    if (!isObject(written)) return undefined
    reportSeveralStarts(value, at, report)
    if (value.manual !== undefined && value.allowFailure !== undefined)
      report({ is: 'value', keyword: `${at}.allowFailure`, expected: 'nothing, since manual is given', found: shown(value.allowFailure) })
    return ordered(written, value)
  },
}

function ordered({ manual: _manual, start_in: _startIn, ...rest }: JsonObject, { manual, startIn }: RuleProps): JsonObject {
  const { if: condition, changes: changed, exists: existing, when, ...consequences } = rest
  return {
    ...given({ if: condition, changes: changed, exists: existing, when }),
    ...renderStart({ manual, startIn }),
    ...consequences,
  }
}

/** The rules that are ones; what is wrong with the others is reported once, where the job is made. */
export function soundRules(rules: readonly RuleProps[], report: ReportProblem): readonly RuleProps[] {
  if (!Array.isArray(rules)) {
    report({ is: 'value', keyword: 'rules', expected: 'a list', found: shown(rules) })
    return []
  }
  return rules.filter((one, index) => {
    rule.render(one, `rules[${index}]`, report)
    return isRecord(one)
  })
}
