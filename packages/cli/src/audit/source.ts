import { readFile } from 'node:fs/promises'
import { dirname, isAbsolute, join, relative, sep } from 'node:path'
import { parseReleasePlan, type ReleasePlan, UsageError } from '@stagegate/schema'

/** The pipeline that is judged. */
export interface Source {
  readonly yaml: string
  /** The file as the project names it, from its folder. */
  readonly name: string
  readonly plan: ReleasePlan | undefined
}

export async function readSource(file: string, { root }: { readonly root: string }): Promise<Source> {
  return { yaml: await textOf(file), plan: await planBeside(file), name: nameIn(root, file) }
}

/** The file as the project names it, from its folder; as it was named where it lies elsewhere. */
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
  return code === 'EISDIR' ? 'it is a folder, and should be a file' : cause instanceof Error ? cause.message : String(cause)
}
