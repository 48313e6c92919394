import { DocumentError, documentText, type Instant } from '@stagegate/schema'
import * as validator from '@stagegate/schema/validator'
import * as v from 'valibot'
import type { Notes } from '../records/notes.js'

const pipeline = v.pipe(v.number(), v.safeInteger(), v.minValue(1))

/** A step in the log of a deployment on another GitLab. */
export type Step =
  /** The pipeline may have been started from here on. If this is the last step, nobody starts another. */
  | { readonly step: 'starting'; readonly by: string; readonly mark: string; readonly at: Instant }
  /** It certainly was not started. */
  | { readonly step: 'not-started'; readonly because: string; readonly at: Instant }
  | { readonly step: 'started'; readonly pipeline: number; readonly how: 'answered' | 'found' | 'said'; readonly at: Instant }

const Step: v.GenericSchema<Step> = v.variant('step', [
  v.strictObject({ step: v.literal('starting'), by: v.string(), mark: v.string(), at: validator.Instant }),
  v.strictObject({ step: v.literal('not-started'), because: v.string(), at: validator.Instant }),
  v.strictObject({ step: v.literal('started'), pipeline, how: v.picklist(['answered', 'found', 'said']), at: validator.Instant }),
])

/** The state of a deployment according to its steps. */
type Standing =
  /** Nothing is in progress: it may be started. */
  | { readonly is: 'free' }
  /** A start was begun, and its result was not recorded. */
  | { readonly is: 'open'; readonly by: string; readonly since: Instant }
  | { readonly is: 'started'; readonly pipeline: number; readonly how: 'answered' | 'found' | 'said' }

export interface Progress {
  readonly standing: Standing
  /** How many starts were begun. */
  readonly starts: number
  /** The pipelines that the steps name. */
  readonly named: readonly number[]
  /** The number of the next step. */
  readonly next: number
}

/** Far more than a person would start by hand. */
const mostSteps = 200

/**
 * The steps of one deployment. They are stored where every job that could repeat it finds them, since a retried GitLab job does not get its
 * own earlier artifacts. Each step is added after the last and never changed, so if two jobs begin a start at the same time, one finds the
 * other's step in its place.
 */
export class DeploymentLog {
  readonly #notes: Notes
  readonly #folder: string

  constructor(notes: Notes, folder: string) {
    this.#notes = notes
    this.#folder = folder
  }

  /** @throws {DocumentError} an invalid step */
  async progress(): Promise<Progress> {
    let starts = 0
    let last: Step | undefined
    const named: number[] = []
    for (let number = 0; number < mostSteps; number++) {
      const text = await this.#notes.find(this.#folder, fileOf(number))
      if (text === undefined) return { standing: standingOf(last), starts, named, next: number }
      last = parsed(text, `${this.#folder}/${fileOf(number)}`)
      if (last.step === 'starting') starts++
      if (last.step === 'started') named.push(last.pipeline)
    }
    throw new DocumentError({ file: this.#folder, path: '', what: `expected at most ${mostSteps} steps, found more` })
  }

  /** Stores this step under that number; false if there is another one already. */
  async add(number: number, step: Step): Promise<boolean> {
    const text = documentText(step)
    return (await this.#notes.keep(this.#folder, fileOf(number), text)) === text
  }
}

function fileOf(number: number): string {
  return `${number}.json`
}

function parsed(text: string, file: string): Step {
  const result = v.safeParse(v.pipe(v.string(), v.parseJson(), Step), text, { abortEarly: true })
  if (result.success) return result.output
  throw new DocumentError({
    file,
    path: v.getDotPath(result.issues[0]) ?? '',
    what: 'expected a step of a deployment, found something else',
  })
}

function standingOf(last: Step | undefined): Standing {
  switch (last?.step) {
    case 'starting':
      return { is: 'open', by: last.by, since: last.at }
    case 'started':
      return { is: 'started', pipeline: last.pipeline, how: last.how }
    default:
      return { is: 'free' }
  }
}
