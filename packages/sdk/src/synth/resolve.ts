import { dirname, join, posix } from 'node:path'
import type { Program } from '../app-props.js'
import type { Reader } from '../check/include/reader.js'
import { choicesOf, type Whole, wholeDocument } from '../check/include/whole.js'
import type { PipelineDocument } from '../gitlab/document.js'
import { type KindCondition, withToldKinds } from '../graph/told-kinds.js'
import { includedNeeds } from '../job/job-document.js'
import { protectedCondition } from '../job/kind-conditions.js'
import { refusedKind } from '../kind.js'
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

/** Phase 3: reads the included files, and merges what they say. */
export function resolveDocument(app: Program, tree: Tree, { document }: Made, readLocal: ReadLocal | undefined): Resolved {
  const { jobs, kinds } = tree
  const folder = join(dirname(app.source.file), app.root)
  const isOwn = posix.normalize(app.output) === rootFile
  const root = isOwn || readLocal === undefined ? undefined : rootWith({ document, output: app.output, readLocal, folder })
  if (root?.includes === true) return besideTheirs(app, tree, root, readLocal)
  const [whole, ...alternatives] = wholesOf(document, { readLocal, folder }).map((one) => withKinds(app, tree, one))
  if (whole === undefined) throw new RangeError('Expected a pipeline')
  const { included, refused } = whole
  // A name that is in none of the files does not exist, if all files were read and no other file includes this one.
  const isRoot = posix.basename(app.output) === rootFile
  const isComplete =
    document.include === undefined ? isRoot : readLocal !== undefined && refused === undefined && included.unread.length === 0
  const all = [whole, ...alternatives].flatMap((one) => Object.keys(one.document.jobs))
  const known = new Set(isComplete ? all : jobs.flatMap((job) => includedNeeds(job, kinds)))
  // A file that includes this one is merged last, and can redefine every job.
  const unread = isRoot || root !== undefined ? included.unread : [...included.unread, `the file that includes ${app.output}`]
  return { ...whole, included: { ...included, unread }, alternatives, known, isComplete, readLocal, root }
}

/** The pipeline of which this one is a part, in the project's own file. */
function besideTheirs(app: Program, tree: Tree, root: Root, readLocal: ReadLocal | undefined): Resolved {
  const [whole, ...alternatives] = root.wholes.map((one) => withKinds(app, tree, one))
  if (whole === undefined) throw new RangeError('Expected a pipeline')
  const isComplete = whole.included.unread.length === 0
  const all = [whole, ...alternatives].flatMap((one) => Object.keys(one.document.jobs))
  const known = new Set(isComplete ? all : tree.jobs.flatMap((job) => includedNeeds(job, tree.kinds)))
  return { ...whole, alternatives, known, isComplete, readLocal, root }
}

/** Where no workflow of ours tells the kinds, they are told by their conditions. */
function withKinds({ props }: Program, { kinds, publishing }: Tree, whole: Whole): Whole {
  if (props.workflow !== 'theirs') return whole
  const conditions = kinds.flatMap((kind): KindCondition[] => {
    const own = { kind: kind.label, condition: publishing(kind) ? protectedCondition(kind) : kind.props.when.ast }
    return publishing(kind) ? [own, { kind: refusedKind, condition: kind.props.when.ast }] : [own]
  })
  return { ...whole, document: withToldKinds(whole.document, conditions) }
}

/** Each choice among so many files with rules is judged. */
const mostConditional = 4

/** The document without the local files that are there under rules alone, and with each choice of them. */
function wholesOf(document: PipelineDocument, reader: Reader): readonly [Whole, ...Whole[]] {
  const whole = wholeDocument(document, reader)
  const { conditional } = whole
  if (conditional.length === 0 || conditional.length > mostConditional) return [whole]
  const [none, ...others] = choicesOf(conditional).map((taken) => wholeDocument(document, { ...reader, taken }))
  return [none ?? whole, ...others]
}
