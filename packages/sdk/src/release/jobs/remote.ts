import { gitStrategy, incompleteExitCode, jobFolders } from '@stagegate/schema'
import { Duration } from '../../duration.js'
import type { JobKeywords } from '../../keyword/job-keywords.js'
import type { Deployment } from '../deployment.js'
import { waitOf } from '../remote.js'
import { commandScript } from './command.js'
import { isolatedJob } from './credential-job.js'

const margin = Duration.minutes(10)

/**
 * Starts a pipeline on another GitLab and waits for it. It holds that project's tokens, so nothing foreign reaches it; and it is
 * repeated, since the command starts its pipeline once and finds it again.
 */
export function remoteKeywords({ release, label, props: { environment }, remote }: Deployment): JobKeywords {
  // The command gives up first, says so (4) and is repeated; then the script would be ended; GitLab drops the artifacts of a job that is.
  const script = waitOf(remote).plus(margin)
  return {
    ...isolatedJob(release, 'deploy'),
    variables: { GIT_STRATEGY: gitStrategy, RUNNER_SCRIPT_TIMEOUT: script.toRunnerString() },
    timeout: script.plus(margin),
    retry: { max: 2, when: ['runner_system_failure'], exitCodes: [incompleteExitCode] },
    environment,
    script: commandScript(release, ['deploy', '--deployment', label, '--wait']),
    artifacts: { when: 'always', paths: [`${jobFolders.deployments}/`], expireIn: 'never', access: 'developer' },
  }
}
