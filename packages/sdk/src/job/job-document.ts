import { type JsonObject, type JsonValue, kindVariable, nearest } from '@stagegate/schema'
import { any, compare, type Expression, text, variable } from '../condition/index.js'
import { isRecord } from '../form/keyword.js'
import { given, isObject, type JobDocument } from '../gitlab/document.js'
import type { IssueFacts } from '../issue/facts.js'
import { bothHold } from '../keyword/condition-text.js'
import { inheriting } from '../keyword/inherit.js'
import { renderKeywords } from '../keyword/job-keywords.js'
import { includedName, isOptional, type Need, need, neededJob } from '../keyword/needs.js'
import { type RuleProps, rule } from '../keyword/rules.js'
import { renderStart } from '../keyword/start.js'
import type { PipelineKind } from '../kind.js'
import { withFetched } from './fetched-secrets.js'
import { factsOf, type Job, type JobInKind } from './job.js'
import type { KindConditions } from './kind-conditions.js'
import { TheirJob } from './their-job.js'

/** The keywords of `new Job` that are not GitLab's. */
const ours = ['on', 'needs', 'rules', 'manual', 'when', 'startIn', 'secrets']

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
  const written = renderKeywords(withFetched(job.name, definition.keywords, definition.secrets, report), (problem) => {
    const meant = problem.is === 'unknown' ? (problem.meant ?? nearest(problem.keyword, ours)) : undefined
    report(factsOf(job.name, problem.is === 'unknown' ? { ...problem, meant } : problem))
  })
  const keywords = definition.wholeCondition || !conditions.told ? written : inheriting(kindVariable, written)
  const rules =
    definition.wholeCondition || !conditions.told
      ? rulesByCondition(presences, conditions, sameNeeds)
      : rulesByVariable(presences, sameNeeds)
  return inOrder({ ...keywords, ...(sameNeeds && only !== undefined && { needs: only.needs }), rules })
}

/** Kinds in which the job is the same share its rules: the variable has one value, so the order of the groups means nothing. */
function rulesByVariable(presences: readonly Presence[], sameNeeds: boolean): JsonObject[] {
  const groups = new Map<string, { readonly kinds: Expression[]; readonly cases: readonly JsonObject[] }>()
  for (const presence of presences) {
    const cases = casesOf(presence, sameNeeds)
    const key = JSON.stringify([cases, sameNeeds ? undefined : presence.needs])
    const group = groups.get(key) ?? { kinds: [], cases }
    group.kinds.push(compare(variable(kindVariable), '==', text(presence.kind.label)))
    groups.set(key, group)
  }
  return [...groups.values()].flatMap(({ kinds, cases }) =>
    cases.map(({ if: own, ...rest }) => ({ if: bothHold(any(kinds), typeof own === 'string' ? own : undefined), ...rest })),
  )
}

/** The job in a kind: one case, or the author's cases. */
function casesOf(presence: Presence, sameNeeds: boolean): readonly JsonObject[] {
  const otherwise = consequence(presence, sameNeeds)
  return presence.inKind.rules?.map((one) => caseOf(one, otherwise)) ?? [otherwise]
}

/** A rule that says when the job starts says all of it; one that does not takes the job's start. */
function caseOf(one: RuleProps, otherwise: JsonObject): JsonObject {
  const written = rule.render(one, '', () => {})
  if (!isObject(written)) return otherwise
  const { if: condition, changes, exists, ...own } = written
  const conditions = given({ if: condition, changes, exists })
  if (own['when'] === 'never') return { ...conditions, when: 'never' }
  const { when: _when, start_in: _startIn, allow_failure: _allowFailure, ...others } = otherwise
  return { ...conditions, ...(own['when'] === undefined ? otherwise : others), ...own }
}

/**
 * Conditions of kinds can overlap, and the first kind that matches wins: so the rules stand in the order of the kinds, and
 * a pipeline of an earlier kind in which the job does not exist, or of a ref that is refused there, is sent away before.
 */
