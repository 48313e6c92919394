import { all, compare, decide, type Expression, ofProtectedRefs, present, text, variable } from '../condition/index.js'
import type { PipelineKind } from '../kind.js'

/** The kinds of a pipeline as conditions that stand by themselves, for jobs that cannot ask for the kind's variable. */
export interface KindConditions {
  /** In their order: the first match wins. */
  readonly kinds: readonly PipelineKind[]
  readonly publishing: (kind: PipelineKind) => boolean
  /** The kind's condition; where something is published, of protected refs only. */
  readonly conditionOf: (kind: PipelineKind) => Expression
  /** Whether a pipeline of the earlier kind, or one refused instead, could also meet the later kind's condition. */
  readonly shadows: (earlier: PipelineKind, later: PipelineKind, which: 'all' | 'refused') => boolean
  /** Whether a workflow tells the pipeline its kind; otherwise every job asks for the whole condition. */
  readonly told: boolean
}

const isProtected = variable('CI_COMMIT_REF_PROTECTED')

export function kindConditions(kinds: readonly PipelineKind[], publishing: (kind: PipelineKind) => boolean, told: boolean): KindConditions {
  const conditionOf = (kind: PipelineKind) => (publishing(kind) ? protectedCondition(kind) : kind.props.when.ast)
  // Many jobs ask the same, and the proof is dear.
  const known = new Map<string, boolean>()
  return {
    kinds,
    publishing,
    conditionOf,
    told,
    shadows(earlier, later, which) {
      const key = [which, kinds.indexOf(earlier), kinds.indexOf(later)].join()
      const found = known.get(key) ?? decide(conditionOf(later), { variables: {}, holds: [partOf(earlier, which)] }) !== 'never'
      known.set(key, found)
      return found
    },
  }
}

/** A kind in which something is published takes protected refs only. */
export function protectedCondition(kind: PipelineKind): Expression {
  return ofProtectedRefs(kind.props.when.ast)
}

function partOf(kind: PipelineKind, which: 'all' | 'refused'): Expression {
  const when = present(kind.props.when.ast)
  return which === 'all' ? when : all([when, compare(isProtected, '!=', text('true'))])
}
