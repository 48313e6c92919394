import { either, fields, flag, list, text } from './keyword.js'

/** @see https://docs.gitlab.com/ci/yaml/#inherit */
export interface InheritProps {
  readonly default?: boolean | readonly string[] | undefined
  readonly variables?: boolean | readonly string[] | undefined
}

const some = either<boolean, readonly string[]>((value): value is boolean => typeof value === 'boolean', flag, list(text))
export const inherit = fields<InheritProps>({ default: some, variables: some })
