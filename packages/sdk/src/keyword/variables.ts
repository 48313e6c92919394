import { flag, text } from '../form/keyword.js'
import { authorKeys, fields, list, textOr } from '../form/keyword-forms.js'

/** @see https://docs.gitlab.com/ci/yaml/#variablesexpand */
export interface JobVariable {
  readonly value: string
  /** Whether `$OTHER` in the value is replaced. @default true */
  readonly expand?: boolean | undefined
}

/** By name. Names and values are written as they are. */
export type JobVariables = Readonly<Record<string, string | JobVariable>>

/** A variable of the whole pipeline, as the form for a new pipeline shows it. */
export interface PipelineVariable extends JobVariable {
  /** Puts it into the form for a new pipeline. @default it is not in the form */
  readonly description?: string | undefined
  /** The values to choose from; `value` is one of them. @default any text */
  readonly options?: readonly string[] | undefined
}

/** @see https://docs.gitlab.com/ci/yaml/#variables */
export type PipelineVariables = Readonly<Record<string, string | PipelineVariable>>

export const jobVariables = authorKeys(textOr(fields<JobVariable>({ value: text, expand: flag }, 'value')))
export const pipelineVariables = authorKeys(
  textOr(fields<PipelineVariable>({ value: text, description: text, options: list(text), expand: flag }, 'value')),
)
/** The variables of rules and services have no second form. */
export const plainVariables = authorKeys(text)
