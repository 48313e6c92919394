import { dirname, join, posix } from 'node:path'
import type { Program } from '../app-props.js'
import { forwardedBy, withForwarded } from '../check/include/children.js'
import type { Reader } from '../check/include/reader.js'
import { fewChoicesOf, type WholePipeline, type Written, wholeDocument } from '../check/include/whole.js'
import { parentVariable } from '../gitlab/parent.js'
import { kindGraphs } from '../graph/kinds.js'
import { withToldKinds } from '../graph/told-kinds.js'
import { includedNeeds } from '../job/job-document.js'
import type { ReadLocal } from '../lint/index.js'
import { type Root, rootFile, rootWith } from './beside-root.js'
import type { MadeDocument } from './document.js'
import type { Tree } from './tree.js'

/** The document as GitLab reads it. */
export interface Resolved extends WholePipeline {
  /** Names that `needs` may use: all jobs, if all files were read; otherwise also those that authors expect in unread files. */
  readonly known: ReadonlySet<string>
  /** Whether all jobs are known, so that a need of an unknown one is an error. */
  readonly isComplete: boolean
  readonly readLocal: ReadLocal | undefined
  /** The same for each choice of the included files that depend on rules. */
  readonly alternatives: readonly WholePipeline[]
  /** The project's own pipeline that includes this one, if there is one and it could be read. */
  readonly root: Root | undefined
}

/** Phase 3: reads the included files and merges them, also if the project's own file includes this one. */
export function resolveDocument(app: Program, tree: Tree, made: MadeDocument, readLocal: ReadLocal | undefined): Resolved {
  const folder = join(dirname(app.source.file), app.root)
  const isOwn = posix.normalize(app.output) === rootFile
  const root = isOwn || readLocal === undefined ? undefined : rootWith({ ...made, output: app.output, readLocal, folder })
  const isChild = app.props.startedBy !== undefined
  const [first, ...others] = root?.includes === true && !isChild ? root.wholes : wholesOf(made, { readLocal, folder })
  const started = root === undefined ? [] : asStarted(app, root, [first, ...others])
  const [whole, alternatives] = [withKinds(app, tree, first), [...others, ...started].map((one) => withKinds(app, tree, one))]
  // A file that includes this one is merged last, so it can redefine every job.
  const isRoot = posix.basename(app.output) === rootFile
  const unknown = isRoot || root !== undefined ? [] : [`the file that ${isChild ? 'starts' : 'includes'} ${app.output}`]
  const unread = [...whole.included.unread, ...unknown]
  // A name that is in none of the files does not exist, provided that all files were read and no other file includes this one.
  const isMerged = (root?.includes === true && !isChild) || made.document.include !== undefined
  const isAll = isMerged ? readLocal !== undefined && whole.refused === undefined : isRoot || isChild
  const isComplete = isAll && whole.included.unread.length === 0
  const all = [whole, ...alternatives].flatMap((one) => Object.keys(one.document.jobs))
  const known = new Set(isComplete ? all : tree.jobs.flatMap((job) => includedNeeds(job, tree.kinds)))
  return { ...whole, included: { ...whole.included, unread }, alternatives, known, isComplete, readLocal, root }
}

/** The child pipeline with the variables that the starting job forwards, once for each way in which that job can exist. */
function asStarted({ props }: Program, root: Root, wholes: readonly WholePipeline[]): readonly WholePipeline[] {
  const job = props.startedBy?.job
  if (job === undefined) return []
  const sets = root.wholes.flatMap(({ document }) => {
    const starter = document.jobs[job]
    return starter === undefined ? [] : forwardedBy(job, starter, kindGraphs(document))
  })
  // Only needs use the parent's number.
  const changing = sets.filter((values) => Object.keys(values).some((name) => name !== parentVariable))
  return changing.flatMap((values) => wholes.map((whole) => ({ ...whole, document: withForwarded(whole.document, values) })))
}

/** Without a workflow of ours, the conditions of the kinds tell them apart. */
function withKinds({ props }: Program, { kinds, publishing }: Tree, whole: WholePipeline): WholePipeline {
  if (props.workflow !== 'theirs') return whole
  const conditions = kinds.map((kind) => ({ kind: kind.label, condition: kind.props.when.ast, publishes: publishing(kind) }))
  return { ...whole, document: withToldKinds(whole.document, conditions) }
}

/** The document without the local files that depend on rules, and with each choice of them. */
function wholesOf(made: Written, reader: Reader): readonly [WholePipeline, ...WholePipeline[]] {
  const whole = wholeDocument(made, reader)
  const [none = whole, ...others] = fewChoicesOf(whole.conditional).map((taken) =>
    taken === undefined ? whole : wholeDocument(made, { ...reader, taken }),
  )
  return [none, ...others]
}
