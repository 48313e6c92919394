import { join } from 'node:path'
import type { JsonValue } from '@stagegate/schema'
import { isObject, type PipelineDocument, text } from '../../gitlab/document.js'
import { type Finding, type ReadFile, type ReadLocal, resolveDocument } from '../../lint/index.js'
import { documentOf } from '../../lint/resolve/document.js'
import type { SourceLocation } from '../../source-location.js'

/** The parts of the pipeline that come from included files. */
export interface Included {
  /** Jobs of the pipeline's own that an included file has too, and where. */
  readonly redefined: readonly { readonly job: string; readonly at: SourceLocation }[]
  /** Files that nobody has looked at. */
  readonly unread: readonly string[]
  readonly children: readonly ChildPipeline[]
}

/** A pipeline that a job starts in the same project: its jobs can get at the same variables. */
export interface ChildPipeline {
  /** The job that starts it. */
  readonly job: string
  /** `undefined` where GitLab would refuse it, with what is wrong. */
  readonly document: PipelineDocument | undefined
  readonly problem: string | undefined
  readonly unread: readonly string[]
  readonly places: ReadonlyMap<string, SourceLocation>
}

export const nothingIncluded: Included = { redefined: [], unread: [], children: [] }

export interface Reader {
  readonly readLocal: ReadLocal | undefined
  /** The project's, from which paths start. */
  readonly folder: string
}

export interface Whole {
  /** As GitLab reads it, with the files that it includes. */
  readonly document: PipelineDocument
  /** Where the jobs of included files stand. */
  readonly places: ReadonlyMap<string, SourceLocation>
  readonly included: Included
  /** Why GitLab would refuse what it includes; the document is then as it was. */
  readonly refused?: Finding | undefined
}

/** The document with the local files that it includes, as far as they can be read. */
export function wholeDocument(document: PipelineDocument, { readLocal, folder }: Reader): Whole {
  const { include, spec, prefill, jobs, ...rest } = document
  const children = (of: PipelineDocument) => childrenOf(of, { readLocal, folder })
  if (include === undefined) return { document, places: new Map(), included: { ...nothingIncluded, children: children(document) } }
  const { resolved, findings, read, unread } = resolveDocument({ include, ...rest, ...jobs }, { ...(readLocal && { readLocal }) })
  if (resolved === undefined)
    return { document, places: new Map(), included: { ...nothingIncluded, children: children(document) }, refused: findings[0] }
  const places = placesIn(read, folder)
  const merged = documentOf(resolved)
  const whole = {
    ...merged,
    ...(spec !== undefined && { spec }),
    ...((prefill ?? merged.prefill) !== undefined && { prefill: { ...merged.prefill, ...prefill } }),
  }
  const redefined = [...places].flatMap(([job, at]) => (Object.hasOwn(jobs, job) ? [{ job, at }] : []))
  return { document: whole, places, included: { redefined, unread, children: children(whole) } }
}

/** Where the jobs and keywords of the files stand. */
export function placesIn(read: readonly ReadFile[], folder: string): ReadonlyMap<string, SourceLocation> {
  const places = read.flatMap(({ path, lines }) =>
    [...lines].map(([key, line]) => [key, { file: join(folder, path), line, column: 1 }] as const),
  )
  return new Map(places)
}

/** GitLab starts no pipelines below these. */
const mostGenerations = 2

export function childrenOf(document: PipelineDocument, { readLocal, folder }: Reader, generation = 1): readonly ChildPipeline[] {
  return Object.entries(document.jobs).flatMap(([job, { trigger }]): ChildPipeline[] => {
    const include = isObject(trigger) ? trigger['include'] : undefined
    if (include === undefined) return []
    const { resolved, findings, read, unread } = resolveDocument({ include }, { ...(readLocal && { readLocal }) })
    const child = resolved === undefined ? undefined : documentOf(resolved)
    const places = placesIn(read, folder)
    // Without a reader nothing is said of files that could be read.
    const left = readLocal === undefined ? unread.filter((file) => !isLocal(include, file)) : unread
    const own = { job, document: child, problem: child === undefined ? findings[0]?.message : undefined, unread: left, places }
    return child === undefined || generation === mostGenerations
      ? [own]
      : [own, ...childrenOf(child, { readLocal, folder }, generation + 1).map((below) => ({ ...below, job }))]
  })
}

function isLocal(include: JsonValue, file: string): boolean {
  const items = Array.isArray(include) ? include : [include]
  return items.some((item) => item === file || (isObject(item) && text(item['local']) === file))
}
