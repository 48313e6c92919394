import { parse } from '../condition/index.js'
import { isObject, type JobDocument, needsOf, type PipelineDocument, stageOf, stagesIn, text } from '../gitlab/document.js'
import { gitlabLimits } from '../gitlab/limits.js'
import { findNeedsCycle, type GraphJob, graphOf } from '../graph/graph.js'
import { rulesIn } from '../graph/rules.js'
import type { Found, IssueFacts } from '../issue/facts.js'

/** Names that GitLab reads as keywords of the whole file. */
const reservedNames = [
  'after_script',
  'before_script',
  'cache',
  'default',
  'image',
  'include',
  'services',
  'spec',
  'stages',
  'variables',
  'workflow',
]

/** Checks the structure of any pipeline, on the document as it will be rendered. */
export function checkStructure(document: PipelineDocument, included: ReadonlySet<string>): readonly Found[] {
  const graph = graphOf(document)
  const found: readonly Found[] = [
    ...checkExpressions(document.workflow, (expression, problem) => ({ code: 'kinds/expression', expression, problem })).map((facts) => ({
      job: undefined,
      facts,
    })),
    ...Object.entries(document.jobs).flatMap(([name, job]) =>
      checkJob(name, job, document, graph, included).map((facts) => ({ job: name, facts })),
    ),
  ]
  const through = findNeedsCycle(graph)
  return through === undefined ? found : [...found, { job: through[0], facts: { code: 'structure/cycle', through } }]
}

function checkJob(
  name: string,
  job: JobDocument,
  document: PipelineDocument,
  graph: ReadonlyMap<string, GraphJob>,
  included: ReadonlySet<string>,
): readonly IssueFacts[] {
  const stage = stageOf(job)
  const stages = stagesIn(document)
  const facts: IssueFacts[] = []
  if (reservedNames.includes(name) || name.startsWith('.')) facts.push({ code: 'structure/reserved-name', job: name })
  if (name.length > gitlabLimits.jobName) facts.push({ code: 'structure/name-length', job: name, length: name.length })
  if (!stages.includes(stage)) facts.push({ code: 'structure/unknown-stage', job: name, stage, stages: document.stages })
  if (!hasWork(job)) facts.push({ code: 'structure/no-script', job: name })
  if (job['script'] !== undefined && job['trigger'] !== undefined) facts.push({ code: 'structure/script-and-trigger', job: name })
  const environment = isObject(job['environment']) ? text(job['environment']['name']) : text(job['environment'])
  if (environment !== undefined && !isEnvironmentName(environment))
    facts.push({ code: 'structure/environment-name', job: name, environment })
  return [
    ...facts,
    ...checkExpressions(job, (expression, problem) => ({ code: 'structure/expression', job: name, expression, problem })),
    ...checkNeeds(name, stage, stages, graph, included),
    ...checkNeedLists(name, job),
  ]
}

function checkExpressions(holder: JobDocument, issue: (expression: string, problem: string) => IssueFacts): readonly IssueFacts[] {
  return rulesIn(holder).flatMap(({ if: expression }) => {
    const parsed = typeof expression === 'string' ? parse(expression) : undefined
    return typeof expression === 'string' && parsed?.ok === false ? [issue(expression, parsed.message)] : []
  })
}

/** @see https://docs.gitlab.com/ci/yaml/#environmentname */
function isEnvironmentName(name: string): boolean {
  return /^[A-Za-z0-9_/${}. -]+$/.test(name) && !name.startsWith('/') && !name.endsWith('/')
}

function checkNeeds(
  name: string,
  stage: string,
  stages: readonly string[],
  graph: ReadonlyMap<string, GraphJob>,
  included: ReadonlySet<string>,
): readonly IssueFacts[] {
  return (graph.get(name)?.needs ?? []).flatMap((need): IssueFacts[] => {
    const needed = graph.get(need.job)
    if (needed === undefined)
      return need.optional || included.has(need.job) ? [] : [{ code: 'structure/needs-undefined', job: name, needs: need.job }]
    const later = stages.indexOf(needed.stage) > stages.indexOf(stage) && stages.includes(stage)
    return later ? [{ code: 'structure/needs-later-stage', job: name, needs: need.job, stage, later: needed.stage }] : []
  })
}

/** Each list by itself: the job's own, and that of each rule. */
function checkNeedLists(name: string, job: JobDocument): readonly IssueFacts[] {
  const lists = [needsOf(job) ?? [], ...rulesIn(job).map((rule) => needsOf(rule) ?? [])]
  return lists.flatMap((needs): IssueFacts[] => {
    const names = needs.map((need) => need.job)
    const double = names.find((needed, index) => names.indexOf(needed) !== index)
    return [
      ...(names.length > gitlabLimits.needs
        ? [{ code: 'structure/needs-limit' as const, job: name, count: names.length, limit: gitlabLimits.needs }]
        : []),
      ...(double === undefined ? [] : [{ code: 'structure/needs-duplicate' as const, job: name, needs: double }]),
    ]
  })
}

function hasWork({ script, run, trigger }: JobDocument): boolean {
  if (Array.isArray(run) && run.length > 0) return true
  if (isObject(trigger) ? ['project', 'include'].some((key) => trigger[key] !== undefined) : text(trigger) !== undefined) return true
  return Array.isArray(script) ? script.some((line) => line !== '') : typeof script === 'string' && script !== ''
}
