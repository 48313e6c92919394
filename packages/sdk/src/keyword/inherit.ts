import type { JsonObject } from '@stagegate/schema'
import { choiceOf, isFlag } from '../form/form.js'
import { checked, flag, gitlabName, type Keyword, text } from '../form/keyword.js'
import { either, fields, list } from '../form/keyword-forms.js'
import { isObject } from '../gitlab/document.js'
import { type DefaultProps, defaultMembers } from './default.js'

/** @see https://docs.gitlab.com/ci/yaml/#inherit */
export interface InheritProps {
  /** The keywords of `default` that the job takes: all, none, or these. @default true */
  readonly default?: boolean | readonly (keyof DefaultProps)[] | undefined
  /** The variables of the pipeline that the job takes: all, none, or these. The kind is always among them: the job's rules ask for it. @default true */
  readonly variables?: boolean | readonly string[] | undefined
}

const names = Object.keys(defaultMembers)
const defaultName: Keyword<keyof DefaultProps> = checked(choiceOf(names), gitlabName)

export const inherit = fields<InheritProps>({
  default: either<boolean, readonly (keyof DefaultProps)[]>(isFlag, flag, list(defaultName)),
  variables: either<boolean, readonly string[]>(isFlag, flag, list(text)),
})

/** A rule that asks for a variable which the job does not inherit would silently never match. */
export function inheriting(name: string, keywords: JsonObject): JsonObject {
  const said = isObject(keywords['inherit']) ? keywords['inherit'] : undefined
  const taken = said?.['variables']
  if (taken === undefined || taken === true) return keywords
  const names = Array.isArray(taken) ? taken : []
  return { ...keywords, inherit: { ...said, variables: names.includes(name) ? names : [...names, name] } }
}
