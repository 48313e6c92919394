import type { JsonObject, JsonValue } from '@stagegate/schema'
import { any, type Expression, evaluate, type Parsed, parse, type Variables } from '../condition/index.js'
import { type DocumentNeed, isObject, type JobDocument, needsOf, type PipelineDocument, text, textsOf } from '../gitlab/document.js'

/** One way for a job to come into a pipeline: a rule, or the job's own keywords where it has no rules. */
export interface Clause {
  /** The rule's `if`, as it is written. */
  readonly if: string | undefined
  /** The same, read. `undefined` where there is none, or where GitLab could not read it. */
  readonly condition: Expression | undefined
  /** The files that it also asks for, by the keywords `changes` and `exists`. */
  readonly files: readonly FilesAsked[]
  /** It also asks for something that no variable tells: files, `only`, or an `if` that cannot be read. */
  readonly uncertain: boolean
  /** `on_success` where nothing is said. */
  readonly when: string
  readonly allowFailure: boolean
  /** Whether it may fail with some exit codes alone: a manual job of that kind is waited for. */
  readonly onlyExitCodes: boolean
  /** Whether GitLab's default decides over `allow_failure`: `job` and `rule` name the place of the `when: manual` that says nothing. */
  readonly unsaid: 'job' | 'rule' | undefined
  /** `undefined`: it waits for the earlier stages. */
  readonly needs: readonly DocumentNeed[] | undefined
  readonly variables: Readonly<Record<string, string>>
}

/** A question about files: of a rule that asks by two keywords, both have to fit. */
export interface FilesAsked {
  readonly keyword: 'changes' | 'exists'
  /** Globs, of which one has to fit a file. */
  readonly globs: readonly string[]
  /** All else that it says, as JSON: another project or ref to look at, a regular expression. Empty where there is nothing. */
  readonly more: string
}

/** The clauses of a job, or of the workflow, in their order; the first that holds decides. */
export function clausesOf(holder: JobDocument): readonly Clause[] {
  if (holder['rules'] === undefined) return [withOnly(clauseOf(holder, {}), holder)]
  return rulesIn(holder).map((rule) => clauseOf(holder, rule))
}

/** The clauses of the workflow. Without rules, every pipeline exists. */
export function workflowClauses({ workflow }: Pick<PipelineDocument, 'workflow'>): readonly Clause[] {
  return clausesOf(rulesIn(workflow).length > 0 ? workflow : {})
}

/** Whether the clause holds in a pipeline with these variables. Files are taken to fit; GitLab refuses an `if` that it cannot read. */
export function holdsWith({ if: written, condition }: Clause, variables: Variables): boolean {
  return written === undefined || (condition !== undefined && evaluate(condition, variables))
}

/** The rules of a job, or of the workflow. GitLab takes lists in lists, as anchors make them. */
export function rulesIn({ rules }: JobDocument): readonly JsonObject[] {
  return flat(rules)
}

/** The condition, read; `undefined` where an input decides about more than a value in it. */
export function parsedCondition(condition: string): Parsed | undefined {
  const readable = withoutInputs(condition)
  return isOpen(readable) ? undefined : parse(readable)
}

/** A condition in which an input that can be anything is a variable that can be. */
function withoutInputs(condition: string): string {
  return condition.replaceAll(/"[^"]*\$\[\[[^"]*"|'[^']*\$\[\[[^']*'/g, (text) => `$INPUT_${text.replaceAll(/[^A-Za-z0-9]/g, codeOf)}`)
}

/** Two texts that differ become two variables. */
function codeOf(character: string): string {
  return `_${character.charCodeAt(0)}_`
}

/** Whether an input, which can be anything, decides about a value. */
function isOpen(value: string): boolean {
  return value.includes('$[[')
}

function clauseOf(holder: JobDocument, rule: JsonObject): Clause {
  const condition = text(rule['if'])
  const parsed = condition === undefined ? undefined : parsedCondition(condition)
  const own = text(holder['when'])
  const written = text(rule['when']) ?? own ?? 'on_success'
  // An input that can be anything can be the loosest.
  const when = isOpen(written) ? 'always' : written
  const files = filesOf(rule)
  const said = rule['allow_failure'] ?? holder['allow_failure']
  return {
    if: condition,
    condition: parsed?.ok === true ? parsed.expression : undefined,
    files,
    uncertain: files.length > 0 || (condition !== undefined && parsed?.ok !== true),
    when,
    // A job-level `when: manual` lets the job fail unless it says otherwise, whatever its rules say; one in a rule does not.
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

/** `only` and `except` ask for refs and files, too, which no variable tells; each part of `only` has to hold. */
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
