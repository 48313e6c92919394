import { parse } from '../condition/index.js'
import { isObject, type JobDocument, needsOf, type PipelineDocument, rulesOf, stageOf } from '../gitlab/document.js'
import { findCycle, type GraphJob, graphOf } from '../graph/graph.js'
import type { IssueFacts } from '../issue.js'

/** An issue, and the job that it is about. */
export interface Found {
  readonly job: string | undefined
  readonly facts: IssueFacts
}

/** GitLab's own default; an administrator can lower it. */
const needsLimit = 50
/** GitLab's table of jobs holds no longer name. */
const nameLimit = 255

/** What no pipeline may have, whatever it is for: judged on the document as it will be rendered. */
export function checkStructure(document: PipelineDocument): readonly Found[] {
  const graph = graphOf(document)
  const found = Object.entries(document.jobs).flatMap(([name, job]) =>
    checkJob(name, job, document, graph).map((facts) => ({ job: name, facts })),
  )
  const through = findCycle(graph)
  return through === undefined ? found : [...found, { job: through[0], facts: { code: 'structure/cycle', through } }]
}

function checkJob(
  name: string,
  job: JobDocument,
  { stages }: PipelineDocument,
  graph: ReadonlyMap<string, GraphJob>,
): readonly IssueFacts[] {
  const stage = stageOf(job)
  const facts: IssueFacts[] = []
  if (name.length > nameLimit) facts.push({ code: 'structure/name-length', job: name, length: name.length })
  if (!stages.includes(stage)) facts.push({ code: 'structure/unknown-stage', job: name, stage, stages })
  if (!hasWork(job)) facts.push({ code: 'structure/no-script', job: name })
  for (const { if: expression } of rulesOf(job)) {
    const parsed = expression === undefined ? undefined : parse(expression)
    if (parsed?.ok === false) facts.push({ code: 'structure/expression', job: name, expression: expression ?? '', problem: parsed.message })
  }
  return [...facts, ...checkNeeds(name, stage, stages, graph), ...checkNeedLists(name, job)]
}

function checkNeeds(name: string, stage: string, stages: readonly string[], graph: ReadonlyMap<string, GraphJob>): readonly IssueFacts[] {
  return (graph.get(name)?.needs ?? []).flatMap((need): IssueFacts[] => {
    const needed = graph.get(need.job)
    if (needed === undefined) return need.optional ? [] : [{ code: 'structure/needs-undefined', job: name, needs: need.job }]
    const later = stages.indexOf(needed.stage) > stages.indexOf(stage) && stages.includes(stage)
    return later ? [{ code: 'structure/needs-later-stage', job: name, needs: need.job, stage, later: needed.stage }] : []
  })
}

/** Each list by itself: the job's own, and that of each rule. */
function checkNeedLists(name: string, job: JobDocument): readonly IssueFacts[] {
  const lists = [needsOf(job) ?? [], ...rulesOf(job).map(({ needs }) => needs ?? [])]
  return lists.flatMap((needs): IssueFacts[] => {
    const names = needs.map((need) => need.job)
    const double = names.find((needed, index) => names.indexOf(needed) !== index)
    return [
      ...(names.length > needsLimit ? [{ code: 'structure/needs-limit' as const, job: name, count: names.length, limit: needsLimit }] : []),
      ...(double === undefined ? [] : [{ code: 'structure/needs-duplicate' as const, job: name, needs: double }]),
    ]
  })
}

function hasWork(job: JobDocument): boolean {
  const script = job['script']
  return (Array.isArray(script) ? script.length > 0 : typeof script === 'string' && script !== '') || isObject(job['trigger'])
}
