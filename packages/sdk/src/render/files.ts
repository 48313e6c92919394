import { dirname, join, posix, relative } from 'node:path'
import type { PipelineDocument } from '../gitlab/document.js'
import type { JobFacts } from '../graph/pipeline.js'
import type { Job } from '../job/job.js'
import type { PipelineKind } from '../kind.js'
import type { Release } from '../release/release.js'
import type { SynthesizedFile } from '../synthesis.js'
import { renderRunbook } from './runbook.js'
import { partPrefix } from './shared-parts.js'
import { renderYaml } from './yaml.js'

export interface FilesInput {
  /** As it is written. */
  readonly document: PipelineDocument
  /** With whole jobs, and those of included files. */
  readonly whole: PipelineDocument
  /** The text of the release plan. */
  readonly plan: string
  readonly kinds: readonly PipelineKind[]
  readonly releases: readonly Release[]
  readonly jobs: ReadonlyMap<string, Job>
  /** Where each job was made. */
  readonly facts: ReadonlyMap<string, Pick<JobFacts, 'source'>>
  /** The exceptions that a reviewer should see first: patches, overrides, accepted warnings, each with its reason. */
  readonly exceptions: readonly string[]
  /** The job that starts the pipeline as a child, if one does. */
  readonly startedBy: string | undefined
  /** `author` is absolute, and `root` the project's folder from there; the others start from the project's folder. */
  readonly places: { readonly author: string; readonly root: string; readonly output: string; readonly plan: string }
}

/** The pipeline; and for releases the plan and the runbook beside it. Places are named as seen from the author's file. */
export function renderFiles({
  document,
  whole,
  plan,
  kinds,
  releases,
  jobs,
  facts,
  exceptions,
  startedBy,
  places,
}: FilesInput): readonly SynthesizedFile[] {
  const folder = join(dirname(places.author), places.root)
  const author = relative(folder, places.author)
  const isShared = Object.keys(document.jobs).some((name) => name.startsWith(partPrefix))
  const header = [
    `Written by stagegate synth from ${author}. Do not edit; change ${author} and synthesize again.`,
    ...(isShared ? [`Hidden jobs, ${partPrefix}…, hold what the jobs that extend them share.`] : []),
    ...exceptions,
  ]
  const comment = (name: string) => {
    const source = facts.get(name)?.source
    return source === undefined ? undefined : `${relative(folder, source.file)}:${source.line}`
  }
  const yaml = { path: places.output, text: renderYaml(document, { header, comment }) }
  if (releases.length === 0) return [yaml]
  return [
    yaml,
    { path: places.plan, text: plan },
    {
      path: posix.join(posix.dirname(places.output), 'RELEASING.md'),
      text: renderRunbook({ document: whole, releases, kinds, jobs, author, startedBy }),
    },
  ]
}
