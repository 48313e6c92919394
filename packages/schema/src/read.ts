import * as v from 'valibot'
import type { Approval } from './approval.js'
import type { DeploymentRecord } from './deployment-record.js'
import { StagegateError } from './error.js'
import type { ProgramReceipt } from './program-receipt.js'
import type { Receipt } from './receipt.js'
import type { ReleaseManifest } from './release-manifest.js'
import type { ReleasePlan } from './release-plan.js'
import type { StagingAttempt, StagingRecord } from './staging-record.js'
import * as validator from './validator/index.js'
import type { Verification } from './verification.js'

/** An invalid document. `file` names it; `path` is the field: `targets.0.artifacts.2.content.sha256`. */
export class DocumentError extends StagegateError {
  /** The name that the parser was given: a path, or `the release manifest`. */
  readonly file: string
  /** The field, from the top: `targets.0.artifacts.2.content.sha256`. Empty if it is the document as a whole. */
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

/** Documents have at most ten levels; a repository's settings may have more of their own. */
const depthLimit = 64

/** @throws {DocumentError} unknown fields, a wrong version or kind, values out of their grammar, more than 16 MiB. `file` is only for the message. */
export const parseReleasePlan = parser<ReleasePlan>(validator.ReleasePlan)
/** @throws {DocumentError} see `parseReleasePlan` */
export const parseStagingRecord = parser<StagingRecord>(validator.StagingRecord)
/** A staging record, or the attempt that a killed job left in its place. @throws {DocumentError} see `parseReleasePlan` */
export const parseStaging = parser<StagingRecord | StagingAttempt>(v.variant('kind', [validator.StagingRecord, validator.StagingAttempt]))
/** @throws {DocumentError} see `parseReleasePlan` */
export const parseReleaseManifest = parser<ReleaseManifest>(
  validator.ReleaseManifest,
  'Only Stagegate writes its documents. Download the artifacts of the seal job again, or run the seal job again.',
)
/** @throws {DocumentError} see `parseReleasePlan` */
export const parseApproval = parser<Approval>(validator.Approval)
/** @throws {DocumentError} see `parseReleasePlan` */
export const parseDeploymentRecord = parser<DeploymentRecord>(validator.DeploymentRecord)
/** @throws {DocumentError} see `parseReleasePlan` */
export const parseReceipt = parser<Receipt>(validator.Receipt)
/** @throws {DocumentError} see `parseReleasePlan` */
export const parseProgramReceipt = parser<ProgramReceipt>(validator.ProgramReceipt)
/** @throws {DocumentError} see `parseReleasePlan` */
export const parseVerification = parser<Verification>(validator.Verification)

/**
 * Checks a value that was not parsed from text, and returns the release manifest as a copy.
 * @throws {DocumentError} see `parseReleasePlan`
 * @example
 * const manifest = checkReleaseManifest(await response.json())
 */
export const checkReleaseManifest = checker<ReleaseManifest>(validator.ReleaseManifest, 'the release manifest')
/** @throws {DocumentError} see `checkReleaseManifest` */
export const checkReleasePlan = checker<ReleasePlan>(validator.ReleasePlan, 'the release plan')
/** @throws {DocumentError} see `checkReleaseManifest` */
export const checkStagingRecord = checker<StagingRecord>(validator.StagingRecord, 'the staging record')
/** @throws {DocumentError} see `checkReleaseManifest` */
export const checkReceipt = checker<Receipt>(validator.Receipt, 'the receipt')
/** @throws {DocumentError} see `checkReleaseManifest` */
export const checkApproval = checker<Approval>(validator.Approval, 'the approval')

function parser<T>(schema: v.GenericSchema<T>, next = advice('')): (text: string, file: string) => T {
  return (text, file) => {
    const json = parseJson(text, file, next)
    refuseShape(json, file)
    return validated(schema, json, file, advice)
  }
}

function checker<T>(schema: v.GenericSchema<T>, document: string): (value: unknown, name?: string) => T {
  return (value, name = document) => {
    refuseShape(value, name)
    return validated(schema, withoutUndefined(value), name, adviceForValues)
  }
}

function validated<T>(schema: v.GenericSchema<T>, value: unknown, file: string, next: typeof advice): T {
  const result = v.safeParse(schema, value, { abortEarly: true })
  if (result.success) return result.output
  const issue = result.issues[0]
  const path = printable(v.getDotPath(issue) ?? '')
  throw new DocumentError({ file, path, what: `expected ${expectation(issue)}, found ${found(issue)}`, next: next(path) })
}

/** A member that is undefined is left out, as it is when the document is written. */
function withoutUndefined(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutUndefined)
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  return Object.fromEntries(members.map(([key, member]) => [key, withoutUndefined(member)]))
}

function parseJson(text: string, file: string, next: string): unknown {
  if (text.length > documentLimit) {
    throw new DocumentError({ file, path: '', what: `expected at most ${documentLimit} characters, found ${text.length}`, next })
  }
  try {
    return JSON.parse(text)
  } catch (cause) {
    const reason = printable(cause instanceof Error ? cause.message : String(cause))
    throw new DocumentError({ file, path: '', what: `expected JSON: ${reason}`, next, cause })
  }
}

/** Checks that come before the schemas: nesting too deep for their recursion, and keys that they would silently drop. */
function refuseShape(json: unknown, file: string, path: readonly string[] = []): void {
  if (typeof json !== 'object' || json === null) return
  if (path.length >= depthLimit)
    throw new DocumentError({ file, path: '', what: `expected at most ${depthLimit} levels of nesting, found more`, next: advice('') })
  // A list can have millions of members: they are looked at where they are.
  if (Array.isArray(json)) {
    for (let at = 0; at < json.length; at++) if (typeof json[at] === 'object') refuseShape(json[at], file, [...path, String(at)])
    return
  }
  for (const [key, member] of Object.entries(json)) {
    if (['__proto__', 'prototype', 'constructor'].includes(key))
      throw new DocumentError({ file, path: printable([...path, key].join('.')), what: 'expected no such field', next: advice(key) })
    refuseShape(member, file, [...path, key])
  }
}

function expectation(issue: v.BaseIssue<unknown>): string {
  if (issue.expected === 'never') return 'no such field'
  if (isMissing(issue)) return 'this field'
  const ours = issue.kind === 'validation' || issue.type === 'custom' ? issue.message : undefined
  return ours ?? issue.expected ?? issue.message
}

/** The value that was found, short and on one line, since it can come from anywhere. */
function found(issue: v.BaseIssue<unknown>): string {
  return isMissing(issue) ? 'nothing' : printable(issue.received)
}

/** Where a field is missing, the library expects its name in quotes. */
function isMissing(issue: v.BaseIssue<unknown>): boolean {
  return issue.type === 'strict_object' && issue.received === 'undefined'
}

function printable(text: string): string {
  const clean = text.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029\ufffd]/gu, (one) => `\\u{${one.codePointAt(0)?.toString(16)}}`)
  return clean.length <= 120 ? clean : `${clean.slice(0, 120)}…`
}

function advice(path: string): string {
  if (path === 'apiVersion') return 'It was written by another version of Stagegate. Use the same version in all jobs of a pipeline.'
  return 'Only Stagegate writes its documents. Run the job that wrote this one again.'
}

function adviceForValues(path: string): string {
  if (path === 'apiVersion') return advice(path)
  return 'Pass the document as Stagegate returned it, or the parsed JSON. Nothing was done.'
}

/** A document as it stands in a file: for people to read, ending in a newline. */
export function documentText(document: unknown): string {
  return `${JSON.stringify(document, undefined, 2)}\n`
}
