import type { JsonValue } from '@stagegate/schema'
import { isObject } from '../../gitlab/document.js'
import type { KindGraph, KindJob } from '../../graph/kinds.js'
import { waitsOf } from '../../graph/waits.js'
import type { Found } from '../../issue/facts.js'
import type { ReleaseFacts } from '../gate/facts.js'

/**
 * GitLab unpacks the artifacts of all needed jobs into one folder: what publishes takes those of prepare, seal and
 * approve alone, and nobody else writes below `.stagegate/`.
 */
export function checkArtifacts(graphs: readonly KindGraph[], facts: ReleaseFacts): readonly Found[] {
  const found = graphs.flatMap((graph) =>
    [...graph.jobs.values()].flatMap((job) => [...foreign(graph, job, facts), ...overlap(graph, job, facts)]),
  )
  const seen = new Set<string>()
  return found.filter(({ facts: one }) => {
    const key = JSON.stringify(one)
    return !seen.has(key) && seen.add(key)
  })
}

function foreign(graph: KindGraph, job: KindJob, facts: ReleaseFacts): readonly Found[] {
  if (!facts.publishers.has(job.name)) return []
  const waits = job.ways.flatMap((way) => waitsOf(graph, job, way))
  const from = waits.find((wait) => wait.artifacts && !facts.feeders.has(wait.job.name) && pathsOf(wait.job).length > 0)
  return from === undefined
    ? []
    : [
        {
          job: job.name,
          facts: { code: 'isolation/artifacts', job: job.name, from: from.job.name, made: facts.sources.get(from.job.name) },
        },
      ]
}

/** A job of the author's that leaves something where the manifest and the command lie. */
function overlap(graph: KindGraph, job: KindJob, facts: ReleaseFacts): readonly Found[] {
  if (facts.writers.has(job.name) || facts.publishers.size + facts.stagers.size === 0) return []
  const glob = pathsOf(job).find(overlaps)
  return glob === undefined || !isNeeded(graph, job, facts)
    ? []
    : [{ job: job.name, facts: { code: 'isolation/overlap', job: job.name, glob } }]
}

/** Only what jobs of a release wait for can get in their way. */
function isNeeded(graph: KindGraph, { name }: KindJob, facts: ReleaseFacts): boolean {
  return [...facts.writers, ...facts.deployments].some((writer) => {
    const job = graph.jobs.get(writer)
    return job?.ways.some((way) => waitsOf(graph, job, way).some((wait) => wait.job.name === name)) === true
  })
}

/** Whether something below `.stagegate/` can fit the glob. */
function overlaps(glob: string): boolean {
  const [first = ''] = glob.replace(/^(?:\.\/)+/, '').split('/')
  if (first === '' || first === '.' || first === '**') return true
  const pattern = first.replaceAll(/[\\^$.*+?()[\]{}|]/g, (mark) => (mark === '*' ? '.*' : mark === '?' ? '.' : `\\${mark}`))
  // A glob's star does not begin with a dot.
  return !/^[*?]/.test(first) && new RegExp(`^${pattern}$`).test('.stagegate')
}

function pathsOf({ document: { artifacts } }: KindJob): readonly string[] {
  if (!isObject(artifacts)) return []
  const reports = isObject(artifacts['reports']) ? texts(artifacts['reports']['dotenv']) : []
  return [...texts(artifacts['paths']), ...(artifacts['untracked'] === true ? ['.'] : []), ...reports]
}

function texts(value: JsonValue | undefined): readonly string[] {
  return typeof value === 'string' ? [value] : Array.isArray(value) ? value.flatMap(texts) : []
}
