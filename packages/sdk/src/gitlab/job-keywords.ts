import type { JsonObject } from '@stagegate/schema'
import type { Duration } from '../duration.js'
import { type ArtifactsProps, artifacts } from './artifacts.js'
import { type EnvironmentProps, environment } from './environment.js'
import { type InheritProps, inherit } from './inherit.js'
import { authorKeys, duration, fields, flag, type KeywordProblem, list, text } from './keyword.js'
import { type RetryProps, retry } from './retry.js'
import { type TriggerProps, trigger } from './trigger.js'

/** The keywords of a job that stand on their own: GitLab's, in camelCase. Rules and needs come from what the job refers to. */
export interface JobKeywords {
  /** @default build */
  readonly stage?: string | undefined
  readonly image?: string | undefined
  readonly tags?: readonly string[] | undefined
  readonly variables?: Readonly<Record<string, string>> | undefined
  readonly beforeScript?: readonly string[] | undefined
  readonly script?: readonly string[] | undefined
  readonly afterScript?: readonly string[] | undefined
  readonly trigger?: TriggerProps | undefined
  readonly artifacts?: ArtifactsProps | undefined
  readonly environment?: string | EnvironmentProps | undefined
  readonly resourceGroup?: string | undefined
  readonly timeout?: Duration | undefined
  readonly retry?: number | RetryProps | undefined
  readonly interruptible?: boolean | undefined
  readonly allowFailure?: boolean | undefined
  readonly inherit?: InheritProps | undefined
}

/** In the order in which a person would write them. */
const keywords = fields<JobKeywords>({
  stage: text,
  inherit,
  image: text,
  tags: list(text),
  variables: authorKeys(text),
  timeout: duration,
  interruptible: flag,
  allowFailure: flag,
  environment,
  resourceGroup: text,
  trigger,
  beforeScript: list(text),
  script: list(text),
  afterScript: list(text),
  retry,
  artifacts,
})

export function renderKeywords(props: JobKeywords, report: (problem: KeywordProblem) => void): JsonObject {
  const written = keywords.render(props, '', report)
  return typeof written === 'object' && written !== null && !Array.isArray(written) ? written : {}
}
