import { gitStrategy, incompleteExitCode, jobFolders } from '@stagegate/schema'
import { Duration } from '../../duration.js'
import type { JobKeywords } from '../../keyword/job-keywords.js'
import type { Deployment } from '../deployment.js'
import { waitOf } from '../remote.js'
import { commandScript } from './command.js'
import { isolatedJob } from './credential-job.js'

const margin = Duration.minutes(10)

/**
 * Starts a pipeline on another GitLab and waits for it. It holds that project's tokens, so it is isolated like a credential job. It may be
 * retried: the command starts its pipeline once and finds it again.
 */
export function remoteKeywords({ release, label, props: { environment }, remote }: Deployment): JobKeywords {
  // The command gives up first, reports that (exit code 4) and is retried. The script's limit comes next, and the job's last, since GitLab
  // then drops the artifacts.
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
