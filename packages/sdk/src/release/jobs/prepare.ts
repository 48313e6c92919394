import { posix } from 'node:path'
import { jobFiles, jobFolder, kindVariable, modulePath, notesPath } from '@stagegate/schema'
import type { IConstruct } from 'constructs'
import { GeneratedJob } from '../../job/job.js'
import { moduleFileOf } from '../../repository/index.js'
import { settingsOf } from '../../settings.js'
import type { Release } from '../release.js'
import { PublicRepo, StagingRepo } from '../repositories.js'
import { allOf } from '../route.js'
import { checkLine, checkPlanLine, quote } from './command.js'

/**
 * Install scripts of dependencies could change the command or the plan, which jobs with credentials believe. npm, pnpm and Yarn obey this
 * variable.
 */
const noScripts = 'export NPM_CONFIG_IGNORE_SCRIPTS=true YARN_ENABLE_SCRIPTS=false'

/** Installs the command in a job without credentials, and passes it on with the plan. All releases of an app share the job. */
export function prepareJob(root: IConstruct, releasesNow: () => readonly Release[]): GeneratedJob {
  return new GeneratedJob(
    () => 'prepare',
    () => {
      const { home, image, install, pin, tags, planPath, runsScripts } = settingsOf(root)
      const releases = releasesNow()
      const modules = modulesOf(root)
      const notes = notesOf(releases)
      const longest = releases.map(({ keep }) => keep).reduce((a, b) => (a.seconds > b.seconds ? a : b))
      return {
        keywords: {
          stage: 'prepare',
          image,
          tags,
          inherit: { default: false, variables: [kindVariable] },
          interruptible: false,
          script: [
            ...(runsScripts() ? [] : [noScripts]),
            ...install,
            `mkdir -p ${jobFolder}`,
            `cp ${quote(`${home}node_modules/stagegate/dist/stagegate.mjs`)} ${jobFiles.command}`,
            `cp ${quote(planPath)} ${jobFiles.plan}`,
            ...modules.flatMap((path) => copyTo(modulePath(path), path)),
            ...notes.flatMap((path) => copyTo(notesPath(path), path)),
            ...(pin === undefined ? [] : [checkLine(pin)]),
            checkPlanLine,
          ],
          artifacts: {
            paths: [jobFiles.command, jobFiles.plan, ...modules.map(modulePath), ...notes.map(notesPath)],
            expireIn: longest,
            access: 'developer',
          },
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

function copyTo(target: string, path: string): readonly string[] {
  return [`mkdir -p ${quote(posix.dirname(target))}`, `cp ${quote(path)} ${quote(target)}`]
}

/** The release notes of pages of releases, each file once. */
function notesOf(releases: readonly Release[]): readonly string[] {
  return [...new Set(releases.flatMap(({ pages }) => pages.flatMap(({ repo }) => repo.at.page?.notes ?? [])))]
}

/** The modules that define types of repositories, each file once. */
function modulesOf(root: IConstruct): readonly string[] {
  const repositories = [...allOf(root, StagingRepo), ...allOf(root, PublicRepo)]
  return [...new Set(repositories.flatMap(({ at: { module } }) => (module === undefined ? [] : [moduleFileOf(module)])))]
}
