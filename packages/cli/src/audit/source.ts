import { readFile } from 'node:fs/promises'
import { dirname, isAbsolute, join, relative, sep } from 'node:path'
import { parseReleasePlan, type ReleasePlan, UsageError } from '@stagegate/schema'
import { childFilesIn, includesIn, lintText } from '@stagegate/sdk'
import { localFiles } from '../author/local-files.js'
import { askGitlab, type GitlabAnswer, type GitlabOptions } from './ask-gitlab.js'

/** The pipeline that is judged. */
export interface Source {
  readonly yaml: string
  /** The file's path from the project's folder. */
  readonly name: string
  readonly plan: ReleasePlan | undefined
  /** The text as people wrote it, if GitLab merged it. */
  readonly written?: string
  /** GitLab's own judgement. */
  readonly gitlab?: GitlabAnswer
}

interface Options extends GitlabOptions {
  readonly root: string
  readonly merged?: boolean
}

/** @throws {UsageError} no file, or options that need or exclude each other; as `askGitlab` */
export async function readSource(file: string | undefined, options: Options): Promise<Source> {
  const { root, merged, gitlab: url } = options
  if (merged && url !== undefined)
    throw new UsageError({
      code: 'usage/options',
      what: '--merged and --gitlab exclude each other',
      next: 'Leave out --merged: GitLab merges the file itself.',
    })
  if (file === undefined && url === undefined)
    throw new UsageError({
      code: 'usage/options',
      what: 'no file was given',
      next: 'Name one, such as .gitlab-ci.yml, or use --gitlab to read the project’s own file.',
    })
  const text = file === undefined ? undefined : await textOf(file)
  const source = {
    yaml: text ?? '',
    name: file === undefined ? '.gitlab-ci.yml' : nameIn(root, file),
    plan: file === undefined ? undefined : ((await planBeside(file)) ?? (await planOfIncluded(text ?? '', root))),
  }
  if (merged) refuseUnmerged(source)
  const gitlab = await askGitlab(text, options)
  if (gitlab === undefined) return source
  if (gitlab.merged === undefined) return { ...source, gitlab }
  const made = { yaml: gitlab.merged, name: source.name }
  refuseUnmerged(made)
  return { ...source, ...made, written: source.yaml, gitlab }
}

function refuseUnmerged({ yaml, name }: Pick<Source, 'yaml' | 'name'>): void {
  const refused = (what: string, next: string) => new UsageError({ code: 'usage/not-merged', where: name, what, next })
  const includes = includesIn(yaml)
  if (includes.length > 0)
    throw refused(
      `it is not merged: it includes ${includes.join(', ')}`,
      'Use merged_yaml from GitLab’s CI Lint API or the output of glab ci config compile, or leave out --merged.',
    )
  if (/^:[\w.-]+:(?:\s|$)/m.test(yaml))
    throw refused(
      'its keys begin with colons, a form that only old versions of GitLab write',
      'Merge it with a newer GitLab, or audit the original file.',
    )
}

/** The file's path from the project's folder; unchanged if it is elsewhere. */
function nameIn(root: string, file: string): string {
  const path = relative(root, file)
  return path.startsWith('..') || isAbsolute(path) ? file : path.split(sep).join('/')
}

/** The plan of a pipeline that Stagegate wrote; other pipelines have none. */
async function planBeside(file: string): Promise<ReleasePlan | undefined> {
  const path = join(dirname(file), 'release-plan.json')
  const text = await readFile(path, 'utf8').catch(() => undefined)
  return text === undefined ? undefined : parseReleasePlan(text, path)
}

/** The plan next to a file that the pipeline includes or starts as a child, if a release was added to an existing pipeline. */
async function planOfIncluded(yaml: string, root: string): Promise<ReleasePlan | undefined> {
  const readLocal = localFiles(root)
  const included = lintText(yaml, { readLocal }).read.map(({ path }) => path)
  for (const path of [...included, ...childFilesIn(yaml, readLocal)]) {
    const plan = await planBeside(join(root, path))
    if (plan !== undefined) return plan
  }
  return undefined
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw new UsageError({ code: 'usage/file', what: unreadable(cause), where: file, cause })
  }
}

function unreadable(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  if (code === 'ENOENT') return 'there is no such file'
  return code === 'EISDIR' ? 'it is a folder, but should be a file' : cause instanceof Error ? cause.message : String(cause)
}
