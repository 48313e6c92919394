import type { JsonValue } from '@stagegate/schema'
import type { Construct as Scope } from 'constructs'
import { Construct } from '../construct.js'
import type { IssueFacts } from '../issue.js'
import { many, type OneOrMany, PipelineKind } from '../kind.js'
import { Secret } from '../secret.js'
import { plain } from './document.js'
import type { JobKeywords } from './job-keywords.js'
import { shown } from './keyword.js'

/** A job that this one waits for, and whose artifacts it gets. */
export type Need =
  | Job
  | { readonly job: Job; readonly artifacts?: boolean | undefined; readonly optional?: boolean | undefined }
  | { /** A job of an included file. */ readonly name: string }

export interface JobProps extends JobKeywords {
  /** In which kinds the job exists. @default all */
  readonly on?: OneOrMany<PipelineKind> | undefined
  /** @default none: the job starts at once, whatever its stage */
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
  /** Made for every release or target, whether a route asks for it or not: it may exist in no kind at all. */
  readonly byRoute: boolean
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
    if (props instanceof GeneratedJob) {
      this.#define = props.define
      this.#name = props.name
    } else {
      const definition = handWritten(id, props, (facts) => this.report(facts))
      this.#define = () => definition
      this.#name = () => id
    }
  }

  get name(): string {
    return this.#name()
  }

  get definition(): JobDefinition {
    return this.#define()
  }

  /**
   * Changes the job as it will be rendered, for what has no keyword here. The path has GitLab's own names:
   * `artifacts.reports.junit`, and an index for an item of a list: `rules.0.changes`. The reason stands in the output's header.
   * @throws {TypeError} without a path or a reason, or with a value that JSON cannot hold
   */
  addOverride(path: string, value: JsonValue, because: string): void {
    if (because.trim() === '') throw new TypeError('Expected a reason for the override, got an empty text')
    if (path === '') throw new TypeError('Expected the path of a keyword, got an empty text')
    this.overrides.push({ path, value: plain(value), because })
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

function handWritten(
  job: string,
  { on, needs = [], manual, secrets = [], stage = 'build', ...keywords }: JobProps,
  report: (facts: IssueFacts) => void,
): JobDefinition {
  const sound = <T>(keyword: string, list: readonly T[], expected: string, fits: (one: T) => boolean) =>
    soundItems(job, keyword, list, expected, fits, report)
  const kinds = on === undefined ? undefined : sound('on', many(on), 'a PipelineKind', (kind) => kind instanceof PipelineKind)
  const start = manual ?? 'automatic'
  if (!['automatic', 'blocking', 'optional'].includes(start))
    report({ code: 'structure/value', job, keyword: 'manual', expected: 'one of blocking, optional', found: shown(start) })
  const inKind: JobInKind = { start, needs: soundNeeds(job, 'needs', needs, report), variables: {} }
  return {
    keywords: { stage, ...keywords },
    secrets: sound('secrets', secrets, 'a Secret', (secret) => secret instanceof Secret),
    wholeCondition: false,
    byRoute: false,
    inKind: (kind) => (kinds === undefined || kinds.includes(kind) ? inKind : undefined),
  }
}

/** The needs that are ones; a program without types can also say the name of a job, which is reported. */
export function soundNeeds(job: string, keyword: string, needs: readonly Need[], report: (facts: IssueFacts) => void): readonly Need[] {
  return soundItems(job, keyword, needs, 'a Job, { job } or { name }', isNeed, report)
}

function isNeed(need: Need): boolean {
  if (need instanceof Job) return true
  if (typeof need !== 'object' || need === null) return false
  return 'job' in need ? need.job instanceof Job : typeof need.name === 'string'
}

function soundItems<T>(
  job: string,
  keyword: string,
  items: readonly T[],
  expected: string,
  fits: (item: T) => boolean,
  report: (facts: IssueFacts) => void,
): readonly T[] {
  return items.filter((item, index) => {
    if (fits(item)) return true
    report({ code: 'structure/value', job, keyword: `${keyword}[${index}]`, expected, found: shown(item) })
    return false
  })
}
