import { existsSync } from 'node:fs'
import {
  GateError,
  gitStrategy,
  jobFiles,
  jobFolder,
  modulePath,
  notesPath,
  type Origin,
  type PlannedTarget,
  type ReleasePlan,
  UsageError,
} from '@stagegate/schema'
import { glob } from 'tinyglobby'
import { readReceipts } from './documents.js'

/**
 * Refuses to run in a folder that the runner has not emptied. The YAML asks for that, but variables of the project, of its groups and of
 * the person who starts a pipeline override it.
 * @throws {UsageError} a different strategy than the job is rendered with
 */
export function refuseOtherStrategy(variables: Readonly<Record<string, string | undefined>>): void {
  const strategy = variables['GIT_STRATEGY']
  if (strategy === gitStrategy) return
  const danger = `this job is rendered with ${gitStrategy}. Its folder can contain files from other jobs`
  throw new UsageError({
    code: 'usage/git-strategy',
    what:
      strategy === undefined
        ? `the job has no GIT_STRATEGY: ${gitStrategy}`
        : `the variable GIT_STRATEGY is ${JSON.stringify(strategy)}, but ${danger}`,
    next:
      strategy === undefined
        ? 'Nothing was done. Run stagegate synth and commit the pipeline: Stagegate renders the variable.'
        : 'Nothing was done. Remove GIT_STRATEGY from Settings > CI/CD > Variables of the project and its groups, from the schedule, or from the variables of the manual pipeline. Then start the pipeline again.',
  })
}

/**
 * Refuses leftovers: the files of a stage job can only come from its build and from prepare.
 * @throws {GateError} a checkout, or a file that neither of them leaves as an artifact
 */
export async function refuseLeftovers({ what, jobs }: PlannedTarget, { repositories, releases }: ReleasePlan): Promise<void> {
  if (existsSync('.git')) throw leftover('.git', 'a checkout', jobs.build)
  const modules = Object.values(repositories).flatMap(({ module }) => (module === undefined ? [] : [modulePath(module.path)]))
  const notes = releases.flatMap(({ pages = [] }) => pages.flatMap((page) => (page.notes === undefined ? [] : [notesPath(page.notes)])))
  const own: readonly string[] = [jobFiles.command, jobFiles.plan, ...modules, ...notes]
  const bases = (what.type === 'image' ? (what.layout === undefined ? [] : [`${what.layout}/`]) : what.files).map(baseOf)
  const found = await glob(['**'], { dot: true, onlyFiles: true, expandDirectories: false, followSymbolicLinks: false })
  const foreign = found
    .sort()
    .find((path) => !own.includes(path) && (path.startsWith(`${jobFolder}/`) || !bases.some((base) => path.startsWith(base))))
  if (foreign !== undefined) throw leftover(foreign, 'a file', jobs.build)
}

/** @throws {GateError} a receipt of another pipeline, which this job would keep as its own */
export async function refuseOtherReceipts({ pipeline }: Origin): Promise<void> {
  const other = (await readReceipts(() => undefined)).find(({ origin }) => origin.pipeline !== pipeline)
  if (other !== undefined) throw leftover(`a receipt of ${other.origin.job.name} in pipeline ${other.origin.pipeline}`, 'a file', undefined)
}

/** The part of a pattern before its first wildcard, up to a slash: artifacts lie below it. */
function baseOf(pattern: string): string {
  const literal = pattern.replace(/^\.\//, '').split(/[*?[{(!+@]/, 1)[0] ?? ''
  return literal.slice(0, literal.lastIndexOf('/') + 1)
}

function leftover(path: string, what: string, build: string | undefined): GateError {
  const from = build === undefined ? 'none of the jobs that it needs leaves' : `neither prepare nor ${build} leaves`
  return new GateError({
    code: 'gate/leftovers',
    where: path,
    what: `it is ${what} that ${from} as an artifact, so the job's folder is not its own`,
    next: 'Nothing was done. Another job left it there. Make sure that the runner empties the folder before each job, and that the build leaves only its packages.',
  })
}
