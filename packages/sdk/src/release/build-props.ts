import type { Duration } from '../duration.js'
import { isRecord, type ReportProblem, shown } from '../form/keyword.js'
import { soundItems } from '../form/keyword-forms.js'
import { secret } from '../form/props.js'
import type { Need } from '../job/job.js'
import type { ArtifactsProps } from '../keyword/artifacts.js'
import { type JobKeywords, jobKeywordNames } from '../keyword/job-keywords.js'
import { need } from '../keyword/needs.js'
import type { Secret } from '../secret.js'

/** Where and when the job exists, and what becomes of its failure, is the release's business. */
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
 * A build's artifacts beside its packages, such as reports. Its paths are the target's: `stage` refuses a folder with other files. How long
 * they are kept is `keep`.
 */
export interface BuildArtifacts extends Omit<ArtifactsProps, 'expireIn' | 'paths' | 'untracked' | 'when'> {
  /** A build that has failed leaves nothing to stage. @default on_success */
  readonly when?: 'on_success' | 'always' | undefined
}

/**
 * How a target is built, in GitLab's keywords. Its packages are the job's artifacts; an image is one too, or is pushed to
 * staging. For another job than this, give `build` a `Job` of yours.
 */
export interface BuildProps extends Pick<JobKeywords, (typeof buildKeywords)[number]> {
  readonly script: readonly string[]
  readonly needs?: readonly Need[] | undefined
  /** The credentials that it sees. */
  readonly secrets?: readonly Secret[] | undefined
  /** Reports, and what else GitLab is told of the artifacts. */
  readonly artifacts?: BuildArtifacts | undefined
  /** How long GitLab keeps the built packages; publishing does not read them. @default 3 days */
  readonly keep?: Duration | undefined
}

/** The build without what its job cannot have, which is reported. Its keywords are judged with the job that is made of them. */
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

/** Keywords of other jobs, beside those that nobody knows. */
function isForeign(key: string): boolean {
  const known: readonly string[] = [...buildKeywords, 'artifacts']
  return ['on', 'rules', 'manual', 'when', 'startIn', 'publishes', 'exempt', ...jobKeywordNames].includes(key) && !known.includes(key)
}
