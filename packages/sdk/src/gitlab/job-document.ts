import type { JsonObject, JsonValue } from '@stagegate/schema'
import { all, any, compare, type Expression, present, print, text, variable } from '../condition/index.js'
import type { IssueFacts } from '../issue.js'
import { kindVariable, type PipelineKind } from '../kind.js'
import type { JobDocument } from './document.js'
import type { Job, JobInKind, Need } from './job.js'
import { renderKeywords } from './job-keywords.js'
import { nearest } from './keyword.js'

/** The keywords of `new Job` that are not GitLab's. */
const ours = ['on', 'needs', 'manual', 'secrets']

interface Group {
  readonly kinds: readonly PipelineKind[]
  readonly inKind: JobInKind
  readonly needs: JsonValue[]
}

/** The job as GitLab will read it; `undefined` where it exists in no kind. */
export function renderJob(
  job: Job,
  kinds: readonly PipelineKind[],
  publishing: (kind: PipelineKind) => boolean,
  report: (facts: IssueFacts) => void,
): JobDocument | undefined {
  const { definition } = job
  const present = kinds.flatMap((kind) => {
    const inKind = definition.inKind(kind)
    return inKind === undefined ? [] : [{ kind, inKind }]
  })
  if (present.length === 0) {
    report({ code: 'kinds/unreachable', job: job.name })
    return undefined
  }
  for (const { kind, inKind } of present) reportAbsentProducers(job, kind, inKind, report)

  const groups = grouped(present)
  const [only, ...others] = groups
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
  const rules = groups.flatMap((group) => rulesFor(group, definition.wholeCondition, publishing, sameNeeds))
  return inOrder({ ...keywords, ...(sameNeeds && only !== undefined && { needs: only.needs }), rules })
}

/** Kinds in which a job is the same share a rule. */
function grouped(present: readonly { kind: PipelineKind; inKind: JobInKind }[]): readonly Group[] {
  const groups = new Map<string, Group>()
  for (const { kind, inKind } of present) {
    const needs = inKind.needs.map(renderNeed)
    const key = JSON.stringify([inKind.start, inKind.variables, needs])
    const group = groups.get(key)
    groups.set(key, { kinds: [...(group?.kinds ?? []), kind], inKind, needs })
  }
  return [...groups.values()]
}

function rulesFor(
  { kinds, inKind, needs }: Group,
  wholeCondition: boolean,
  publishing: (kind: PipelineKind) => boolean,
  sameNeeds: boolean,
): JsonObject[] {
  const consequence: JsonObject = {
    ...(inKind.start !== 'automatic' && { when: 'manual', allow_failure: inKind.start === 'optional' }),
    ...(Object.keys(inKind.variables).length > 0 && { variables: { ...inKind.variables } }),
    ...(!sameNeeds && { needs }),
  }
  const conditions = wholeCondition
    ? kinds.map((kind) => (publishing(kind) ? protectedCondition(kind) : kind.props.when.ast))
    : [any(kinds.map((kind) => compare(variable(kindVariable), '==', text(kind.label))))]
  return conditions.map((condition) => ({ if: print(condition).text, ...consequence }))
}

/** A kind in which something is published takes protected refs only. */
export function protectedCondition(kind: PipelineKind): Expression {
  return all([present(kind.props.when.ast), compare(variable('CI_COMMIT_REF_PROTECTED'), '==', text('true'))])
}

function renderNeed(need: Need): JsonValue {
  if (!('job' in need)) return need.name
  const { job, artifacts, optional } = need
  if (artifacts === undefined && optional === undefined) return job.name
  return { job: job.name, ...(artifacts !== undefined && { artifacts }), ...(optional !== undefined && { optional }) }
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
