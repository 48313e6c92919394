import type { JsonValue } from '@stagegate/schema'
import { flag, isRecord, type Keyword, named, shown, text } from '../form/keyword.js'
import { fields } from '../form/keyword-forms.js'
import { isObject } from '../gitlab/document.js'
import { type IncludedJob, type JobReference, jobIn, jobReference, type NamedJob } from './named-job.js'
import { type MatrixProps, matrix } from './parallel.js'

/** A need of a job of the same pipeline. */
export interface NeedProps {
  /** Whether its artifacts are downloaded. @default true */
  readonly artifacts?: boolean | undefined
  /** Whether it may be missing from the pipeline. @default false */
  readonly optional?: boolean | undefined
  /** The combinations that are needed of a job with a matrix. @default all */
  readonly parallel?: MatrixProps | undefined
}

/** A job of another pipeline, in the same project: `{ pipeline: '$PARENT_PIPELINE_ID', job: 'build' }`. */
export interface OtherPipelineNeed {
  readonly pipeline: string
  /** Its name there. */
  readonly job: string
  readonly artifacts?: boolean | undefined
  readonly parallel?: MatrixProps | undefined
}

/** The last successful job of another project's branch or tag, for its artifacts. */
export interface OtherProjectNeed {
  readonly project: string
  /** Its name there. */
  readonly job: string
  readonly ref: string
  readonly artifacts?: boolean | undefined
  readonly parallel?: MatrixProps | undefined
}

/**
 * A job that this one waits for, and whose artifacts it gets. Pass the object for a job of this app; `{ name }` is a job of
 * an included file.
 * @see https://docs.gitlab.com/ci/yaml/#needs
 */
export type Need = NamedJob | ({ readonly job: NamedJob } & NeedProps) | (IncludedJob & NeedProps) | OtherPipelineNeed | OtherProjectNeed

/** A need of a rule: a job of the same pipeline. @see https://docs.gitlab.com/ci/yaml/#rulesneeds */
export type RuleNeed = NamedJob | ({ readonly job: NamedJob } & RuleNeedProps) | (IncludedJob & RuleNeedProps)
type RuleNeedProps = Omit<NeedProps, 'parallel'>

interface SamePipelineNeed extends NeedProps {
  readonly job: JobReference
}

const same = { artifacts: flag, optional: flag, parallel: matrix }
const ofApp = fields<SamePipelineNeed>({ job: jobReference, ...same }, 'job')
const ofInclude = fields<IncludedJob & NeedProps>({ name: named('job', text), ...same }, 'name')
const ofPipeline = fields<OtherPipelineNeed>({ pipeline: text, job: text, artifacts: flag, parallel: matrix }, 'job')
const ofProject = fields<OtherProjectNeed>({ project: text, job: text, ref: text, artifacts: flag, parallel: matrix }, 'job', 'ref')

type Form = (value: Record<string, unknown>) => Keyword | undefined

export const need = needLike<Need>([ofApp, ofPipeline, ofProject], (value) => {
  if ('pipeline' in value) return ofPipeline
  if ('project' in value) return ofProject
  if ('job' in value) return ofApp
  return 'name' in value ? ofInclude : undefined
})

const ruleOfApp = fields<{ readonly job: JobReference } & RuleNeedProps>({ job: jobReference, artifacts: flag, optional: flag }, 'job')
const ruleOfInclude = fields<IncludedJob & RuleNeedProps>({ name: named('job', text), artifacts: flag, optional: flag }, 'name')

export const ruleNeed = needLike<RuleNeed>([ruleOfApp], (value) => {
  if ('job' in value) return ruleOfApp
  return 'name' in value ? ruleOfInclude : undefined
})

function needLike<T>(forms: readonly Keyword[], formOf: Form): Keyword<T> {
  return {
    below: () => forms.flatMap((form) => form.below?.() ?? []),
    render(value, at, report) {
      const job = jobIn(value)
      if (job !== undefined) return job.name
      const form = isRecord(value) ? formOf(value) : undefined
      // The form checks the value before it trusts its type.
      if (form !== undefined) return short(form.render(value as never, at, report))
      report({ is: 'value', keyword: at, expected: 'a Job, { job } or { name }', found: shown(value) })
      return undefined
    },
  }
}

/** A need of which nothing else is said is the name alone. */
function short(written: JsonValue | undefined): JsonValue | undefined {
  return isObject(written) && Object.keys(written).join() === 'job' ? written['job'] : written
}

/** The needed job of this app; `undefined` for another kind of need, or a value that was already reported. */
export function neededJob(need: Need): NamedJob | undefined {
  return jobIn(need) ?? (isRecord(need) && 'job' in need ? jobIn(need.job) : undefined)
}

/** The name of the job of an included file that is needed, if it is one. */
export function includedName(need: Need): string | undefined {
  return neededJob(need) === undefined && isRecord(need) && 'name' in need ? String(need.name) : undefined
}

/** Whether the job may be missing. */
export function isOptional(need: Need): boolean {
  return isRecord(need) && 'optional' in need && need.optional === true
}
