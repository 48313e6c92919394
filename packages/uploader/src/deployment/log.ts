import { DocumentError, documentText, type Instant } from '@stagegate/schema'
import * as validator from '@stagegate/schema/validator'
import * as v from 'valibot'
import type { Notes } from '../records/notes.js'

const pipeline = v.pipe(v.number(), v.safeInteger(), v.minValue(1))

/** A step in the log of a deployment on another GitLab. */
export type Step =
  /** From here on it may have been started, and whoever finds this as the last step starts nothing. */
  | { readonly step: 'starting'; readonly by: string; readonly mark: string; readonly at: Instant }
  /** It certainly was not. */
  | { readonly step: 'not-started'; readonly because: string; readonly at: Instant }
  | { readonly step: 'started'; readonly pipeline: number; readonly how: 'answered' | 'found' | 'said'; readonly at: Instant }

const Step: v.GenericSchema<Step> = v.variant('step', [
  v.strictObject({ step: v.literal('starting'), by: v.string(), mark: v.string(), at: validator.Instant }),
  v.strictObject({ step: v.literal('not-started'), because: v.string(), at: validator.Instant }),
  v.strictObject({ step: v.literal('started'), pipeline, how: v.picklist(['answered', 'found', 'said']), at: validator.Instant }),
])

/** Where a deployment stands by its steps. */
type Standing =
  /** Nothing is under way: it may be started. */
  | { readonly is: 'free' }
  /** Somebody began to start it, and did not say how that ended. */
  | { readonly is: 'open'; readonly by: string; readonly since: Instant }
  | { readonly is: 'started'; readonly pipeline: number; readonly how: 'answered' | 'found' | 'said' }

export interface Progress {
  readonly standing: Standing
  /** How often somebody began to start it. */
  readonly starts: number
  /** The pipelines that the steps name. */
  readonly named: readonly number[]
  /** The number of the next step. */
  readonly next: number
}

/** Far more than a person who starts it again and again comes to. */
const mostSteps = 200

/**
 * The steps of one deployment. They are kept where every job that could repeat it finds them, since a retried GitLab job
 * does not get its own earlier artifacts; each is added after the last and never changed, so that of two who begin to
 * start it at the same time one finds the other's step in its place.
 */
export class DeploymentLog {
  readonly #notes: Notes
  readonly #folder: string

  constructor(notes: Notes, folder: string) {
    this.#notes = notes
    this.#folder = folder
  }

  /** @throws {DocumentError} a step that is none */
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

  /** Makes this the step of that number; false when there is another one already. */
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
