import * as v from 'valibot'
import type { Sha256 } from './atoms.js'
import * as origin from './validator/origin.js'

/** The job that wrote a document, and its project. */
export interface Origin {
  /** Whether this was a rehearsal: on a laptop, in a test, in the demo. */
  readonly rehearsal: boolean
  /** The address of the GitLab: `https://gitlab.example`. */
  readonly instance: string
  /** The project's number, and its path: `acme/tools`. */
  readonly project: { readonly id: number; readonly path: string }
  /** The pipeline's number. */
  readonly pipeline: number
  /** The job's number and name. */
  readonly job: { readonly id: number; readonly name: string }
  /** The complete hash of the commit: 40 or 64 hexadecimal digits. */
  readonly commit: string
  /** The tag or the branch of the pipeline. */
  readonly ref: { readonly tag: string } | { readonly branch: string }
  /** The kind of the pipeline, as the plan names it: `release`, `nightly`. */
  readonly pipelineKind: string
  /** The digest of the release plan that the job worked by. */
  readonly plan: Sha256
}

/** Whether a value is an origin as documents have it. */
export function isOrigin(value: unknown): value is Origin {
  return v.is(origin.Origin, value)
}

/** `tag v1.2.3` or `branch main`. */
export function describeRef(ref: Origin['ref']): string {
  return 'tag' in ref ? `tag ${ref.tag}` : `branch ${ref.branch}`
}
