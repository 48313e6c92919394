import { always, type Expression, negate } from '../condition/index.js'
import { isObject, type JobDocument, type PipelineDocument, stageOf, stagesIn, text, textsOf } from '../gitlab/document.js'
import { rowsOf } from '../gitlab/parallel.js'
import { anyKind } from '../issue/words.js'
import { type Ask, asker, type Premises } from './knowledge.js'
import { clausesOf, rulesIn, workflowClauses } from './rules.js'
import { hiddenVariables, kindOf, kindValues, visibleValues } from './visible.js'
import { decider, type ExistenceClause, rulebook, type Seen } from './ways.js'

/** A job in a kind of pipeline. */
export interface KindJob {
  readonly name: string
  readonly document: JobDocument
  /** Its place in the order of stages. */
  readonly stage: number
  readonly exists: 'always' | 'sometimes'
  /** At least one. */
  readonly ways: readonly ExistenceClause[]
  /** The variables that its rules see. */
  readonly seen: Seen
}

/** The jobs of all pipelines of one kind. */
export interface KindGraph {
  readonly kind: string
  /** Whether such a pipeline can exist: `never` if the kinds before it take every pipeline. */
  readonly exists: 'sometimes' | 'never'
  readonly known: Premises
  /** The variables that the pipeline itself sets, which override those that GitLab sets. */
  readonly redefined: ReadonlySet<string>
  /** The variables of the pipeline for expanding texts of its jobs, without those that a person may enter when starting it. */
  readonly variables: Readonly<Record<string, string>>
  /** GitLab's `default`. */
  readonly defaults: JobDocument
  /** GitLab's `auto_cancel` as it applies to this kind. */
  readonly autoCancel: { readonly onNewCommit: string | undefined; readonly onJobFailure: string | undefined }
  /** In the document's order. */
  readonly jobs: ReadonlyMap<string, KindJob>
  readonly ask: Ask
}

export interface GraphOptions {
  /**
   * Whether values of the YAML count as certain. A schedule, the person who starts the pipeline and the project's settings override them,
   * in rules too. @default true
   */
  readonly believes?: boolean
  /** GitLab's own variables whose values are known in every pipeline. */
  readonly given?: Readonly<Record<string, string>>
  /** Conditions that hold in every pipeline. */
  readonly holds?: readonly Expression[]
}

/**
 * The document as GitLab reads it, once for each rule of its workflow, or once, as `any`, without a workflow. A kind is named by its
 * variable, otherwise by its rule.
 */
export function kindGraphs(document: PipelineDocument, options?: GraphOptions): readonly KindGraph[] {
  if (options !== undefined) return read(document, options)
  const found = known.get(document) ?? read(document, {})
  known.set(document, found)
  return found
}

/** Several callers ask for the graphs of the same document. */
const known = new WeakMap<PipelineDocument, readonly KindGraph[]>()

function read(document: PipelineDocument, { believes = true, given = {}, holds = [] }: GraphOptions): readonly KindGraph[] {
  const ask = asker(definedIn(document))
  const stages = stagesIn(document)
  const jobs = Object.entries(document.jobs).filter(([name]) => !name.startsWith('.'))
  const parsed = jobs.map(([name, job]) => {
    const others = [...hiddenVariables(job, document), ...(believes ? [] : Object.keys(textsOf(job['variables'])))]
    return { name, job, rules: rulebook(clausesOf(job)), stage: stages.indexOf(stageOf(job)), others }
  })
  const unasked = Object.fromEntries(
    Object.entries(textsOf(document.variables)).filter(([name]) => !Object.hasOwn(document.prefill ?? {}, name)),
  )
  const before: Expression[] = [...holds]
  const graphs: KindGraph[] = []
  for (const [index, clause] of workflowClauses(document).entries()) {
    const { condition, uncertain, when, variables } = clause
    const known: Premises = { holds: [...(condition === undefined ? [] : [condition]), ...before], values: {} }
    const fixed = kindValues(document, variables)
    // A pipeline that this rule matches reaches no later rule, unless the rule asks for `changes`.
    if (!uncertain) before.unshift(condition === undefined ? negate(always) : negate(condition))
    if (when === 'never') continue
    const exists =
      ask(condition ?? always, { holds: known.holds.slice(condition === undefined ? 0 : 1), values: given }) === 'never'
        ? 'never'
        : 'sometimes'
    const decide = decider(known.holds, ask)
    const inKind = parsed.flatMap(({ name, job, rules, stage, others }): [string, KindJob][] => {
      const seen: Seen = { values: { ...given, ...(believes && visibleValues(job, fixed)) }, others }
      const found = decide(rules, seen)
      return found === undefined ? [] : [[name, { name, document: job, stage, seen, ...found }]]
    })
    graphs.push({
      kind: kindOf(fixed) || (clause.if ?? anyKind),
      exists,
      known: { holds: known.holds, values: fixed },
      redefined: new Set([...Object.keys(document.variables), ...Object.keys(variables)]),
      variables: { ...unasked, ...fixed },
      defaults: document.default ?? {},
      autoCancel: autoCancelOf(document, index),
      jobs: new Map(exists === 'never' ? [] : inKind),
      ask,
    })
  }
  return graphs
}

/** The jobs that exist in no kind, as if each of their rules could hold. */
export function nowhereIn(document: PipelineDocument, graphs: readonly KindGraph[]): KindGraph {
  const known: Premises = { holds: [], values: {} }
  const jobs = Object.entries(document.jobs).flatMap(([name, job]): [string, KindJob][] => {
    if (name.startsWith('.') || graphs.some((graph) => graph.jobs.has(name))) return []
    const ways = clausesOf(job).flatMap((clause): ExistenceClause[] =>
      clause.when === 'never' ? [] : [{ ...clause, decides: 'sometimes', start: clause.when === 'manual' ? 'manual' : 'automatic', known }],
    )
    return ways.length === 0 ? [] : [[name, { name, document: job, stage: 0, exists: 'sometimes', ways, seen: { values: {}, others: [] } }]]
  })
  return {
    kind: anyKind,
    exists: 'never',
    known,
    redefined: new Set(),
    variables: textsOf(document.variables),
    defaults: document.default ?? {},
    autoCancel: { onNewCommit: undefined, onJobFailure: undefined },
    jobs: new Map(jobs),
    ask: () => 'sometimes',
  }
}

/** Every variable that the YAML sets anywhere: GitLab's guarantees about its own variables do not hold for them. */
function definedIn({ variables, workflow, jobs }: PipelineDocument): ReadonlySet<string> {
  const ofRules = (holder: JobDocument) => rulesIn(holder).flatMap((rule) => Object.keys(textsOf(rule['variables'])))
  const ofJobs = Object.values(jobs).flatMap((job) => [
    ...Object.keys(textsOf(job['variables'])),
    ...rowsOf(job['parallel']).flatMap((row) => [...row.keys()]),
  ])
  return new Set([...Object.keys(variables), ...ofRules(workflow), ...ofJobs])
}

function autoCancelOf({ workflow }: PipelineDocument, index: number): KindGraph['autoCancel'] {
  const rule = rulesIn(workflow)[index]?.['auto_cancel']
  const own = isObject(rule) ? rule : {}
  const outer = isObject(workflow['auto_cancel']) ? workflow['auto_cancel'] : {}
  return {
    onNewCommit: text(own['on_new_commit'] ?? outer['on_new_commit']),
    onJobFailure: text(own['on_job_failure'] ?? outer['on_job_failure']),
  }
}
