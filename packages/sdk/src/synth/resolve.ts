import { dirname, join, posix } from 'node:path'
import type { Program } from '../app-props.js'
import type { Reader } from '../check/include/reader.js'
import { fewChoicesOf, type Whole, type Written, wholeDocument } from '../check/include/whole.js'
import { withToldKinds } from '../graph/told-kinds.js'
import { includedNeeds } from '../job/job-document.js'
import type { ReadLocal } from '../lint/index.js'
import { type Root, rootFile, rootWith } from './beside-root.js'
import type { Made } from './document.js'
import type { Tree } from './tree.js'

/** The document as GitLab reads it. */
export interface Resolved extends Whole {
  /** Names that `needs` may use: all jobs, where all files were read; otherwise also those that authors expect in unread files. */
  readonly known: ReadonlySet<string>
  /** Whether every job is known, so that a need of another one is an error. */
  readonly isComplete: boolean
  readonly readLocal: ReadLocal | undefined
  /** The same with included files that are there under rules alone. */
  readonly alternatives: readonly Whole[]
  /** The project's own pipeline that includes this one, where there is one and it could be read. */
  readonly root: Root | undefined
}

/** Phase 3: reads the included files, and merges what they say; so too where this one is a file that the project's own includes. */
export function resolveDocument(app: Program, tree: Tree, made: Made, readLocal: ReadLocal | undefined): Resolved {
  const folder = join(dirname(app.source.file), app.root)
  const isOwn = posix.normalize(app.output) === rootFile
  const root = isOwn || readLocal === undefined ? undefined : rootWith({ ...made, output: app.output, readLocal, folder })
  const [first, ...others] = root?.includes === true ? root.wholes : wholesOf(made, { readLocal, folder })
  const [whole, alternatives] = [withKinds(app, tree, first), others.map((one) => withKinds(app, tree, one))]
  // A file that includes this one is merged last, and can redefine every job.
  const isRoot = posix.basename(app.output) === rootFile
  const unknown = isRoot || root !== undefined ? [] : [`the file that includes ${app.output}`]
  const unread = [...whole.included.unread, ...unknown]
  // A name that is in none of the files does not exist, if all files were read and no other file includes this one.
  const isAll =
    root?.includes === true || made.document.include !== undefined ? readLocal !== undefined && whole.refused === undefined : isRoot
  const isComplete = isAll && whole.included.unread.length === 0
  const all = [whole, ...alternatives].flatMap((one) => Object.keys(one.document.jobs))
  const known = new Set(isComplete ? all : tree.jobs.flatMap((job) => includedNeeds(job, tree.kinds)))
  return { ...whole, included: { ...whole.included, unread }, alternatives, known, isComplete, readLocal, root }
}

/** Where no workflow of ours tells the kinds, they are told by their conditions. */
function withKinds({ props }: Program, { kinds, publishing }: Tree, whole: Whole): Whole {
  if (props.workflow !== 'theirs') return whole
  const conditions = kinds.map((kind) => ({ kind: kind.label, condition: kind.props.when.ast, publishes: publishing(kind) }))
  return { ...whole, document: withToldKinds(whole.document, conditions) }
}

/** The document without the local files that are there under rules alone, and with each choice of them. */
function wholesOf(made: Written, reader: Reader): readonly [Whole, ...Whole[]] {
  const whole = wholeDocument(made, reader)
  const [none = whole, ...others] = fewChoicesOf(whole.conditional).map((taken) =>
    taken === undefined ? whole : wholeDocument(made, { ...reader, taken }),
  )
  return [none, ...others]
}
