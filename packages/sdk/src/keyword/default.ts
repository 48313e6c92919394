import type { Duration } from '../duration.js'
import { duration, flag, type Keyword, text } from '../form/keyword.js'
import { fields, list, script } from '../form/keyword-forms.js'
import { gitlabLimits } from '../gitlab/limits.js'
import { type ArtifactsProps, artifacts } from './artifacts.js'
import { type CacheProps, cache } from './cache.js'
import { type ImageProps, image, type ServiceProps, services } from './image.js'
import { type RetryProps, retry } from './retry.js'
import { type Identity, type IdTokens, identity, idTokens } from './secrets.js'

/** @see https://docs.gitlab.com/ci/yaml/#hooks */
export interface HooksProps {
  /** Lines that run before the repository is fetched. */
  readonly preGetSourcesScript?: readonly string[] | undefined
}

/** The keywords that a job can set itself, or get from `default`. */
export interface DefaultProps {
  /** The image that the job runs in. @default the runner's setting */
  readonly image?: string | ImageProps | undefined
  /** Containers beside the job's own. @default none */
  readonly services?: readonly (string | ServiceProps)[] | undefined
  /** The tags that a runner must have to take the job. @default those that take jobs without tags */
  readonly tags?: readonly string[] | undefined
  /** Tokens that the job shows to other services, by the variables that they come in. @default none */
  readonly idTokens?: IdTokens | undefined
  readonly identity?: Identity | undefined
  /** @default the project's setting */
  readonly timeout?: Duration | undefined
  /** Whether a newer pipeline may cancel it. @default false */
  readonly interruptible?: boolean | undefined
  readonly hooks?: HooksProps | undefined
  readonly beforeScript?: readonly string[] | undefined
  /** Runs whether the script has failed or not. */
  readonly afterScript?: readonly string[] | undefined
  /** How often it is tried again, at most 2 times. @default 0 */
  readonly retry?: number | RetryProps | undefined
  /** One, or up to four. @default none */
  readonly cache?: CacheProps | readonly CacheProps[] | undefined
  readonly artifacts?: ArtifactsProps | undefined
}

/** The order is that of the rendered `default`; jobs have their own. */
export const defaultMembers: { readonly [K in keyof Required<DefaultProps>]: Keyword<NonNullable<DefaultProps[K]>> } = {
  image,
  services,
  tags: list(text, gitlabLimits.tags - 1),
  idTokens,
  identity,
  timeout: duration,
  interruptible: flag,
  hooks: fields<HooksProps>({ preGetSourcesScript: script }),
  beforeScript: script,
  afterScript: script,
  retry,
  cache,
  artifacts,
}

/** @see https://docs.gitlab.com/ci/yaml/#default */
export const defaults = fields<DefaultProps>(defaultMembers)
