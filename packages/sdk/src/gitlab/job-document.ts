import type { JsonObject, JsonValue } from '@stagegate/schema'
import { any, compare, print, text, variable } from '../condition/index.js'
import type { IssueFacts } from '../issue.js'
import { kindVariable, type PipelineKind } from '../kind.js'
import { nearest } from '../nearest.js'
import type { JobDocument } from './document.js'
import type { Job, JobInKind, Need } from './job.js'
import { renderKeywords } from './job-keywords.js'
import type { KindConditions } from './kind-conditions.js'

/** The keywords of `new Job` that are not GitLab's. */
const ours = ['on', 'needs', 'manual', 'secrets']

/** A job in a kind, with its needs as they are written. */
interface Presence {
  readonly kind: PipelineKind
  readonly inKind: JobInKind
  readonly needs: JsonValue[]
}

/** The job as GitLab will read it; `undefined` where it exists in no kind. */
export function renderJob(job: Job, conditions: KindConditions, report: (facts: IssueFacts) => void): JobDocument | undefined {
  const { definition } = job
  const presences = conditions.kinds.flatMap((kind): Presence[] => {
    const inKind = definition.inKind(kind)
    return inKind === undefined ? [] : [{ kind, inKind, needs: inKind.needs.map(renderNeed) }]
  })
  if (presences.length === 0) {
    if (!definition.byRoute) report({ code: 'kinds/unreachable', job: job.name })
    return undefined
  }
  for (const { kind, inKind } of presences) reportAbsentProducers(job, kind, inKind, report)

  const [only, ...others] = presences
  const sameNeeds = others.every(({ needs }) => JSON.stringify(needs) === JSON.stringify(only?.needs))
  const keywords = renderKeywords(definition.keywords, (problem) => {
    if (problem.is === 'value') report({ code: 'structure/value', job: job.name, ...problem })
    else
      report({
        code: 'structure/unknown-keyword',
        job: job.name,
        keyword: problem.keyword,
        meant: problem.meant ?? nearest(problem.keyword, ours),
      })
  })
  const rules = definition.wholeCondition ? rulesByCondition(presences, conditions, sameNeeds) : rulesByVariable(presences, sameNeeds)
  return inOrder({ ...keywords, ...(sameNeeds && only !== undefined && { needs: only.needs }), rules })
}

/** Kinds in which the job is the same share a rule: the variable has one value, so the order of the rules means nothing. */
function rulesByVariable(presences: readonly Presence[], sameNeeds: boolean): JsonObject[] {
  const groups = new Map<string, Presence[]>()
  for (const presence of presences) {
    const { inKind, needs } = presence
    const key = JSON.stringify([inKind.start, inKind.variables, needs])
    groups.set(key, [...(groups.get(key) ?? []), presence])
  }
  return [...groups.values()].flatMap((group) => {
    const condition = any(group.map(({ kind }) => compare(variable(kindVariable), '==', text(kind.label))))
    return group.slice(0, 1).map((one) => ({ if: print(condition).text, ...consequence(one, sameNeeds) }))
  })
}

/**
 * Conditions of kinds can overlap, and the first kind that matches wins: so the rules stand in the order of the kinds, and
 * a pipeline of an earlier kind in which the job does not exist, or of a ref that is refused there, is sent away before.
 */
function rulesByCondition(
  presences: readonly Presence[],
  { kinds, publishing, conditionOf, shadows }: KindConditions,
  sameNeeds: boolean,
): JsonObject[] {
  return kinds.flatMap((kind, index): JsonObject[] => {
    const presence = presences.find((one) => one.kind === kind)
    const later = kinds.slice(index + 1).filter((other) => presences.some((one) => one.kind === other))
    const own = presence === undefined ? [] : [{ if: print(conditionOf(kind)).text, ...consequence(presence, sameNeeds) }]
    const rest = presence === undefined ? 'all' : publishing(kind) ? 'refused' : undefined
    const overlaps = rest !== undefined && later.some((other) => shadows(kind, other, rest))
    return [...own, ...(overlaps ? [{ if: kind.props.when.expression, when: 'never' }] : [])]
  })
}

function consequence({ inKind, needs }: Presence, sameNeeds: boolean): JsonObject {
  return {
    ...(inKind.start !== 'automatic' && { when: 'manual', allow_failure: inKind.start === 'optional' }),
    ...(Object.keys(inKind.variables).length > 0 && { variables: { ...inKind.variables } }),
    ...(!sameNeeds && { needs }),
  }
}

function renderNeed(need: Need): JsonValue {
  if (!('job' in need)) return need.name
  const { job, artifacts, optional } = need
  if (artifacts === undefined && optional === undefined) return job.name
  return { job: job.name, ...(artifacts !== undefined && { artifacts }), ...(optional !== undefined && { optional }) }
}

/** Jobs that live in an included file, by their names. */
export function includedNeeds(job: Job, kinds: readonly PipelineKind[]): readonly string[] {
  const needs = kinds.flatMap((kind) => job.definition.inKind(kind)?.needs ?? [])
  return needs.flatMap((need) => ('definition' in need || 'job' in need ? [] : [need.name]))
}

function reportAbsentProducers(job: Job, kind: PipelineKind, { needs }: JobInKind, report: (facts: IssueFacts) => void): void {
  for (const need of needs) {
    const [needed, optional] = 'definition' in need ? [need, false] : 'job' in need ? [need.job, need.optional === true] : [undefined, true]
    if (needed === undefined || optional || needed.definition.inKind(kind) !== undefined) continue
    report({ code: 'kinds/producer-absent', job: job.name, needs: needed.name, kind: kind.label })
  }
}

/** What GitLab calls a job's `rules` stands last, its `needs` right after the stage. */
function inOrder({ stage, rules, needs, ...rest }: JobDocument): JobDocument {
  return { ...(stage !== undefined && { stage }), ...(needs !== undefined && { needs }), ...rest, ...(rules !== undefined && { rules }) }
}
