import { isObject, itemsIn, text } from '../../gitlab/document.js'
import { neededOfParent } from '../../gitlab/parent.js'
import type { KindGraph, KindJob } from '../../graph/kinds.js'
import { rulesIn } from '../../graph/rules.js'
import { waitsOf } from '../../graph/waits.js'
import type { Found } from '../../issue/facts.js'
import type { ReleaseFacts } from '../gate/facts.js'
import { leftBy, overlapping } from './paths.js'

/**
 * GitLab unpacks the artifacts of all needed jobs into one folder. So a publishing job takes only those of prepare, seal and approve, a
 * seal also takes the records, and nothing else may write below `.stagegate/`.
 */
export function checkArtifacts(graphs: readonly KindGraph[], facts: ReleaseFacts): readonly Found[] {
  const found = graphs.flatMap((graph) =>
    [...graph.jobs.values()].flatMap((job) => [...foreign(graph, job, facts), ...elsewhere(job, facts), ...overlap(graph, job, facts)]),
  )
  const seen = new Set<string>()
  return found.filter(({ facts: one }) => {
    const key = JSON.stringify(one)
    return !seen.has(key) && seen.add(key)
  })
}

/** The jobs from which a release's job may take artifacts; `undefined` for a job that may take any. */
function sourcesFor(job: string, { publishers, feeders, writers, byHand }: ReleaseFacts): ReadonlySet<string> | undefined {
  if (byHand.has(job)) return undefined
  if (publishers.has(job)) return feeders
  return feeders.has(job) ? writers : undefined
}

function foreign(graph: KindGraph, job: KindJob, facts: ReleaseFacts): readonly Found[] {
  const allowed = sourcesFor(job.name, facts)
  if (allowed === undefined) return []
  const waits = job.ways.flatMap((way) => waitsOf(graph, job, way)).filter((wait) => wait.artifacts && !allowed.has(wait.job.name))
  const left = waits.map((wait) => ({ name: wait.job.name, ...leftBy(wait.job, graph) }))
  const from = left.find(({ dotenv }) => dotenv.length > 0) ?? left.find(({ globs }) => globs.length > 0)
  if (from === undefined) return []
  const what = from.dotenv.length > 0 ? 'variables' : 'files'
  return [artifactsFound(job.name, from.name, what, facts)]
}

/**
 * Artifacts of another project or pipeline could come from any job there, and are unpacked next to the credential. The build of a target
 * may be a job of the pipeline that starts this one.
 */
function elsewhere({ name, document }: KindJob, facts: ReleaseFacts): readonly Found[] {
  if (sourcesFor(name, facts) === undefined && !facts.stagers.has(name) && !facts.remotes.has(name)) return []
  const needs = [document, ...rulesIn(document)].flatMap((holder) => itemsIn(holder['needs']))
  return needs.flatMap((need) => {
    if (!isObject(need) || need['artifacts'] === false || text(need['job']) === undefined) return []
    if (neededOfParent(need) !== undefined && neededOfParent(need) === facts.stagers.get(name)?.build) return []
    const place = text(need['project']) ?? text(need['pipeline'])
    return place === undefined ? [] : [artifactsFound(name, `${text(need['job'])} of ${place}`, 'files', facts)]
  })
}

function artifactsFound(job: string, from: string, what: 'files' | 'variables', { sources }: ReleaseFacts): Found {
  return { job, facts: { code: 'isolation/artifacts', job, from, made: sources.get(from), what } }
}

/** An author's job whose artifacts are where the manifest and the command are. */
function overlap(graph: KindGraph, job: KindJob, facts: ReleaseFacts): readonly Found[] {
  if (facts.writers.has(job.name) || facts.publishers.size + facts.stagers.size === 0) return []
  const glob = overlapping(leftBy(job, graph))
  return glob === undefined || !isNeeded(graph, job, facts)
    ? []
    : [{ job: job.name, facts: { code: 'isolation/overlap', job: job.name, glob } }]
}

/** Only jobs that a release waits for can conflict with it. */
function isNeeded(graph: KindGraph, { name }: KindJob, facts: ReleaseFacts): boolean {
  return [...facts.writers, ...facts.deployments].some((writer) => {
    const job = graph.jobs.get(writer)
    return job?.ways.some((way) => waitsOf(graph, job, way).some((wait) => wait.job.name === name)) === true
  })
}
