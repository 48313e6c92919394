import type { JsonObject, JsonValue } from '@stagegate/schema'
import { any, type Expression, evaluate, type Parsed, parse, type Variables } from '../condition/index.js'
import { type DocumentNeed, isObject, type JobDocument, needsOf, type PipelineDocument, text, textsOf } from '../gitlab/document.js'

/** One way for a job to be added to a pipeline: a rule, or the job's own keywords if it has no rules. */
export interface Clause {
  /** The rule's `if` as it is written. */
  readonly if: string | undefined
  /** The same, parsed. `undefined` if there is none, or if GitLab cannot read it. */
  readonly condition: Expression | undefined
  /** The files that it also asks for, by the keywords `changes` and `exists`. */
  readonly files: readonly FilesAsked[]
  /** It also depends on something that no variable shows: files, `only`, or an `if` that cannot be read. */
  readonly uncertain: boolean
  /** `on_success` by default. */
  readonly when: string
  readonly allowFailure: boolean
  /** Whether it may fail only with some exit codes. Other jobs wait for such a manual job. */
  readonly onlyExitCodes: boolean
  /**
   * Whether GitLab's default decides about `allow_failure`: `job` and `rule` name the place of the `when: manual` without a value of its
   * own.
   */
  readonly unsaid: 'job' | 'rule' | undefined
  /** `undefined`: it waits for the earlier stages. */
  readonly needs: readonly DocumentNeed[] | undefined
  readonly variables: Readonly<Record<string, string>>
}

/** A question about files. If a rule uses both keywords, both have to match. */
export interface FilesAsked {
  readonly keyword: 'changes' | 'exists'
  /** Globs; one of them has to match a file. */
  readonly globs: readonly string[]
  /** Other settings, as JSON: another project or ref to look at, a regular expression. Empty if there are none. */
  readonly more: string
}

/** The clauses of a job or of the workflow in order; the first that is true decides. */
export function clausesOf(holder: JobDocument): readonly Clause[] {
  if (holder['rules'] === undefined) return [withOnly(clauseOf(holder, {}), holder)]
  return rulesIn(holder).map((rule) => clauseOf(holder, rule))
}

/** The clauses of the workflow. Without rules, every pipeline exists. */
export function workflowClauses({ workflow }: Pick<PipelineDocument, 'workflow'>): readonly Clause[] {
  return clausesOf(rulesIn(workflow).length > 0 ? workflow : {})
}

/** Whether the clause is true in a pipeline with these variables. Files count as matching; GitLab refuses an `if` that it cannot read. */
export function holdsWith({ if: written, condition }: Clause, variables: Variables): boolean {
  return written === undefined || (condition !== undefined && evaluate(condition, variables))
}

/** The rules of a job or of the workflow. GitLab accepts nested lists, as anchors make them. */
export function rulesIn({ rules }: JobDocument): readonly JsonObject[] {
  return flat(rules)
}

/** The parsed condition; `undefined` if an input decides about more than a value in it. */
export function parsedCondition(condition: string): Parsed | undefined {
  const readable = withoutInputs(condition)
  return isOpen(readable) ? undefined : parse(readable)
}

/** A condition in which an input without fixed values becomes a variable, which can be anything too. */
function withoutInputs(condition: string): string {
  return condition.replaceAll(/"[^"]*\$\[\[[^"]*"|'[^']*\$\[\[[^']*'/g, (text) => `$INPUT_${text.replaceAll(/[^A-Za-z0-9]/g, codeOf)}`)
}

/** Two different texts become two variables. */
function codeOf(character: string): string {
  return `_${character.charCodeAt(0)}_`
}

/** Whether an input without fixed values decides about a value. */
function isOpen(value: string): boolean {
  return value.includes('$[[')
}

function clauseOf(holder: JobDocument, rule: JsonObject): Clause {
  const condition = text(rule['if'])
  const parsed = condition === undefined ? undefined : parsedCondition(condition)
  const own = text(holder['when'])
  const written = text(rule['when']) ?? own ?? 'on_success'
  // An input without fixed values may be the least strict.
  const when = isOpen(written) ? 'always' : written
  const files = filesOf(rule)
  const said = rule['allow_failure'] ?? holder['allow_failure']
  return {
    if: condition,
    condition: parsed?.ok === true ? parsed.expression : undefined,
    files,
    uncertain: files.length > 0 || (condition !== undefined && parsed?.ok !== true),
    when,
    // A job-level `when: manual` allows the job to fail unless it says otherwise, whatever its rules say; one in a rule does not.
    allowFailure: said === undefined || said === null ? own === 'manual' : said !== false,
    onlyExitCodes: isObject(said),
    unsaid: when === 'manual' && (said === undefined || said === null) ? (own === 'manual' ? 'job' : 'rule') : undefined,
    needs: rule['needs'] === undefined ? needsOf(holder) : needsOf({ needs: rule['needs'] }),
    variables: textsOf(rule['variables']),
  }
}

function filesOf(rule: JsonObject): readonly FilesAsked[] {
  return (['changes', 'exists'] as const).flatMap((keyword): FilesAsked[] => {
    const asked = rule[keyword]
    if (asked === undefined || asked === null) return []
    const paths = isObject(asked) ? asked['paths'] : asked
    const globs = [paths ?? []].flat(20).filter((one) => typeof one === 'string')
    const { paths: _, ...others } = isObject(asked) ? asked : {}
    return [{ keyword, globs, more: Object.keys(others).length === 0 ? '' : JSON.stringify(others) }]
  })
}

/** `only` and `except` also test refs and files, which no variable shows; each part of `only` has to be true. */
function withOnly(clause: Clause, { only, except }: JobDocument): Clause {
  if (only === undefined && except === undefined) return clause
  const texts = isObject(only) && Array.isArray(only['variables']) ? only['variables'] : []
  const parsed = texts.map((one) => (typeof one === 'string' ? parse(one) : undefined))
  const read = parsed.flatMap((one) => (one?.ok === true ? [one.expression] : []))
  const condition = read.length > 0 && read.length === parsed.length ? any(read) : undefined
  return { ...clause, condition, if: condition === undefined ? undefined : texts.join(' || '), uncertain: true }
}

function flat(value: JsonValue | undefined): readonly JsonObject[] {
  if (Array.isArray(value)) return value.flatMap(flat)
  if (typeof value === 'string') return isOpen(value) ? [{ if: value, when: value, allow_failure: true }] : []
  return isObject(value) ? [value] : []
}
