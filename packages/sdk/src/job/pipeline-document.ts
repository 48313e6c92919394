import { type JsonObject, kindVariable } from '@stagegate/schema'
import { print } from '../condition/index.js'
import { type PipelineKind, refusedKind } from '../kind.js'
import { type KindConditions, protectedCondition } from './kind-conditions.js'

/**
 * The one place that tells a pipeline its kind. A ref that matches a publishing kind and is not protected gets the kind
 * `refused`, whose job says why: silence is the worst answer.
 */
export function renderWorkflow(
  kinds: readonly PipelineKind[],
  publishing: (kind: PipelineKind) => boolean,
  { rules: before = [], ...own }: JsonObject = {},
): JsonObject {
  const rules = kinds.flatMap((kind): JsonObject[] => {
    const variables = { [kindVariable]: kind.label, ...kind.props.variables }
    const condition = kind.props.when.expression
    if (!publishing(kind)) return [{ if: condition, variables }]
    return [
      // A release must not be cancelled by a newer commit, nor one target's publishing by another's failure.
      { if: print(protectedCondition(kind)).text, variables, auto_cancel: { on_new_commit: 'none', on_job_failure: 'none' } },
      { if: condition, variables: { [kindVariable]: refusedKind } },
    ]
  })
  return { ...own, rules: [...(Array.isArray(before) ? before : []), ...rules] }
}

/** The one job of the kind `refused`, which asks for its conditions where no workflow tells the kind. */
export function renderRefusal(image: string, { kinds, publishing, told }: KindConditions): JsonObject {
  return {
    stage: 'prepare',
    image,
    inherit: { default: false, variables: [kindVariable] },
    variables: { GIT_STRATEGY: 'none' },
    script: [
      'echo "The tag or branch $CI_COMMIT_REF_NAME matches a release but is not protected, so this pipeline builds nothing."',
      'echo "Protect it in Settings > Repository, then run a new pipeline for it."',
      'exit 3',
    ],
    rules: told ? [{ if: `$${kindVariable} == "${refusedKind}"` }] : refusedRules(kinds, publishing),
  }
}

/** In the order of the kinds: a pipeline of an earlier one is sent away. */
function refusedRules(kinds: readonly PipelineKind[], publishing: (kind: PipelineKind) => boolean): JsonObject[] {
  const last = kinds.findLastIndex(publishing)
  return kinds.slice(0, last + 1).flatMap((kind): JsonObject[] => {
    const condition = kind.props.when.expression
    if (!publishing(kind)) return [{ if: condition, when: 'never' }]
    return [
      { if: print(protectedCondition(kind)).text, when: 'never' },
      { if: condition, variables: { [kindVariable]: refusedKind } },
    ]
  })
}
