import type { Duration } from '../duration.js'
import { isRecord, type ReportProblem, shown } from '../form/keyword.js'
import { soundItems } from '../form/keyword-forms.js'
import { secret } from '../form/props.js'
import type { Need } from '../job/job.js'
import type { ArtifactsProps } from '../keyword/artifacts.js'
import { type JobKeywords, jobKeywordNames } from '../keyword/job-keywords.js'
import { need } from '../keyword/needs.js'
import type { Secret } from '../secret.js'

/** The release decides where and when the job exists, and how a failure counts. */
const buildKeywords = [
  'image',
  'services',
  'tags',
  'inputs',
  'variables',
  'idTokens',
  'identity',
  'gitlabSecrets',
  'timeout',
  'interruptible',
  'inherit',
  'resourceGroup',
  'parallel',
  'hooks',
  'beforeScript',
  'script',
  'afterScript',
  'coverage',
  'retry',
  'cache',
] as const satisfies readonly (keyof JobKeywords)[]

/**
 * Artifacts of a build other than its packages, such as reports. The target sets the paths: `stage` refuses a folder with other files.
 * `keep` sets how long they are kept.
 */
export interface BuildArtifacts extends Omit<ArtifactsProps, 'expireIn' | 'paths' | 'untracked' | 'when'> {
  /** A failed build leaves nothing to stage. @default on_success */
  readonly when?: 'on_success' | 'always' | undefined
}

/**
 * How a target is built, in GitLab's keywords. Its packages are the job's artifacts; an image is an artifact too, or is pushed to staging.
 * To use a different job, set `build` to a `Job` of your own.
 */
export interface BuildProps extends Pick<JobKeywords, (typeof buildKeywords)[number]> {
  readonly script: readonly string[]
  readonly needs?: readonly Need[] | undefined
  /** The credentials that the build can read. */
  readonly secrets?: readonly Secret[] | undefined
  /** Reports and other settings of the artifacts. */
  readonly artifacts?: BuildArtifacts | undefined
  /** How long GitLab keeps the built packages; publishing does not read them. @default 3 days */
  readonly keep?: Duration | undefined
}

/** The build without keywords that its job cannot have; those are reported. The job made from it checks the rest. */
export function soundBuild(build: BuildProps, pushes: boolean, report: ReportProblem): BuildProps {
  const refuse = (keyword: string, instead: string, found: unknown) =>
    report({ is: 'value', keyword: `build.${keyword}`, expected: `nothing: ${instead}`, found: shown(found) })
  const sound = { ...build }
  for (const [key, value] of Object.entries(build)) {
    if (!isForeign(key)) continue
    if (value !== undefined) refuse(key, 'only a Job of yours can have it, as the build', value)
    Reflect.deleteProperty(sound, key)
  }
  if (pushes && build.parallel !== undefined) refuse('parallel', 'each copy would push the image', build.parallel)
  const artifacts: unknown = build.artifacts
  if (isRecord(artifacts)) {
    if (artifacts['expireIn'] !== undefined) refuse('artifacts.expireIn', 'keep already sets it', artifacts['expireIn'])
    for (const key of ['paths', 'untracked'])
      if (artifacts[key] !== undefined)
        refuse(`artifacts.${key}`, 'the target names its files, and the stage job refuses others', artifacts[key])
    if (artifacts['when'] === 'on_failure') refuse('artifacts.when', 'only a build that passes leaves packages', 'on_failure')
  }
  return {
    ...sound,
    needs: soundItems(build.needs ?? [], 'build.needs', need, report),
    secrets: soundItems(build.secrets ?? [], 'build.secrets', secret, report),
  }
}

/** Known keywords of other jobs, and unknown ones. */
function isForeign(key: string): boolean {
  const known: readonly string[] = [...buildKeywords, 'artifacts']
  return ['on', 'rules', 'manual', 'when', 'startIn', 'publishes', 'exempt', ...jobKeywordNames].includes(key) && !known.includes(key)
}
