import { either, fields, oneOf, text } from './keyword.js'

/** @see https://docs.gitlab.com/ci/yaml/#environment */
export interface EnvironmentProps {
  readonly name: string
  readonly url?: string | undefined
  readonly action?: 'start' | 'prepare' | 'stop' | 'verify' | 'access' | undefined
  readonly deploymentTier?: 'production' | 'staging' | 'testing' | 'development' | 'other' | undefined
}

export const environment = either<string, EnvironmentProps>(
  (value): value is string => typeof value === 'string',
  text,
  fields<EnvironmentProps>({
    name: text,
    url: text,
    action: oneOf('start', 'prepare', 'stop', 'verify', 'access'),
    deploymentTier: oneOf('production', 'staging', 'testing', 'development', 'other'),
  }),
)
