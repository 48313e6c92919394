import { posix } from 'node:path'
import type { Program } from '../app-props.js'
import type { ReleaseFacts } from '../check/gate/facts.js'
import { type Family, inChild } from '../check/parent/family.js'
import { checkParent, startersIn } from '../check/parent/parent.js'
import { decide } from '../condition/index.js'
import { filesStartedBy } from '../gitlab/parent.js'
import type { Found } from '../issue/facts.js'
import { TheirJob } from '../job/their-job.js'
import type { PipelineKind } from '../kind.js'
import { ContainerImage } from '../release/image.js'
import type { Root } from './beside-root.js'
import type { Resolved } from './resolve.js'
import type { Tree } from './tree.js'

/** A child pipeline, and the project's own pipeline, which starts it. */
export interface FamilyInput {
  readonly app: Program
  readonly tree: Tree
  readonly resolved: Resolved
  readonly facts: ReleaseFacts
}

/** Judges a child pipeline and its parent together. Finds nothing if the pipeline is not a child. */
export function judgeFamily(input: FamilyInput): readonly Found[] {
  const { app, tree, resolved } = input
  const starter = app.props.startedBy?.job
  const { root, included } = resolved
  if (starter === undefined) return root === undefined || root.includes ? [] : unsaid(app, root)
  return [
    ...tree.kinds.filter(isNeverChild).map(({ label }): Found => ({ job: undefined, facts: { code: 'child/source', kind: label } })),
    ...pushedImages(tree),
    ...included.children
      .filter(({ document }) => Object.values(document?.jobs ?? {}).some((job) => filesStartedBy(job).length > 0))
      .map(({ job }): Found => ({ job, facts: { code: 'child/too-deep', job } })),
    ...(root?.includes === true ? [startedTwice(starter, app.output)] : []),
    // A parent that GitLab refuses starts nothing; that is reported instead.
    ...(root === undefined || root.errors.length > 0
      ? []
      : root.wholes.flatMap((parent) => checkParent({ ...familyOf(input, starter), parent }))),
  ]
}

/** Jobs that start the pipeline as a child although the author does not name them. */
function unsaid(app: Program, root: Root): readonly Found[] {
  const jobs = root.wholes.flatMap(({ document, places }) =>
    root.errors.length > 0 ? [] : startersIn(document, isOutput(app)).map((job) => ({ job, source: places.get(job) })),
  )
  return jobs.map(({ job, source }) => ({ job: undefined, facts: { code: 'child/unsaid', job, file: app.output }, source }))
}

function isOutput({ output }: Program): (path: string) => boolean {
  return (path) => posix.normalize(path).replace(/^\//, '') === posix.normalize(output)
}

/** Whether the kind asks for something that child pipelines never have. */
export function isNeverChild({ props }: PipelineKind): boolean {
  return (
    decide(props.when.ast, { variables: {}, holds: [] }) !== 'never' &&
    decide(inChild(props.when.ast), { variables: {}, holds: [] }) === 'never'
  )
}

function startedTwice(job: string, file: string): Found {
  return { job: undefined, facts: { code: 'child/started-twice', job, file } }
}

/** The tag of an image that its build pushes to staging contains the number of the pipeline. */
function pushedImages({ releases }: Tree): readonly Found[] {
  const images = releases.flatMap(({ targets }) => targets).filter((target) => target instanceof ContainerImage)
  return images
    .filter(({ jobs, layout }) => jobs.build instanceof TheirJob && layout === undefined)
    .map(({ label, jobs }) => ({ job: jobs.stage.name, facts: { code: 'child/image', target: label, build: jobs.build.name } }))
}

function familyOf({ app, tree, resolved, facts }: FamilyInput, starter: string): Omit<Family, 'parent'> {
  const kinds = tree.kinds.filter((kind) => !isNeverChild(kind))
  return {
    starter,
    child: resolved.document,
    file: app.output,
    isChild: isOutput(app),
    kinds: kinds.map((kind) => ({ kind: kind.label, condition: kind.props.when.ast, publishes: tree.publishing(kind) })),
    allowed: app.props.cli?.allow ?? [],
    facts,
  }
}
