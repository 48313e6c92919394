import type { JsonObject } from '@stagegate/schema'
import { isFlag } from '../form/form.js'
import { flag, integer, named, type ReportProblem, shown, text } from '../form/keyword.js'
import { either, fields, list, oneOrMany, script } from '../form/keyword-forms.js'
import { isObject } from '../gitlab/document.js'
import { coverage } from './coverage.js'
import { type DefaultProps, defaultMembers } from './default.js'
import { type EnvironmentProps, environment } from './environment.js'
import { type InheritProps, inherit } from './inherit.js'
import { type JobInputProps, jobInputs } from './inputs.js'
import { type JobReference, jobReference } from './named-job.js'
import { type PagesProps, pages } from './pages.js'
import { type MatrixProps, parallel } from './parallel.js'
import { type ReleaseEntryProps, release } from './release.js'
import { type ExternalSecrets, externalSecrets } from './secrets.js'
import { type StepProps, step } from './steps.js'
import { type TriggerProps, trigger } from './trigger.js'
import { type JobVariables, jobVariables } from './variables.js'

/** The keywords of a job that stand on their own: GitLab's, in camelCase. Rules and needs come from what the job refers to. */
export interface JobKeywords extends DefaultProps {
  /** @default build */
  readonly stage?: string | undefined
  readonly variables?: JobVariables | undefined
  /** Values that a person can change when starting the job manually. @see https://docs.gitlab.com/ci/inputs/ */
  readonly inputs?: Readonly<Record<string, JobInputProps>> | undefined
  /**
   * GitLab's `secrets`: what it fetches from Vault and others. The prop `secrets` names variables of the project.
   * @see https://docs.gitlab.com/ci/yaml/#secrets
   */
  readonly gitlabSecrets?: ExternalSecrets | undefined
  readonly script?: readonly string[] | undefined
  /** Steps, instead of `script`. @see https://docs.gitlab.com/ci/yaml/#run */
  readonly run?: readonly StepProps[] | undefined
  /** Starts another pipeline, instead of a script. */
  readonly trigger?: TriggerProps | undefined
  readonly environment?: string | EnvironmentProps | undefined
  /** Jobs of one group run one at a time. @see https://docs.gitlab.com/ci/yaml/#resource_group */
  readonly resourceGroup?: string | undefined
  /** How many copies run at once, or one for each combination of a matrix. @default one */
  readonly parallel?: number | MatrixProps | undefined
  /** Whether the pipeline goes on when the job fails: always, or with these exit codes. @default false */
  readonly allowFailure?: boolean | { readonly exitCodes: number | readonly number[] } | undefined
  /** The question that GitLab asks before a manual job starts. @see https://docs.gitlab.com/ci/yaml/#manual_confirmation */
  readonly manualConfirmation?: string | undefined
  /** How to find the coverage in the job's log, as RE2. @see https://docs.gitlab.com/ci/yaml/#coverage */
  readonly coverage?: RegExp | undefined
  /** The needed jobs whose artifacts are downloaded. @default all */
  readonly dependencies?: readonly JobReference[] | undefined
  readonly release?: ReleaseEntryProps | undefined
  readonly pages?: boolean | PagesProps | undefined
  readonly inherit?: InheritProps | undefined
}

/** In the order in which a person would write them. */
const members = {
  stage: text,
  inherit,
  image: defaultMembers.image,
  services: defaultMembers.services,
  tags: defaultMembers.tags,
  inputs: jobInputs,
  variables: jobVariables,
  idTokens: defaultMembers.idTokens,
  identity: defaultMembers.identity,
  gitlabSecrets: named('secrets', externalSecrets),
  timeout: defaultMembers.timeout,
  interruptible: flag,
  allowFailure: either<boolean, { readonly exitCodes: number | readonly number[] }>(
    isFlag,
    flag,
    fields<{ readonly exitCodes: number | readonly number[] }>({ exitCodes: oneOrMany(integer(0, 255)) }, 'exitCodes'),
  ),
  manualConfirmation: text,
  environment,
  resourceGroup: text,
  parallel,
  trigger,
  hooks: defaultMembers.hooks,
  beforeScript: script,
  script,
  run: list(step),
  afterScript: script,
  coverage,
  retry: defaultMembers.retry,
  cache: defaultMembers.cache,
  dependencies: list(jobReference),
  artifacts: defaultMembers.artifacts,
  release,
  pages,
}
export const jobKeywords = fields<JobKeywords>(members)
export const jobKeywordNames: readonly string[] = Object.keys(members)

/** All that GitLab takes in a job that starts another pipeline. */
const ofTriggers = ['stage', 'inherit', 'variables', 'interruptible', 'allowFailure', 'environment', 'resourceGroup', 'parallel', 'trigger']

export function renderKeywords(props: JobKeywords, report: ReportProblem): JsonObject {
  reportForeign(props, report)
  const written = jobKeywords.render(props, '', report)
  return isObject(written) ? written : {}
}

/** Keywords of a job that runs a script, which GitLab refuses in a job that starts a pipeline. */
function reportForeign(props: JobKeywords, report: ReportProblem): void {
  if (props.trigger === undefined || props.script !== undefined) return
  for (const [keyword, value] of Object.entries(props)) {
    if (value !== undefined && Object.hasOwn(members, keyword) && !ofTriggers.includes(keyword))
      report({ is: 'value', keyword, expected: 'nothing, in a job with a trigger', found: shown(value) })
  }
}
