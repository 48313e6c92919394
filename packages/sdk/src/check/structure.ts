import { isObject, type JobDocument, needsOf, type PipelineDocument, stageOf, stagesIn, text } from '../gitlab/document.js'
import { gitlabLimits } from '../gitlab/limits.js'
import { isEnvironmentName } from '../gitlab/names.js'
import { findNeedsCycle, type GraphJob, graphOf } from '../graph/graph.js'
import { parsedCondition, rulesIn } from '../graph/rules.js'
import type { Found, IssueFacts } from '../issue/facts.js'
import { rootKeywords } from '../lint/index.js'

/** The other jobs, for checking the needs of one. */
interface Others {
  readonly stages: readonly string[]
  readonly graph: ReadonlyMap<string, GraphJob>
  /** Jobs of included files. */
  readonly included: ReadonlySet<string>
}

/**
 * Checks the structure of any pipeline, on the document as it will be rendered. The linter has rules for most of this, but it stops early
 * and it trusts unread files. Here authors see all of these problems at once, whatever else is wrong.
 */
export function checkStructure(document: PipelineDocument, included: ReadonlySet<string>): readonly Found[] {
  const graph = graphOf(document)
  const others = { stages: stagesIn(document), graph, included }
  const through = findNeedsCycle(graph)
  return [
    ...brokenExpressions(document.workflow).map((broken) => ({ job: undefined, facts: { code: 'kinds/expression', ...broken } as const })),
    ...Object.entries(document.jobs).flatMap(([job, body]) =>
      [...checkJob(job, body, document), ...checkNeeds(job, others), ...checkNeedLists(job, body)].map((facts) => ({ job, facts })),
    ),
    ...(through === undefined ? [] : [{ job: through[0], facts: { code: 'structure/cycle', through } as const }]),
  ]
}

function checkJob(job: string, body: JobDocument, document: PipelineDocument): readonly IssueFacts[] {
  const stage = stageOf(body)
  const environment = isObject(body['environment']) ? text(body['environment']['name']) : text(body['environment'])
  const facts: IssueFacts[] = []
  if (rootKeywords.includes(job) || job.startsWith('.')) facts.push({ code: 'structure/reserved-name', job })
  // Ruby counts characters, and JavaScript counts UTF-16 code units.
  const length = [...job].length
  if (length > gitlabLimits.jobName) facts.push({ code: 'structure/name-length', job, length })
  if (!stagesIn(document).includes(stage)) facts.push({ code: 'structure/unknown-stage', job, stage, stages: document.stages })
  if (!hasWork(body)) facts.push({ code: 'structure/no-script', job })
  if (body['script'] !== undefined && body['trigger'] !== undefined) facts.push({ code: 'structure/script-and-trigger', job })
  if (environment !== undefined && !isEnvironmentName(environment)) facts.push({ code: 'structure/environment-name', job, environment })
  return [...facts, ...brokenExpressions(body).map((broken) => ({ code: 'structure/expression' as const, job, ...broken }))]
}

function brokenExpressions(holder: JobDocument): readonly { readonly expression: string; readonly problem: string }[] {
  return rulesIn(holder).flatMap(({ if: expression }) => {
    const parsed = typeof expression === 'string' ? parsedCondition(expression) : undefined
    return typeof expression === 'string' && parsed?.ok === false ? [{ expression, problem: parsed.message }] : []
  })
}

function checkNeeds(job: string, { stages, graph, included }: Others): readonly IssueFacts[] {
  const { stage = '', needs = [] } = graph.get(job) ?? {}
  return needs.flatMap((need): IssueFacts[] => {
    const needed = graph.get(need.job)
    if (needed === undefined)
      return need.optional || included.has(need.job) ? [] : [{ code: 'structure/needs-undefined', job, needs: need.job }]
    const later = stages.indexOf(needed.stage) > stages.indexOf(stage) && stages.includes(stage)
    return later ? [{ code: 'structure/needs-later-stage', job, needs: need.job, stage, later: needed.stage }] : []
  })
}

/** Checks each list by itself: the job's own needs, and those of each rule. */
function checkNeedLists(job: string, body: JobDocument): readonly IssueFacts[] {
  return [body, ...rulesIn(body)].flatMap((holder): IssueFacts[] => {
    const names = (needsOf(holder) ?? []).map((need) => need.job)
    const double = names.find((name, index) => names.indexOf(name) !== index)
    return [
      ...(names.length > gitlabLimits.needs
        ? [{ code: 'structure/needs-limit', job, count: names.length, limit: gitlabLimits.needs } as const]
        : []),
      ...(double === undefined ? [] : [{ code: 'structure/needs-duplicate', job, needs: double } as const]),
    ]
  })
}

function hasWork({ script, run, trigger }: JobDocument): boolean {
  if (Array.isArray(run) && run.length > 0) return true
  if (isObject(trigger) ? ['project', 'include'].some((key) => trigger[key] !== undefined) : text(trigger) !== undefined) return true
  return Array.isArray(script) ? script.some((line) => line !== '') : typeof script === 'string' && script !== ''
}
