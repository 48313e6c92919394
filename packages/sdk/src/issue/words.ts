import { basename } from 'node:path'
import type { SourceLocation } from '../source-location.js'

/** The kind of a pipeline whose workflow has no rules, or of a rule without `if`. */
export const anyKind = 'any'

/** Describes the pipelines that an issue is about: a kind, or, for an audited file, a rule of its workflow. */
export function where(kind: string): string {
  if (kind === anyKind) return 'in any pipeline'
  return kind.includes('$') ? `in pipelines with ${kind}` : `in the kind ${kind}`
}

/** Jobs in the order in which they wait for one another, with the lines that made them. */
export function placed(names: readonly string[], sources: readonly (SourceLocation | undefined)[]): string {
  return names.map((name, index) => `${name}${placeOf(sources[index])}`).join(' → ')
}

/** The author's line, and the one that called the function that it is in: `pipeline.ts:12, called at pipeline.ts:30`. */
export function lineOf({ file, line, calledAt }: SourceLocation): string {
  return `${basename(file)}:${line}${calledAt === undefined ? '' : `, called at ${lineOf(calledAt)}`}`
}

export function placeOf(source: SourceLocation | undefined): string {
  return source === undefined ? '' : ` (${basename(source.file)}:${source.line})`
}
