import type { PipelineDocument } from '../../gitlab/document.js'
import { type Finding, resolveDocument } from '../../lint/index.js'
import { documentOf } from '../../lint/resolve/document.js'
import type { SourceLocation } from '../../source-location.js'
import { type ChildPipeline, childrenOf } from './children.js'
import { placesIn, type Reader } from './reader.js'

/** The parts of the pipeline that come from included files. */
export interface Included {
  /** The pipeline's own jobs that an included file also defines, and where. */
  readonly redefined: readonly { readonly job: string; readonly at: SourceLocation }[]
  /** Files that were not read. */
  readonly unread: readonly string[]
  readonly children: readonly ChildPipeline[]
}

export const nothingIncluded: Included = { redefined: [], unread: [], children: [] }

export interface WholePipeline {
  /** The pipeline as GitLab reads it, with its included files. */
  readonly document: PipelineDocument
  /** The lines of the jobs of included files. */
  readonly places: ReadonlyMap<string, SourceLocation>
  readonly included: Included
  /** Local files that depend on rules, and were not read for that reason. */
  readonly conditional: readonly string[]
  /** Why GitLab would refuse the included files; the document is then unchanged. */
  readonly refused?: Finding | undefined
}

/** A document and its written form: other files can redefine the hidden jobs that its jobs extend there. */
export interface Written {
  readonly document: PipelineDocument
  readonly written: PipelineDocument
}

/** The document with the local files that it includes, as far as they can be read, and with `extends` resolved. */
export function wholeDocument({ document, written }: Written, { readLocal, folder, taken }: Reader): WholePipeline {
  const { include, spec, prefill, jobs, ...rest } = written
  const children = (of: PipelineDocument) => childrenOf(of, { readLocal, folder })
  if (include === undefined && Object.values(document.jobs).every((job) => job['extends'] === undefined))
    return { document, places: new Map(), conditional: [], included: { ...nothingIncluded, children: children(document) } }
  const { resolved, findings, read, unread, handed, conditional } = resolveDocument(
    { ...(include !== undefined && { include }), ...rest, ...jobs },
    { readLocal, taken },
  )
  if (resolved === undefined)
    return {
      document,
      places: new Map(),
      conditional: [],
      included: { ...nothingIncluded, children: children(document) },
      refused: findings[0],
    }
  const places = placesIn(read, folder)
  const merged = documentOf(resolved)
  const whole = {
    ...merged,
    ...(handed.length > 0 && { include: handed.map((inputs) => ({ inputs })) }),
    ...(spec !== undefined && { spec }),
    ...((prefill ?? merged.prefill) !== undefined && { prefill: { ...merged.prefill, ...prefill } }),
  }
  const redefined = [...places].flatMap(([job, at]) => (Object.hasOwn(jobs, job) ? [{ job, at }] : []))
  return { document: whole, places, conditional, included: { redefined, unread, children: children(whole) } }
}

/** With more files with rules than this, the choices are not checked: the files count as unread. */
const mostConditional = 4

/** Every choice of these files, or only `undefined` if there are no files or too many. */
export function fewChoicesOf(files: readonly string[]): readonly (ReadonlySet<string> | undefined)[] {
  return files.length === 0 || files.length > mostConditional ? [undefined] : choicesOf(files)
}

/** Every choice of these files. */
export function choicesOf(files: readonly string[]): readonly ReadonlySet<string>[] {
  return files.reduce<readonly ReadonlySet<string>[]>((all, file) => all.flatMap((one) => [one, new Set([...one, file])]), [new Set()])
}
