import { isObject, type JobDocument, text } from '../../gitlab/document.js'
import { neededOfParentBy } from '../../gitlab/parent.js'
import { certainAt } from '../../graph/certainty.js'
import type { KindGraph, KindJob } from '../../graph/kinds.js'
import { takesDefault } from '../../graph/visible.js'
import { acceptsFailure, mayFail } from '../../graph/waits.js'
import type { ExistenceClause } from '../../graph/ways.js'
import type { Found } from '../../issue/facts.js'
import { breakOf } from '../gate/path.js'
import { expirySeconds } from '../hold/expiry.js'
import { graphsOfChild } from '../include/children.js'
import { leftBy, overlapping } from '../isolation/paths.js'
import { absenceOf } from '../kinds/absence.js'
import { at, type Family, type Started } from './family.js'

/** A child that starts at once takes the artifacts within a day, even if the runners are busy. */
const aDay = 86_400

/**
 * Checks the jobs of the parent whose artifacts the child takes: they succeed before it starts, and their artifacts still exist.
 * @see https://docs.gitlab.com/ci/yaml/#needspipelinejob
 */
export function checkBuilds(family: Family, started: Started): readonly Found[] {
  const needed = neededIn(family)
  const all = [...new Set([...needed.values()].flatMap((names) => [...names]))]
  const { jobs } = started.document
  const absent = all.filter((build) => !Object.hasOwn(jobs, build))
  const copies = (build: string) => Object.keys(jobs).filter((name) => name.startsWith(`${build} `) || name.startsWith(`${build}: [`))
  const late = new Map(
    [...needed].flatMap(([kind, builds]) =>
      [...builds].filter((build) => !absent.includes(build)).flatMap((build) => lateIn(family, started, kind, build)),
    ),
  )
  return [
    ...absent.flatMap((build) =>
      at(family, started.starter, { code: 'child/no-build', job: started.starter, build, copies: copies(build) }),
    ),
    ...late.values(),
    ...all
      .filter((build) => !absent.includes(build))
      .flatMap((build) => [...checkArtifacts(family, started, build), ...checkOverlap(family, started, build)]),
  ]
}

/** The jobs of the parent that the child's jobs need, by kind of the child. */
export function neededIn({ child }: Family): ReadonlyMap<string, ReadonlySet<string>> {
  const needed = new Map<string, Set<string>>()
  for (const { kind, jobs } of graphsOfChild(child)) {
    const names = needed.get(kind) ?? new Set()
    needed.set(kind, names)
    for (const { document } of jobs.values()) for (const name of neededOfParentBy(document)) names.add(name)
  }
  return needed
}

/** One finding for each build, in the first kind in which it may be late. */
function lateIn(family: Family, { graphs, starter }: Started, kind: string, build: string): readonly (readonly [string, Found])[] {
  for (const graph of graphs) {
    const job = graph.kind === kind ? graph.jobs.get(starter) : undefined
    const way = job?.ways.find((one) => job !== undefined && !isBefore(graph, job, one, build))
    if (job === undefined || way === undefined) continue
    const { because } = breakOf(graph, job, way, build)
    return at(family, starter, { code: 'child/build-late', job: starter, build, kind, because }).map((one) => [build, one] as const)
  }
  return []
}

/** A job in an earlier stage may have been skipped; then it has no artifacts, and the child reports that. */
function isBefore(graph: KindGraph, starter: KindJob, way: ExistenceClause, name: string): boolean {
  if (certainAt(graph, starter, way, (names) => names.has(name)).has(name)) return true
  const build = graph.jobs.get(name)
  if (build === undefined || way.needs !== undefined || acceptsFailure(way) || build.stage >= starter.stage) return false
  if (mayFail(build) || build.ways.some(({ when, start }) => when === 'on_failure' || start === 'manual')) return false
  return build.exists === 'always' || absenceOf({ graph, consumer: starter, way, producer: build }) === undefined
}

function checkArtifacts(family: Family, { document, graphs, starter }: Started, build: string): readonly Found[] {
  const job: JobDocument = document.jobs[build] ?? {}
  const artifacts = takesDefault(job, 'artifacts') ? document.default?.['artifacts'] : job['artifacts']
  const found = isObject(artifacts) ? artifacts : {}
  if (!Array.isArray(found['paths']) && found['untracked'] !== true)
    return at(family, build, { code: 'child/no-artifacts', job: starter, build })
  const written = found['expire_in']
  const expiry = typeof written === 'number' ? String(written) : text(written)
  const waits = graphs.some(({ jobs }) => jobs.get(starter)?.ways.some(({ start }) => start === 'manual') === true)
  const needed = waits ? Math.max(aDay, ...family.facts.kept.values()) : aDay
  // Without `expire_in` they are kept as long as the instance says, 30 days by default.
  if (expiry === undefined || (expirySeconds(expiry) ?? 0) >= needed) return []
  return at(family, build, { code: 'child/build-expires', job: starter, build, found: expiry, needed })
}

/** A build whose artifacts are where the command and the plan are: the job that takes them unpacks both into one folder. */
function checkOverlap(family: Family, { graphs }: Started, build: string): readonly Found[] {
  for (const graph of graphs) {
    const job = graph.jobs.get(build)
    const glob = job === undefined ? undefined : overlapping(leftBy(job, graph))
    if (glob !== undefined) return at(family, build, { code: 'isolation/overlap', job: build, glob })
  }
  return []
}
