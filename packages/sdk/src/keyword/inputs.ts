import type { JsonValue } from '@stagegate/schema'
import { oneOf, text } from '../form/keyword.js'
import { authorKeys, fields, json, list } from '../form/keyword-forms.js'

/** An input of a job: a value that a person can change when starting the job manually. */
export interface JobInputProps {
  /** @default string */
  readonly type?: 'string' | 'number' | 'boolean' | 'array' | undefined
  readonly description?: string | undefined
  /** The values to choose from. @default any */
  readonly options?: readonly (string | number | boolean)[] | undefined
  /** The RE2 pattern that a string has to match. @default anything */
  readonly regex?: string | undefined
  readonly default: JsonValue
}

/** Options and a default that apply under a condition on other inputs. */
export interface InputRuleProps {
  readonly if?: string | undefined
  readonly options?: readonly (string | number | boolean)[] | undefined
  readonly default?: JsonValue | undefined
}

/** An input of this pipeline, if others include or start it: `$[[ inputs.name ]]`. */
export interface InputProps extends Omit<JobInputProps, 'default'> {
  /** @default none: whoever uses the pipeline has to give a value */
  readonly default?: JsonValue | undefined
  /** Instead of `options` and `default`, by conditions. */
  readonly rules?: readonly InputRuleProps[] | undefined
}

const scalars = list(json)
const shared = { type: oneOf('string', 'number', 'boolean', 'array'), description: text, options: scalars, regex: text, default: json }

/** @see https://docs.gitlab.com/ci/inputs/ */
export const jobInputs = authorKeys(fields<JobInputProps>(shared, 'default'))

/** @see https://docs.gitlab.com/ci/yaml/#specinputs */
export const pipelineInputs = authorKeys(
  fields<InputProps>({ ...shared, rules: list(fields<InputRuleProps>({ if: text, options: scalars, default: json })) }),
)