function rulesByCondition(
  presences: readonly Presence[],
  { kinds, publishing, conditionOf, shadows, told }: KindConditions,
  sameNeeds: boolean,
): JsonObject[] {
  return kinds.flatMap((kind, index): JsonObject[] => {
    const presence = presences.find((one) => one.kind === kind)
    const later = kinds.slice(index + 1).filter((other) => presences.some((one) => one.kind === other))
    const own = presence === undefined ? [] : casesByCondition(presence, conditionOf(kind), { sameNeeds, told })
    // A job with cases of its own can be absent in a pipeline of the kind.
    const rest = presence === undefined || presence.inKind.rules !== undefined ? 'all' : publishing(kind) ? 'refused' : undefined
    const overlaps = rest !== undefined && later.some((other) => shadows(kind, other, rest))
    return [...own, ...(overlaps ? [{ if: kind.props.when.expression, when: 'never' }] : [])]
  })
}

/** The cases of a kind; where no workflow gives the kind and its variables, each rule does. */
function casesByCondition(
  presence: Presence,
  condition: Expression,
  how: { readonly sameNeeds: boolean; readonly told: boolean },
): JsonObject[] {
  const { label, props } = presence.kind
  return casesOf(presence, how.sameNeeds).map(({ if: own, variables, ...rest }) => {
    const kinds = how.told || rest['when'] === 'never' ? {} : { [kindVariable]: label, ...props.variables }
    const all = { ...kinds, ...(isObject(variables) && variables) }
    const { changes, exists, ...others } = rest
    const asked = given({ changes, exists })
    return {
      if: bothHold(condition, typeof own === 'string' ? own : undefined),
      ...asked,
      ...withVariables(others, all),
    }
  })
}

/** The variables stand after the start of the job, and before its needs. */
function withVariables({ needs, ...rest }: JsonObject, variables: JsonObject): JsonObject {
  return { ...rest, ...(Object.keys(variables).length > 0 && { variables }), ...(needs !== undefined && { needs }) }
}

function consequence({ inKind, needs }: Presence, sameNeeds: boolean): JsonObject {
  return {
    ...renderStart({ ...inKind.otherwise, manual: inKind.start === 'automatic' ? undefined : inKind.start }),
    ...(Object.keys(inKind.variables).length > 0 && { variables: { ...inKind.variables } }),
    ...(!sameNeeds && { needs }),
  }
}

/** Its problems have been reported where the job was made. */
function renderNeed(one: Need): JsonValue {
  const needed = neededJob(one)
  const ofParent = needed instanceof TheirJob ? needed.ofParent : undefined
  if (ofParent === undefined) return need.render(one, '', () => {}) ?? null
  const artifacts = isRecord(one) && one['artifacts'] === false ? { artifacts: false } : {}
  return need.render({ ...ofParent, ...artifacts }, '', () => {}) ?? null
}

/** Jobs that live in an included file, by their names. */
export function includedNeeds(job: Job, kinds: readonly PipelineKind[]): readonly string[] {
  return kinds.flatMap((kind) => allNeeds(job.definition.inKind(kind))).flatMap((one) => includedName(one) ?? theirName(one))
}

function theirName(one: Need): readonly string[] {
  const needed = neededJob(one)
  return needed instanceof TheirJob && needed.ofParent === undefined ? [needed.name] : []
}

/** The needs of the job in a kind, and of each of its cases. */
function allNeeds(inKind: JobInKind | undefined): readonly Need[] {
  return [...(inKind?.needs ?? []), ...(inKind?.rules ?? []).flatMap((one) => (Array.isArray(one.needs) ? one.needs : []))]
}

/** The members of a need that GitLab takes for jobs of the same pipeline alone. */
function sameAlone(one: Need): readonly string[] {
  return ['optional', 'parallel'].filter((key) => isRecord(one) && key in one).map((key) => `needs.${key}`)
}

function reportAbsentProducers(job: Job, kind: PipelineKind, inKind: JobInKind, report: (facts: IssueFacts) => void): void {
  for (const one of allNeeds(inKind)) {
    const needed = neededJob(one)
    for (const keyword of needed instanceof TheirJob && needed.ofParent !== undefined ? sameAlone(one) : [])
      report({ code: 'structure/value', job: job.name, keyword, expected: 'nothing, for a job of the parent pipeline', found: 'a value' })
    if (needed === undefined || isOptional(one) || needed.existsIn(kind)) continue
    report({ code: 'kinds/producer-absent', job: job.name, needs: needed.name, kind: kind.label })
  }
}

/** A job's `rules` stand last, its `needs` right after the stage. */
function inOrder({ stage, rules, needs, ...rest }: JobDocument): JobDocument {
  return { ...(stage !== undefined && { stage }), ...(needs !== undefined && { needs }), ...rest, ...(rules !== undefined && { rules }) }
}
