import { credentialScriptTimeout, gitStrategy, incompleteExitCode, kindVariable } from '@stagegate/schema'
import { Duration } from '../../duration.js'
import type { JobKeywords } from '../../keyword/job-keywords.js'
import { settingsOf } from '../../settings.js'
import type { Release } from '../release.js'

const scriptTimeout = Duration.seconds(credentialScriptTimeout)
/** Leaves time to upload the artifacts after the script: GitLab drops them when the job itself times out. */
const timeout = scriptTimeout.plus(Duration.minutes(10))

export interface CredentialJobProps {
  readonly stage: string
  /** `public/stable`: every job that names it gets the variables of that scope. */
  readonly environment: string
  readonly tier: 'production' | 'staging'
  /** Whether it is a deployment in GitLab's sense, which can need approvals. @default false */
  readonly deploys?: boolean | undefined
  /** One job at a time. Safety does not depend on it. */
  readonly lock: string
}

/**
 * The form of a job with a publisher's credential. No other code or file reaches it (no defaults, cache, services or checkout), nothing
 * cancels it, and only its own script sees the credential. docs/decisions.md has the reason for each line.
 */
export function credentialJob(release: Release, { stage, environment, tier, lock, deploys = false }: CredentialJobProps): JobKeywords {
  const { image, tags } = settingsOf(release)
  return {
    stage,
    image,
    tags,
    inherit: { default: false, variables: false },
    variables: { GIT_STRATEGY: gitStrategy, RUNNER_SCRIPT_TIMEOUT: scriptTimeout.toRunnerString() },
    timeout,
    retry: { max: 2, when: ['runner_system_failure'], exitCodes: [incompleteExitCode] },
    interruptible: false,
    environment: { name: environment, action: deploys ? 'start' : 'prepare', deploymentTier: tier },
    resourceGroup: resourceGroup(lock),
  }
}

/** GitLab accepts a key with other characters, and then silently locks nothing. */
function resourceGroup(key: string): string {
  return key.replaceAll(/[^A-Za-z0-9_/. $-]/g, '-').replaceAll(/^\/+|\/+$/g, '')
}

/**
 * The form of a job without credentials whose result others rely on. It believes the files in its folder, so the folder starts empty, too.
 */
export function isolatedJob(release: Release, stage: string): JobKeywords {
  const { image, tags } = settingsOf(release)
  const inherit = { default: false, variables: [kindVariable] }
  return { stage, image, tags, inherit, variables: { GIT_STRATEGY: gitStrategy }, interruptible: false }
}
