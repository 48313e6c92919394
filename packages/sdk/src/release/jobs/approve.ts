import { jobFiles } from '@stagegate/schema'
import { GeneratedJob } from '../../job/job.js'
import type { Release } from '../release.js'
import { commandScript } from './command.js'
import { credentialJob } from './credential-job.js'

/** One click for the whole release. The job sees no credential: its environment is not below `public/`. */
export function approveJob(release: Release): GeneratedJob {
  return new GeneratedJob(
    () => (release.prefix === '' ? 'approve' : `approve: [${release.label}]`),
    () => {
      const environment = `approval/${release.label.replaceAll(/[^A-Za-z0-9_. -]/g, '-')}`
      return {
        keywords: {
          ...credentialJob(release, { stage: 'approve', environment, tier: 'production', lock: environment }),
          script: commandScript(release, ['approve']),
          artifacts: { paths: [jobFiles.approval], expireIn: 'never', access: 'developer' },
        },
        secrets: [],
        wholeCondition: true,
        byRoute: true,
        inKind: (kind) => {
          if (release.approval !== 'once' || !release.publishesIn(kind)) return undefined
          return { start: 'blocking', needs: [release.jobs.prepare, release.jobs.seal, ...release.gatesIn(kind)], variables: {} }
        },
      }
    },
  )
}
