import { authorKeys, fields, flag, oneOf, text } from './keyword.js'

export interface ForwardProps {
  readonly yamlVariables?: boolean | undefined
  readonly pipelineVariables?: boolean | undefined
}

/** @see https://docs.gitlab.com/ci/yaml/#trigger */
export interface TriggerProps {
  readonly project?: string | undefined
  readonly branch?: string | undefined
  readonly include?: string | undefined
  readonly strategy?: 'depend' | 'mirror' | undefined
  readonly forward?: ForwardProps | undefined
  readonly inputs?: Readonly<Record<string, string>> | undefined
}

export const trigger = fields<TriggerProps>({
  project: text,
  branch: text,
  include: text,
  strategy: oneOf('depend', 'mirror'),
  forward: fields<ForwardProps>({ yamlVariables: flag, pipelineVariables: flag }),
  inputs: authorKeys(text),
})
