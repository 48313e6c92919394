import * as v from 'valibot'
import { StagegateError } from './error.js'
import { Receipt } from './receipt.js'
import { ReleaseManifest } from './release-manifest.js'
import { ReleasePlan } from './release-plan.js'
import { StagingRecord } from './staging-record.js'
import { Verification } from './verification.js'

/** A document that is not what it should be. `file` names it; `path` is the field: `targets.0.artifacts.2.content.sha256`. */
export class DocumentError extends StagegateError {
  readonly file: string
  readonly path: string

  constructor(parts: { file: string; path: string; what: string; next?: string; cause?: unknown }) {
    const where = parts.path === '' ? parts.file : `${parts.file} at ${parts.path}`
    super({ code: 'document/invalid', what: parts.what, where, next: parts.next, cause: parts.cause })
    this.file = parts.file
    this.path = parts.path
  }
}

/** Far above what a release needs (a target is about 1 KiB in a manifest), far below what hurts to parse. */
export const documentLimit = 16 * 1024 * 1024

/** @throws {DocumentError} unknown fields, a wrong version or kind, values out of their grammar, more than 16 MiB. `file` is only for the message. */
export const parseReleasePlan = parser(ReleasePlan)
/** @throws {DocumentError} see `parseReleasePlan` */
export const parseStagingRecord = parser(StagingRecord)
/** @throws {DocumentError} see `parseReleasePlan` */
export const parseReleaseManifest = parser(ReleaseManifest)
/** @throws {DocumentError} see `parseReleasePlan` */
export const parseReceipt = parser(Receipt)
/** @throws {DocumentError} see `parseReleasePlan` */
export const parseVerification = parser(Verification)

function parser<const S extends v.GenericSchema>(schema: S): (text: string, file: string) => v.InferOutput<S> {
  return (text, file) => {
    const result = v.safeParse(schema, parseJson(text, file), { abortEarly: true })
    if (result.success) return result.output
    const issue = result.issues[0]
    const path = v.getDotPath(issue) ?? ''
    throw new DocumentError({ file, path, what: `expected ${expectation(issue)}, found ${issue.received}`, next: advice(path) })
  }
}

function parseJson(text: string, file: string): unknown {
  if (text.length > documentLimit) {
    throw new DocumentError({ file, path: '', what: `expected at most ${documentLimit} characters, found ${text.length}` })
  }
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new DocumentError({ file, path: '', what: `expected JSON: ${cause instanceof Error ? cause.message : String(cause)}`, cause })
  }
}

function expectation(issue: v.BaseIssue<unknown>): string {
  if (issue.expected === 'never') return 'no such field'
  const ours = issue.kind === 'validation' ? issue.message : undefined
  return ours ?? issue.expected ?? issue.message
}

function advice(path: string): string {
  if (path === 'apiVersion') return 'It was written by another version of Stagegate: use the same one in all jobs of a pipeline.'
  return 'Documents are written by Stagegate and read as they are; run the job that wrote this one again.'
}

/** A document as it stands in a file: for people to read, ending in a newline. */
export function documentText(document: unknown): string {
  return `${JSON.stringify(document, undefined, 2)}\n`
}
