import type { IConstruct } from 'constructs'
import { GeneratedJob } from '../../gitlab/job.js'
import { settingsOf } from '../../settings.js'
import { Release } from '../release.js'
import { allOf } from '../route.js'
import { checkLine, commandPath, folder, quote } from './command.js'

/** Installs the command with no credential in sight, and hands it on together with the plan. */
export function prepareJob(root: IConstruct): GeneratedJob {
  return new GeneratedJob(
    () => 'prepare',
    () => {
      const { image, install, pin, tags, planPath } = settingsOf(root)
      const releases = allOf(root, Release)
      const longest = releases.map(({ keep }) => keep).reduce((a, b) => (a.seconds > b.seconds ? a : b))
      return {
        keywords: {
          stage: 'prepare',
          image,
          tags,
          inherit: { default: false, variables: ['STAGEGATE_KIND'] },
          interruptible: false,
          script: [
            ...install,
            `mkdir -p ${folder}`,
            `cp node_modules/stagegate/dist/stagegate.mjs ${commandPath}`,
            `cp ${quote(planPath)} ${folder}/release-plan.json`,
            ...(pin === undefined ? [] : [checkLine(pin)]),
          ],
          artifacts: { paths: [commandPath, `${folder}/release-plan.json`], expireIn: longest, access: 'developer' },
        },
        secrets: [],
        wholeCondition: false,
        byRoute: true,
        inKind: (kind) =>
          releases.some((release) => release.stagesIn(kind) || release.deployments.some((deployment) => deployment.isIn(kind)))
            ? { start: 'automatic', needs: [], variables: {} }
            : undefined,
      }
    },
  )
}
