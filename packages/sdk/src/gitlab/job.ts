import type { JsonValue } from '@stagegate/schema'
import type { Construct as Scope } from 'constructs'
import { Construct } from '../construct.js'
import { many, type OneOrMany, type PipelineKind } from '../kind.js'
import type { Secret } from '../secret.js'
import type { JobKeywords } from './job-keywords.js'

/** A job that this one waits for, and whose artifacts it gets. */
export type Need =
  | Job
  | { readonly job: Job; readonly artifacts?: boolean | undefined; readonly optional?: boolean | undefined }
  | { /** A job of an included file. */ readonly name: string }

export interface JobProps extends JobKeywords {
  /** In which kinds the job exists. @default all */
  readonly on?: OneOrMany<PipelineKind> | undefined
  readonly needs?: readonly Need[] | undefined
  /** Waits for a click. `blocking` holds up what comes after it, `optional` does not. @default starts by itself */
  readonly manual?: 'blocking' | 'optional' | undefined
  /** The credentials that it sees. */
  readonly secrets?: readonly Secret[] | undefined
}

/** What a job is in one kind of pipeline. */
export interface JobInKind {
  readonly start: 'automatic' | 'blocking' | 'optional'
  readonly needs: readonly Need[]
  readonly variables: Readonly<Record<string, string>>
}

/** What a job is, as far as its rules and needs go. Asked when the tree is complete. */
export interface JobDefinition {
  readonly keywords: JobKeywords
  readonly secrets: readonly Secret[]
  /** Repeats the kind's whole condition in its rules, instead of asking for the kind's variable, which it does not inherit. */
  readonly wholeCondition: boolean
  /** `undefined` where the job does not exist. */
  inKind(kind: PipelineKind): JobInKind | undefined
}

export interface Override {
  readonly path: string
  readonly value: JsonValue
  readonly because: string
}

/** A job of the pipeline: the author's own (`new Job(app, 'lint', {…})`), or one that a release makes. */
export class Job extends Construct {
  readonly overrides: Override[] = []
  readonly #define: () => JobDefinition
  readonly #name: () => string

  constructor(scope: Scope, id: string, props: JobProps | GeneratedJob) {
    super(scope, id, new.target)
    this.#define = props instanceof GeneratedJob ? props.define : () => handWritten(props)
    this.#name = props instanceof GeneratedJob ? props.name : () => id
  }

  get name(): string {
    return this.#name()
  }

  get definition(): JobDefinition {
    return this.#define()
  }

  /**
   * Changes the job as it will be rendered, for what has no keyword here. The path has GitLab's own names:
   * `artifacts.reports.junit`. The reason stands in the output's header.
   */
  addOverride(path: string, value: JsonValue, because: string): void {
    if (because.trim() === '') throw new TypeError('Expected a reason for the override, got an empty text')
    this.overrides.push({ path, value, because })
  }
}

/** How a release makes a job: nothing is asked before the tree is complete. */
export class GeneratedJob {
  readonly name: () => string
  readonly define: () => JobDefinition

  constructor(name: () => string, define: () => JobDefinition) {
    this.name = name
    this.define = define
  }
}

function handWritten({ on, needs = [], manual, secrets = [], ...keywords }: JobProps): JobDefinition {
  const kinds = on === undefined ? undefined : many(on)
  return {
    keywords: { stage: 'build', ...keywords },
    secrets,
    wholeCondition: false,
    inKind: (kind) => (kinds === undefined || kinds.includes(kind) ? { start: manual ?? 'automatic', needs, variables: {} } : undefined),
  }
}
