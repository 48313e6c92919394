import { posix } from 'node:path'
import { type JsonValue, jobFiles, jobFolder, jobFolders } from '@stagegate/schema'
import { isObject } from '../../gitlab/document.js'
import { globPattern } from '../../gitlab/glob.js'
import { expansionsOf } from '../../graph/expansion.js'
import type { KindGraph, KindJob } from '../../graph/kinds.js'
import { takesDefault } from '../../graph/visible.js'

/** The artifacts of a job. */
export interface JobFiles {
  readonly globs: readonly string[]
  readonly excluded: readonly string[]
  /** Files of variables that later jobs get. */
  readonly dotenv: readonly string[]
}

/** The artifacts of a job, with GitLab's defaults. */
export function leftBy(job: KindJob, graph: KindGraph): JobFiles {
  const { document } = job
  const artifacts = document['artifacts'] ?? (takesDefault(document, 'artifacts') ? graph.defaults['artifacts'] : undefined)
  if (!isObject(artifacts)) return { globs: [], excluded: [], dotenv: [] }
  const reports = isObject(artifacts['reports']) ? artifacts['reports'] : {}
  const expanded = (value: JsonValue | undefined) => texts(value).flatMap((glob) => expansionsOf(glob, job, graph))
  const dotenv = expanded(reports['dotenv'])
  return {
    globs: [...expanded(artifacts['paths']), ...(artifacts['untracked'] === true ? ['.'] : []), ...dotenv],
    excluded: texts(artifacts['exclude']),
    dotenv,
  }
}

function texts(value: JsonValue | undefined): readonly string[] {
  return typeof value === 'string' ? [value] : Array.isArray(value) ? value.flatMap(texts) : []
}

/** One of each form of the release's documents. */
const documents = [...Object.values(jobFiles), ...Object.values(jobFolders).map((folder) => `${folder}/document.json`)]

const projectFolder = /^\$(?:CI_PROJECT_DIR|\{CI_PROJECT_DIR\})(?=\/|$)/
const variable = /\$(?:\w+|\{\w+\})|%\w+%|\$\[\[.*?\]\]/g

/** The first glob that could match one of the release's documents, or a folder that contains one. */
export function overlapping({ globs, excluded }: Pick<JobFiles, 'globs' | 'excluded'>): string | undefined {
  const left = documents.filter((path) => !excluded.some((glob) => fits(glob, path)))
  return globs.find((glob) => left.some((path) => fits(glob, path)))
}

/** Whether the glob matches the path, or a folder that contains it: the runner archives folders whole. */
function fits(glob: string, path: string): boolean {
  const plain = posix.normalize(glob.replace(projectFolder, '.')).replace(/\/+$/, '')
  if (plain === '.' || plain === '') return true
  const pattern = globPattern(plain, variable)
  return [path, posix.dirname(path), jobFolder].some((one) => pattern.test(one))
}
