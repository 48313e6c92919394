import { join, posix } from 'node:path'
import { linesOfKeys } from '../audit/marks.js'
import { childrenOf } from '../check/include/children.js'
import { placesIn } from '../check/include/reader.js'
import { fewChoicesOf, type WholePipeline, type Written } from '../check/include/whole.js'
import { type Finding, type LintResult, lintText, type ReadLocal } from '../lint/index.js'
import { documentOf } from '../lint/resolve/document.js'
import { renderYaml } from '../render/yaml.js'
import type { SourceLocation } from '../source-location.js'

/** The file that GitLab reads first. */
export const rootFile = '.gitlab-ci.yml'

/** The project's own pipeline, including the generated file. */
export interface Root {
  readonly wholes: readonly [WholePipeline, ...WholePipeline[]]
  /** Whether it includes the generated file. */
  readonly includes: boolean
  /** The errors for which GitLab refuses it. */
  readonly errors: readonly Finding[]
  /** Its own stages, which replace those of included files. */
  readonly stages: readonly string[] | undefined
  /** The lines of its jobs and keywords. */
  readonly places: ReadonlyMap<string, SourceLocation>
}

export interface RootInput extends Written {
  /** The path of the generated document. */
  readonly output: string
  readonly readLocal: ReadLocal
  /** The project's folder. */
  readonly folder: string
}

/** Reads the project's root file as GitLab does, with the generated file as it will be; `undefined` if there is none. */
export function rootWith({ document, written, output, readLocal, folder }: RootInput): Root | undefined {
  const text = readLocal(rootFile)
  if (text === undefined) return undefined
  const yaml = renderYaml(written, { header: [], comment: () => undefined })
  const isOurs = (path: string) => posix.normalize(path).replace(/^\//, '') === posix.normalize(output)
  const reader: ReadLocal = Object.assign(
    (path: string) => (isOurs(path) ? yaml : readLocal(path)),
    readLocal.list && { list: () => [...new Set([...(readLocal.list?.() ?? []), output])] },
  )
  const linted = lintText(text, { readLocal: reader })
  const own = new Map([...linesOfKeys(text)].map(([key, line]) => [key, { file: join(folder, rootFile), line, column: 1 }] as const))
  const parts: Parts = { document, written, folder, reader, own, isOurs }
  const [first = linted, ...others] = fewChoicesOf(linted.conditional).map((taken) =>
    taken === undefined ? linted : lintText(text, { readLocal: reader, taken }),
  )
  return {
    wholes: [wholeOf(first, parts), ...others.map((one) => wholeOf(one, parts))],
    includes: linted.read.some(({ path }) => isOurs(path)),
    errors: [first, ...others].flatMap(({ findings }) => findings.filter(({ severity }) => severity === 'error')),
    stages: own.has('stages') && first.resolved !== undefined ? documentOf(first.resolved).stages : undefined,
    places: own,
  }
}

interface Parts extends Pick<RootInput, 'document' | 'written' | 'folder'> {
  readonly reader: ReadLocal
  /** The lines of the root file's jobs and keywords. */
  readonly own: Root['places']
  /** Whether the path is that of the generated file. */
  readonly isOurs: (path: string) => boolean
}

/** The pipeline as GitLab reads it, and the jobs of the generated file that other files also define, including hidden ones. */
function wholeOf(
  { read, resolved, handed, conditional, unread }: LintResult,
  { document, written, folder, reader, own, isOurs }: Parts,
): WholePipeline {
  const others = read.filter(({ path }) => !isOurs(path))
  const places = new Map([...placesIn(others, folder), ...own])
  const merged = resolved === undefined ? document : documentOf(resolved)
  const redefined = [...places].flatMap(([job, at]) => (Object.hasOwn(written.jobs, job) ? [{ job, at }] : []))
  return {
    document: { ...merged, ...(handed.length > 0 && { include: handed.map((inputs) => ({ inputs })) }) },
    places,
    conditional,
    included: { redefined, unread, children: childrenOf(merged, { readLocal: reader, folder }) },
  }
}
