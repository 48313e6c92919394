import { GeneratedJob } from '../../gitlab/job.js'
import type { Release } from '../release.js'
import { commandScript, folder } from './command.js'
import { isolatedJob } from './credential-job.js'

/** Makes the release manifest of everything that was staged; each kind needs exactly the stage jobs that it has. */
export function sealJob(release: Release): GeneratedJob {
  return new GeneratedJob(
    () => (release.prefix === '' ? 'seal' : `seal: [${release.label}]`),
    () => ({
      keywords: {
        ...isolatedJob(release, 'seal'),
        script: commandScript(release, ['seal']),
        artifacts: {
          paths: [`${folder}/release-manifest.json`, `${folder}/release-manifest.sha256`],
          reports: { dotenv: `${folder}/release.env` },
          expireIn: 'never',
          access: 'developer',
        },
      },
      secrets: [],
      wholeCondition: false,
      byRoute: true,
      inKind: (kind) => {
        if (!release.stagesIn(kind)) return undefined
        const staged = release.targets.filter(({ routes }) => routes.get(kind)?.staging !== undefined)
        return { start: 'automatic', needs: [release.jobs.prepare, ...staged.map(({ jobs }) => jobs.stage)], variables: {} }
      },
    }),
  )
}
