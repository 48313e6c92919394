import { isText } from '../form/form.js'
import { flag, oneOf, text } from '../form/keyword.js'
import { byKey, either, fields, list } from '../form/keyword-forms.js'
import { type InputValues, inputValues } from './input-values.js'
import { type JobReference, jobReference } from './named-job.js'

export interface ForwardProps {
  /** Whether the variables of the pipeline's own file are handed on. @default true */
  readonly yamlVariables?: boolean | undefined
  /** Whether the variables that the pipeline was started with are handed on. @default false */
  readonly pipelineVariables?: boolean | undefined
}

/** The files of a child pipeline: of this project, of another, or written by an earlier job. */
export type TriggerInclude =
  | { readonly local: string; readonly inputs?: InputValues | undefined }
  | { readonly project: string; readonly ref?: string | undefined; readonly file: string; readonly inputs?: InputValues | undefined }
  | { readonly remote: string; readonly inputs?: InputValues | undefined }
  | { readonly template: string; readonly inputs?: InputValues | undefined }
  | { readonly component: string; readonly inputs?: InputValues | undefined }
  | {
      /** A file among the artifacts of `job`. */ readonly artifact: string
      readonly job: JobReference
      readonly inputs?: InputValues | undefined
    }

/** Either `project`, or `include`. @see https://docs.gitlab.com/ci/yaml/#trigger */
export interface TriggerProps {
  /** Another project, whose pipeline is started. */
  readonly project?: string | undefined
  /** @default that project's default branch */
  readonly branch?: string | undefined
  /** A file of this project, or up to three files, of a child pipeline. */
  readonly include?: string | readonly TriggerInclude[] | undefined
  /** Whether the job waits for the other pipeline and takes its status. @default the job is green as soon as that exists */
  readonly strategy?: 'depend' | 'mirror' | undefined
  readonly forward?: ForwardProps | undefined
  /** Inputs of the other project's pipeline; set those of a child in its `include`. */
  readonly inputs?: InputValues | undefined
}

const include = byKey<TriggerInclude>({
  local: fields<{ local: string; inputs?: InputValues }>({ local: text, inputs: inputValues }),
  project: fields<{ project: string; ref?: string; file: string; inputs?: InputValues }>(
    { project: text, ref: text, file: text, inputs: inputValues },
    'file',
  ),
  remote: fields<{ remote: string; inputs?: InputValues }>({ remote: text, inputs: inputValues }),
  template: fields<{ template: string; inputs?: InputValues }>({ template: text, inputs: inputValues }),
  component: fields<{ component: string; inputs?: InputValues }>({ component: text, inputs: inputValues }),
  artifact: fields<{ artifact: string; job: JobReference; inputs?: InputValues }>(
    { artifact: text, job: jobReference, inputs: inputValues },
    'job',
  ),
})

export const trigger = fields<TriggerProps>({
  project: text,
  branch: text,
  include: either<string, readonly TriggerInclude[]>(isText, text, list(include, 3)),
  strategy: oneOf('depend', 'mirror'),
  forward: fields<ForwardProps>({ yamlVariables: flag, pipelineVariables: flag }),
  inputs: inputValues,
})
