import { UsageError } from '@stagegate/schema'
import type { AuditResult } from '@stagegate/sdk'
import { acceptedOf, type Comparison, compareWith } from './baseline.js'
import { readBaseline, writeBaseline } from './baseline-file.js'

/** New findings, apart from those that a file accepts. */
export interface Baseline extends Comparison {
  readonly file: string
  readonly written: boolean
}

interface Options {
  readonly baseline?: string
  readonly updateBaseline?: boolean
}

export async function applyBaseline(
  { valid, findings }: AuditResult,
  { baseline: file, updateBaseline }: Options,
): Promise<Baseline | undefined> {
  if (file === undefined) {
    if (updateBaseline !== true) return undefined
    throw new UsageError({ code: 'usage/options', what: '--update-baseline needs --baseline FILE', next: 'Name the file to write.' })
  }
  // GitLab refuses the pipeline, so nothing was checked, and nothing is known about the other findings.
  if (!valid) return { file, written: false, known: [], fresh: findings, stale: [] }
  const accepted = updateBaseline ? acceptedOf(findings) : await readBaseline(file)
  if (updateBaseline) await writeBaseline(file, accepted)
  return { file, written: updateBaseline === true, ...compareWith(accepted, findings) }
}
