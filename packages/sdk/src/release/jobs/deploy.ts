import { GeneratedJob, type Need } from '../../job/job.js'
import type { JobKeywords } from '../../keyword/job-keywords.js'
import { type Secret, unique } from '../../secret.js'
import { isAtLeast, settingsOf } from '../../settings.js'
import type { Deployment } from '../deployment.js'
import { remoteKeywords } from './remote.js'

/** Deploys the sealed release: with the author's script, or by another pipeline, here or on another GitLab, whose end it waits for. */
export function deployJob(deployment: Deployment): GeneratedJob {
  const { release, label, props } = deployment
  return new GeneratedJob(
    () => `deploy: [${release.prefix}${label}]`,
    () => ({
      keywords: keywordsOf(deployment),
      secrets: secretsOf(deployment),
      wholeCondition: false,
      byRoute: false,
      inKind: (kind) => {
        if (!deployment.isIn(kind)) return undefined
        const before: readonly Need[] = (props.after ?? []).map(({ gate }) => ({ job: gate, artifacts: false }))
        const tools = props.trigger === undefined ? [release.jobs.prepare] : []
        return { start: 'automatic', needs: [...tools, release.jobs.seal, ...before], variables: {} }
      },
    }),
  )
}

function secretsOf({ props, remote }: Deployment): readonly Secret[] {
  if (remote !== undefined) return unique([remote.trigger, remote.read])
  return props.script === undefined ? [] : unique(props.secrets ?? [])
}

function keywordsOf(deployment: Deployment): JobKeywords {
  const { release, props } = deployment
  if (props.remote !== undefined) return remoteKeywords(deployment)
  const { environment } = props
  const { gitlab, image, tags } = settingsOf(release)
  if (props.script !== undefined) {
    return {
      stage: 'deploy',
      image: props.image ?? image,
      tags,
      variables: props.variables,
      interruptible: false,
      environment,
      script: props.script,
    }
  }
  return {
    stage: 'deploy',
    interruptible: false,
    environment,
    trigger: {
      ...props.trigger,
      // Without a strategy the job passes as soon as the other pipeline exists. `mirror` came with GitLab 18.2.
      strategy: isAtLeast(gitlab, 18, 2) ? 'mirror' : 'depend',
      // Forwarded variables override the other pipeline's own, and many projects refuse them.
      forward: { yamlVariables: false, pipelineVariables: false },
    },
  }
}
