import { jobFiles, jobFolders } from '@stagegate/schema'
import { GeneratedJob } from '../../job/job.js'
import type { ArtifactsProps } from '../../keyword/artifacts.js'
import type { Release } from '../release.js'
import type { ReleaseTarget } from '../target.js'
import { commandScript } from './command.js'
import { isolatedJob } from './credential-job.js'

const artifacts: ArtifactsProps = {
  paths: [jobFiles.manifest, jobFiles.manifestDigest],
  reports: { dotenv: jobFiles.variables },
  expireIn: 'never',
  access: 'developer',
}

/** Makes the release manifest of everything that was staged. In each kind it needs exactly the stage jobs of that kind. */
export function sealJob(release: Release): GeneratedJob {
  return new GeneratedJob(
    () => (release.prefix === '' ? 'seal' : `seal: [${release.label}]`),
    () => ({
      keywords: { ...isolatedJob(release, 'seal'), script: commandScript(release, ['seal']), artifacts },
      secrets: [],
      wholeCondition: false,
      byRoute: true,
      inKind: (kind) => {
        const staged = release.requiredIn(kind)
        if (staged.length === 0) return undefined
        const collects = release.collectsIn(kind)
        const records = collects.length > 0 ? collects : staged.map(({ jobs }) => jobs.stage)
        return { start: 'automatic', needs: [release.jobs.prepare, ...records], variables: {} }
      },
    }),
  )
}

/** The late seal of an optional target, which the release does not wait for. It makes a supplement to the main manifest. */
export function lateSealJob(target: ReleaseTarget): GeneratedJob {
  const { release } = target
  return new GeneratedJob(
    () => target.jobName('seal'),
    () => ({
      keywords: {
        ...isolatedJob(release, 'seal'),
        allowFailure: true,
        script: commandScript(release, ['seal', '--target', target.label]),
        artifacts: { paths: [`${jobFolders.supplements}/`], expireIn: 'never', access: 'developer' },
      },
      secrets: [],
      wholeCondition: false,
      byRoute: true,
      inKind: (kind) => {
        if (!target.optional || target.routes.get(kind)?.staging === undefined) return undefined
        return { start: 'automatic', needs: [release.jobs.prepare, release.jobs.seal, target.jobs.stage], variables: {} }
      },
    }),
  )
}
