import type { JsonValue } from '@stagegate/schema'
import type { IConstruct, Construct as Scope } from 'constructs'
import { treeSize } from '../construct.js'
import { type KeywordProblem, shown, text } from '../form/keyword.js'
import { fields, soundItems } from '../form/keyword-forms.js'
import { expectOptions, secret } from '../form/props.js'
import { plain } from '../gitlab/document.js'
import type { IssueFacts } from '../issue/facts.js'
import type { JobKeywords } from '../keyword/job-keywords.js'
import { NamedJob } from '../keyword/named-job.js'
import { type Need, need, neededJob } from '../keyword/needs.js'
import { pipelineKind, type RuleProps, soundRules } from '../keyword/rules.js'
import { reportSeveralStarts, type StartProps, start } from '../keyword/start.js'
import { many, type OneOrMany, type PipelineKind } from '../kind.js'
import { type Secret, unique } from '../secret.js'

import { gatesIn, type Held, nameOf, soundHeld } from './held.js'

export type { Need } from '../keyword/needs.js'

export interface JobProps extends JobKeywords, StartProps {
  /** In which kinds the job exists. @default all */
  readonly on?: OneOrMany<PipelineKind>
  /** @default none: the job starts at once, whatever its stage */
  readonly needs?: readonly Need[] | undefined
  /** Cases within its kinds: the first that holds decides. @default the job is the same in all of its kinds */
  readonly rules?: readonly RuleProps[] | undefined
  /** The credentials that it sees. */
  readonly secrets?: readonly Secret[] | undefined
  /**
   * Declares that the job publishes something itself, and puts it behind the gate: it waits for a click after everything that a release waits
   * for, exists only for the kinds' protected refs, and gets the repository's credential and environment. Its kinds come from `on` and
   * the releases. Its own `needs` can add artifacts.
   *
   * @example
   * new Job(app, 'homebrew', { publishes: { name: 'homebrew', because: 'a formula is a commit' }, script: ['./push-formula'] })
   */
  readonly publishes?: Held
  /** Declares that the job publishes something outside the gate, and why that is right. The reason appears in the output's header. */
  readonly exempt?: Exemption | undefined
}

export interface Exemption {
  /** Names what it publishes. */
  readonly publishes: string
  readonly because: string
}

/** A job in one kind of pipeline. */
export interface JobInKind {
  readonly start: 'automatic' | 'blocking' | 'optional'
  readonly needs: readonly Need[]
  readonly variables: Readonly<Record<string, string>>
  /** How else it starts. */
  readonly otherwise?: Pick<StartProps, 'when' | 'startIn'> | undefined
  /** Cases of the author's, in their order. @default the job is as said above */
  readonly rules?: readonly RuleProps[] | undefined
}

/** A job with its rules and needs. Asked for when the tree is complete. */
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

/** A job of the pipeline: the author's own (`new Job(app, 'lint', {…})`), or one that a release creates. */
export class Job extends NamedJob {
  readonly overrides: Override[] = []
  readonly exempt: Exemption | undefined
  readonly held: Held | undefined
  readonly #define: () => JobDefinition
  readonly #name: () => string
  #known: { readonly size: number; readonly definition: JobDefinition } | undefined

  constructor(scope: Scope, id: string, props: JobProps | GeneratedJob) {
    super(scope, id, new.target)
    this.exempt = props instanceof GeneratedJob ? undefined : soundExemption(props.exempt)
    this.held = props instanceof GeneratedJob || !('publishes' in props) ? undefined : soundHeld(props.publishes)
    if (props instanceof GeneratedJob) {
      this.#define = props.define
      this.#name = props.name
    } else {
      const definition = handWritten(id, props, (facts) => this.report(facts))
      const { held } = this
      if (held !== undefined) this.#refuseOtherStarts(props)
      this.#define = () => (held === undefined ? definition : behindGate(this.node.root, held, props, definition))
      this.#name = () => id
    }
  }

  override get name(): string {
    return this.#name()
  }

  override existsIn(kind: PipelineKind): boolean {
    return this.definition.inKind(kind) !== undefined
  }

