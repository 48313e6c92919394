import { copyName, filledRow, type Row } from '../../gitlab/parallel.js'
import { flat, isTexts } from '../checks.js'
import { type EnvironmentFacts, environmentFacts } from '../keyword/environment.js'
import { neededJob, needItems } from '../keyword/needs.js'
import { isJobKey, jobTypeOf } from '../keyword/root.js'
import { defaultStage, stagesOf } from '../keyword/stages.js'
import { artifactJobs } from '../keyword/trigger.js'
import type { RuleId } from '../rule.js'
import { isMap, isText, isUnknown, type Yaml, type YamlMap } from '../value.js'
import { expandedNames, matrixOf, matrixRows } from './expand.js'

export interface NeededJob {
  readonly name: string
  readonly optional: boolean
  /** Names of expanded jobs, if the need has a matrix. */
  readonly rows: readonly string[] | undefined
  /** A variable of `$[[ matrix.NAME ]]` that is missing in the job's own matrix. */
  readonly unknown: string | undefined
}

export interface LogicalJob {
  readonly name: string
  /** As pipelines show them, after the expansion of `parallel`. */
  readonly names: readonly string[]
  readonly expanded: boolean
  /** `undefined` if it is in a file that was not read. */
  readonly stage: string | undefined
  readonly needs: readonly NeededJob[]
  readonly ruleNeeds: readonly (readonly NeededJob[])[]
  readonly dependencies: readonly string[]
  readonly artifactJobs: readonly string[]
  readonly environment: EnvironmentFacts | undefined
}

/** The jobs of a document whose keywords have no errors. */
export interface JobTable {
  readonly stages: readonly Yaml[]
  readonly jobs: readonly LogicalJob[]
  /** By their names before and after the expansion of `parallel`. */
  readonly byName: ReadonlyMap<string, LogicalJob>
}

export type Report = (found: { readonly rule: RuleId; readonly code: string; readonly keyword: string; readonly problem: string }) => void

/** Whether a job is in a later stage than another, or in none. The same stage is early enough. */
export function isLater(job: LogicalJob, than: LogicalJob, stages: readonly Yaml[]): boolean {
  if (job.stage === undefined || than.stage === undefined) return false
  const [own, other] = [stages.indexOf(job.stage), stages.indexOf(than.stage)]
  return other >= 0 && (own < 0 || own > other)
}

export function jobTable(root: YamlMap): JobTable {
  const jobs: LogicalJob[] = []
  for (const [name, value] of root) {
    const type = isJobKey(name, value) ? jobTypeOf(name, value) : undefined
    if (isText(name) && isMap(value) && type !== undefined && type !== 'hidden') jobs.push(logicalJob(name, value))
  }
  const byName = new Map<string, LogicalJob>()
  for (const job of jobs) for (const name of [job.name, ...job.names]) byName.set(name, job)
  return { stages: stagesOf(root), jobs, byName }
}

function logicalJob(name: string, job: YamlMap): LogicalJob {
  const parallel = job.get('parallel')
  const [own] = matrixRows(matrixOf(parallel))
  const names = expandedNames(name, parallel)
  const stage = job.get('stage')
  const needsIn = (value: Yaml | undefined): readonly NeededJob[] => needItems(value).flatMap((need) => neededIn(need, own ?? new Map()))
  const dependencies = job.get('dependencies') ?? null
  return {
    name,
    names: names ?? [name],
    expanded: names !== undefined,
    stage: isText(stage) ? stage : isUnknown(stage) ? undefined : defaultStage,
    needs: needsIn(job.get('needs')),
    ruleNeeds: flat(job.get('rules') ?? []).flatMap((rule) => (isMap(rule) && rule.has('needs') ? [needsIn(rule.get('needs'))] : [])),
    dependencies: isTexts(dependencies) ? dependencies : [],
    artifactJobs: artifactJobs(job.get('trigger')),
    environment: environmentFacts(job.get('environment')),
  }
}

function neededIn(need: Yaml, own: Row): readonly NeededJob[] {
  const name = neededJob(need)
  if (name === undefined) return []
  if (!isMap(need)) return [{ name, optional: false, rows: undefined, unknown: undefined }]
  const filled = need.has('parallel') ? matrixRows(matrixOf(need.get('parallel'))).map((row) => filledRow(row, own)) : undefined
  return [
    {
      name,
      optional: need.get('optional') === true,
      rows: filled?.map(({ row }) => copyName(name, row)),
      unknown: filled?.map(({ unknown }) => unknown).find((unknown) => unknown !== undefined),
    },
  ]
}
