import { canonical, type JsonObject } from '@stagegate/schema'
import { isObject, type JobDocument, type PipelineDocument } from '../gitlab/document.js'
import { resolveOwnBases } from '../lint/index.js'
import { basesOf } from './shared-parts.js'

/**
 * Proves that a document with shared parts is the same pipeline: with GitLab's `extends`, each job gets the keywords that it had. If a job
 * also extends entries of its author, which other files may define, the proof holds for any such entries.
 * @throws {Error} with the job that differs
 */
export function proveSame(whole: PipelineDocument, written: PipelineDocument): void {
  const [before, after] = [resolved(whole), resolved(written)]
  // GitLab refuses this document, so no file is written, and `synth` says why.
  if (before === undefined) return
  const added = Object.keys(written.jobs).filter((name) => !Object.hasOwn(whole.jobs, name))
  const different =
    Object.keys(whole.jobs).find((name) => bodyIn(before, name) !== bodyIn(after, name) || !keepsBases(name, { whole, written, added })) ??
    added.find((name) => !name.startsWith('.')) ??
    (rest(whole) === rest(written) ? undefined : 'the keywords of the whole file')
  if (different !== undefined)
    throw new Error(
      `The file with shared parts is a different pipeline: ${different} differs. Turn shared parts off with new App({ sharedParts: false }), and report this bug`,
    )
}

function resolved({ jobs, include: _, spec: __, prefill: ___, ...keywords }: PipelineDocument): JsonObject | undefined {
  return resolveOwnBases({ ...keywords, ...jobs })
}

/** The job's keywords as text, without `extends` of unknown bases. */
function bodyIn(document: JsonObject | undefined, name: string): string | undefined {
  const body = document !== undefined && Object.hasOwn(document, name) ? document[name] : undefined
  if (!isObject(body)) return undefined
  const { extends: _, ...own } = body
  return canonical(own)
}

interface Versions {
  readonly whole: PipelineDocument
  readonly written: PipelineDocument
  /** The names of the parts. */
  readonly added: readonly string[]
}

/**
 * Whether the author's bases come first, unchanged, and the parts after them: keywords of unknown bases are then below both, and below the
 * job.
 */
function keepsBases(name: string, { whole, written, added }: Versions): boolean {
  const [before, after] = [jobIn(whole, name), jobIn(written, name)]
  const [own, all] = [basesOf(before), basesOf(after)]
  if (own === undefined || all === undefined) return canonical(before) === canonical(after)
  const parts = all.slice(own.length)
  const keywords = parts.flatMap((part) => Object.keys(jobIn(written, part)))
  const shared = new Set(keywords)
  return (
    own.every((base, index) => all[index] === base) &&
    parts.every((part) => added.includes(part)) &&
    // If the job replaces a part's value, that part would also replace the value of a base, which GitLab merged with the job's before.
    (own.length === 0 || (shared.size === keywords.length && Object.keys(after).every((keyword) => !shared.has(keyword))))
  )
}

function jobIn({ jobs }: PipelineDocument, name: string): JobDocument {
  return (Object.hasOwn(jobs, name) ? jobs[name] : undefined) ?? {}
}

function rest({ jobs: _, ...keywords }: PipelineDocument): string {
  return canonical(keywords)
}