  /** A job behind the gate starts by its click and exists in whole kinds. */
  #refuseOtherStarts({ manual, when, startIn, rules }: JobProps): void {
    for (const [keyword, value] of Object.entries({ manual, when, startIn, rules }))
      if (value !== undefined && value !== 'blocking')
        this.report({ code: 'structure/value', job: this.label, keyword, expected: 'nothing together with publishes', found: shown(value) })
  }

  /** The same as long as nothing is added to the tree. */
  get definition(): JobDefinition {
    const size = treeSize(this)
    if (this.#known?.size !== size) this.#known = { size, definition: remembered(this.#define()) }
    return this.#known.definition
  }

  /**
   * Changes the rendered job, for anything that has no keyword here. The path uses GitLab's own names:
   * `artifacts.reports.junit`, and an index for an item of a list: `rules.0.changes`. The reason appears in the output's header.
   * @throws {TypeError} without a path or a reason, or with a value that JSON cannot hold
   */
  addOverride(path: string, value: JsonValue, because: string): void {
    if (because.trim() === '') throw new TypeError('Expected a reason for the override, got an empty text')
    if (path === '') throw new TypeError('Expected the path of a keyword, got an empty text')
    this.overrides.push({ path, value: plain(value), because })
  }
}

const exemption = fields<Exemption>({ publishes: text, because: text })

function soundExemption(exempt: Exemption | undefined): Exemption | undefined {
  if (exempt === undefined) return undefined
  for (const key of ['publishes', 'because'] as const) {
    if (typeof exempt[key] !== 'string' || exempt[key].trim() === '')
      throw new TypeError(`Expected ${key} in exempt, got ${JSON.stringify(exempt[key])}`)
  }
  expectOptions(exempt, exemption, 'exempt')
  return exempt
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

/** Everybody who needs a job asks in which kinds it exists. */
function remembered(definition: JobDefinition): JobDefinition {
  const known = new Map<PipelineKind, JobInKind | undefined>()
  return {
    ...definition,
    inKind(kind) {
      if (!known.has(kind)) known.set(kind, definition.inKind(kind))
      return known.get(kind)
    },
  }
}

function handWritten(job: string, props: JobProps, report: (facts: IssueFacts) => void): JobDefinition {
  const { on, needs = [], rules = [], manual, when, startIn, secrets = [], stage = 'build', exempt: _, publishes: __, ...keywords } = props
  const told = (problem: KeywordProblem) => report(factsOf(job, problem))
  // A variable that was never set would put the job into every kind.
  if (on === undefined && 'on' in props) pipelineKind.render(on as never, 'on', told)
  const kinds = on === undefined ? undefined : soundItems(many(on), 'on', pipelineKind, told)
  start.render({ manual, when, startIn }, '', told)
  reportSeveralStarts({ manual, when, startIn }, '', told)
  const base: JobInKind = {
    start: manual ?? 'automatic',
    otherwise: { when, startIn },
    needs: soundItems(needs, 'needs', need, told),
    variables: {},
  }
  const cases = soundRules(rules, told)
  return {
    keywords: { stage, ...keywords },
    secrets: soundItems(secrets, 'secrets', secret, told),
    wholeCondition: false,
    byRoute: false,
    inKind(kind) {
      if (kinds !== undefined && !kinds.includes(kind)) return undefined
      if (rules.length === 0) return base
      const own = cases.filter((one) => one.on === undefined || many(one.on).includes(kind))
      return own.length === 0 ? undefined : { ...base, rules: own }
    },
  }
}

/** The same job behind the gate of the releases. The author's keywords win, and are judged as those of any job that publishes. */
function behindGate(root: IConstruct, held: Held, { stage = 'publish', ...props }: JobProps, own: JobDefinition): JobDefinition {
  return {
    ...own,
    keywords: {
      inherit: { default: false, variables: false },
      interruptible: false,
      environment: { name: `public/${nameOf(held)}`, action: 'prepare' },
      ...own.keywords,
      stage,
    },
    secrets: unique([...own.secrets, ...('at' in held ? held.at.write : [])]),
    wholeCondition: true,
    inKind(kind) {
      const base = own.inKind(kind)
      const gates = gatesIn(root, kind)
      if (base === undefined || (gates === undefined && props.on === undefined)) return undefined
      const needed = new Set(base.needs.map(neededJob))
      return {
        start: 'blocking',
        variables: base.variables,
        needs: [...base.needs, ...(gates ?? []).filter((one) => !needed.has(neededJob(one)))],
      }
    },
  }
}

/** The problem as an issue of the job. */
export function factsOf(job: string, problem: KeywordProblem): IssueFacts {
  if (problem.is === 'value') {
    const { keyword, expected, found } = problem
    return { code: 'structure/value', job, keyword, expected, found }
  }
  return { code: 'structure/unknown-keyword', job, keyword: problem.keyword, meant: problem.meant }
}
