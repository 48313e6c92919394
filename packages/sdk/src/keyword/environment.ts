import type { Duration } from '../duration.js'
import { durationOrNever, flag, oneOf, text, textLike } from '../form/keyword.js'
import { fields, textOr } from '../form/keyword-forms.js'
import { type JobReference, jobReference } from './named-job.js'

/** @see https://docs.gitlab.com/ci/yaml/#environmentkubernetes */
export interface EnvironmentKubernetesProps {
  /** `path/to/project:agent-name`. */
  readonly agent?: string | undefined
  readonly namespace?: string | undefined
  readonly fluxResourcePath?: string | undefined
  readonly managedResources?: { readonly enabled?: boolean | undefined } | undefined
  readonly dashboard?: { readonly namespace?: string | undefined; readonly fluxResourcePath?: string | undefined } | undefined
}

/** @see https://docs.gitlab.com/ci/yaml/#environment */
export interface EnvironmentProps {
  readonly name: string
  readonly url?: string | undefined
  /** @default start */
  readonly action?: 'start' | 'prepare' | 'stop' | 'verify' | 'access' | undefined
  /** The job that stops it; that job has the same environment, with the action `stop`. */
  readonly onStop?: JobReference | undefined
  /** @default never */
  readonly autoStopIn?: Duration | 'never' | undefined
  /** @default guessed from the name */
  readonly deploymentTier?: 'production' | 'staging' | 'testing' | 'development' | 'other' | undefined
  readonly kubernetes?: EnvironmentKubernetesProps | undefined
}

export const environment = textOr(
  fields<EnvironmentProps>(
    {
      name: text,
      url: textLike(/^.{1,255}$/, 'a string of 1 to 255 characters'),
      action: oneOf('start', 'prepare', 'stop', 'verify', 'access'),
      onStop: jobReference,
      autoStopIn: durationOrNever,
      deploymentTier: oneOf('production', 'staging', 'testing', 'development', 'other'),
      kubernetes: fields<EnvironmentKubernetesProps>({
        agent: text,
        namespace: text,
        fluxResourcePath: text,
        managedResources: fields<NonNullable<EnvironmentKubernetesProps['managedResources']>>({ enabled: flag }),
        dashboard: fields<NonNullable<EnvironmentKubernetesProps['dashboard']>>({ namespace: text, fluxResourcePath: text }),
      }),
    },
    'name',
  ),
)
