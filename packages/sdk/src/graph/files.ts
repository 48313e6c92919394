import type { PipelineEvent, Variables } from '../condition/index.js'
import { rubyGlob } from '../gitlab/ruby-glob.js'
import type { Clause, FilesAsked } from './rules.js'

/**
 * Whether the files of the event match everything that a clause asks for. Files of another project or ref are unknown and count as
 * matching.
 */
export function filesFit({ files }: Clause, event: PipelineEvent, variables: Variables): boolean {
  return files.every((asked) => {
    const known = asked.more === '' ? knownFiles(asked, event) : undefined
    if (known === undefined) return true
    const globs = asked.globs.map((glob) => rubyGlob(expanded(glob, variables)))
    return known.some((path) => globs.some((glob) => glob.test(path)))
  })
}

/** GitLab takes `changes` as true if nothing was pushed: for tags, schedules, and pipelines that somebody starts. */
function knownFiles({ keyword }: FilesAsked, event: PipelineEvent): readonly string[] | undefined {
  if (keyword === 'exists') return event.files
  const isPush = 'mergeRequest' in event || ('branch' in event && (event.source ?? 'push') === 'push')
  return isPush ? event.changes : undefined
}

function expanded(glob: string, variables: Variables): string {
  return glob.replaceAll(/\$(?:\{(\w+)\}|(\w+))/g, (_, braced?: string, plain?: string) => variables[braced ?? plain ?? ''] ?? '')
}

/** Whether files that match one clause certainly match another one. */
export function impliesFiles(one: Clause, { files }: Clause): boolean {
  return files.every(({ keyword, globs, more }) =>
    one.files.some((asked) => asked.keyword === keyword && asked.more === more && asked.globs.every((glob) => globs.includes(glob))),
  )
}

/** A clause's condition in words, and the files that it asks for; `undefined` if it has neither. */
export function reasonOf({ if: condition, files }: Pick<Clause, 'if' | 'files'>): string | undefined {
  const asked = files.map(({ keyword, globs, more }) => `${keyword} matches ${globs.length > 0 ? globs.join(', ') : more}`)
  const parts = [...(condition === undefined || condition === '' ? [] : [condition]), ...asked]
  return parts.length === 0 ? undefined : parts.join(', and ')
}
