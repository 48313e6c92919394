import type { JsonObject, JsonValue } from '@stagegate/schema'
import { isObject, itemsIn, type JobDocument, type PipelineDocument, text } from '../../gitlab/document.js'
import { gitlabLimits } from '../../gitlab/limits.js'
import { copyName, filledRow, matrixRows, type Row } from '../../gitlab/parallel.js'
import { rulesIn } from '../../graph/rules.js'

/** A document after `parallel` is expanded. */
export interface Copies {
  readonly document: PipelineDocument
  /** The job from which each copy was made. */
  readonly origins: ReadonlyMap<string, string>
  /** Names that two jobs have: GitLab silently keeps the later one. */
  readonly clashes: readonly { readonly name: string; readonly jobs: readonly [first: string, second: string] }[]
}

/**
 * The document with a job for each copy that `parallel` makes, and with `needs` of copies, as GitLab's normalizer makes them.
 * @see lib/gitlab/ci/config/normalizer.rb of GitLab
 */
export function withCopies(document: PipelineDocument): Copies {
  const parallel = Object.entries(document.jobs).filter(([, job]) => job['parallel'] !== undefined)
  if (parallel.length === 0) return { document, origins: new Map(), clashes: [] }
  const copies = new Map(parallel.map(([name, job]) => [name, copiesOf(name, job)] as const).filter(([, rows]) => rows.size > 0))
  const jobs = new Map<string, JobDocument>()
  const origins = new Map<string, string>()
  const clashes: Copies['clashes'][number][] = []
  for (const [origin, job] of Object.entries(document.jobs)) {
    for (const [name, row] of copies.get(origin) ?? [[origin, new Map()] as const]) {
      if (jobs.has(name)) clashes.push({ name, jobs: [origins.get(name) ?? name, origin] })
      jobs.set(name, copyOf(job, row, copies))
      origins.set(name, origin)
    }
  }
  return { document: { ...document, jobs: Object.fromEntries(jobs) }, origins, clashes }
}

type CopiesOfJobs = ReadonlyMap<string, ReadonlyMap<string, Row>>

/** The rows of a job's copies, by their names. A `parallel` that GitLab refuses makes none. */
function copiesOf(name: string, { parallel }: JobDocument): ReadonlyMap<string, Row> {
  if (typeof parallel === 'number') {
    const count = Math.min(parallel, gitlabLimits.parallel)
    return new Map(Array.from({ length: count }, (_, index) => [`${name} ${index + 1}/${parallel}`, new Map()] as const))
  }
  return new Map(matrixRows(parallel).map((row) => [copyName(name, row), row] as const))
}

function copyOf({ parallel: _, ...job }: JobDocument, row: Row, copies: CopiesOfJobs): JobDocument {
  const needs = (holder: JsonObject): JsonObject =>
    holder['needs'] === undefined
      ? holder
      : { ...holder, needs: itemsIn(holder['needs']).flatMap((need) => neededCopies(need, row, copies)) }
  const { variables, rules } = job
  return {
    ...needs(job),
    ...(row.size > 0 && { variables: { ...(isObject(variables) && variables), ...Object.fromEntries(row) } }),
    ...(Array.isArray(rules) && { rules: rulesIn(job).map(needs) }),
  }
}

/**
 * A need of a job means each copy, or those that its own matrix names; `$[[ matrix.NAME ]]` in it comes from the row of the needing job.
 */
function neededCopies(need: JsonValue, own: Row, copies: CopiesOfJobs): readonly JsonValue[] {
  const job = isObject(need) ? text(need['job']) : text(need)
  if (job === undefined) return [need]
  if (!isObject(need)) return [...(copies.get(job)?.keys() ?? [job])]
  const { parallel, ...rest } = need
  const names = isObject(parallel)
    ? matrixRows(parallel).map((row) => copyName(job, filledRow(row, own).row))
    : [...(copies.get(job)?.keys() ?? [job])]
  return names.map((name) => ({ ...rest, job: name }))
}
