import { dirname, posix } from 'node:path'
import type { Program } from '../app-props.js'
import type { Reader } from '../check/include/reader.js'
import { choicesOf, type Whole, wholeDocument } from '../check/include/whole.js'
import type { PipelineDocument } from '../gitlab/document.js'
import { includedNeeds } from '../job/job-document.js'
import type { ReadLocal } from '../lint/index.js'
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
}

/** Phase 3: reads the included files, and merges what they say. */
export function resolveDocument(app: Program, { jobs, kinds }: Tree, { document }: Made, readLocal: ReadLocal | undefined): Resolved {
  const [whole, ...alternatives] = wholesOf(document, { readLocal, folder: dirname(app.source.file) })
  const { included, refused } = whole
  // A name that is in none of the files does not exist, if all files were read and no other file includes this one.
  const isRoot = posix.basename(app.output) === '.gitlab-ci.yml'
  const isComplete =
    document.include === undefined ? isRoot : readLocal !== undefined && refused === undefined && included.unread.length === 0
  const all = [whole, ...alternatives].flatMap((one) => Object.keys(one.document.jobs))
  const known = new Set(isComplete ? all : jobs.flatMap((job) => includedNeeds(job, kinds)))
  // A file that includes this one is merged last, and can redefine every job.
  const unread = isRoot ? included.unread : [...included.unread, `the file that includes ${app.output}`]
  return { ...whole, included: { ...included, unread }, alternatives, known, isComplete, readLocal }
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
