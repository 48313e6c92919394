import { GateError, type PlannedCondition, type ReleasePlan, UsageError } from '@stagegate/schema'
import { RE2JS } from 're2js'

/** A pipeline as GitLab describes it; `null` where a part is missing. */
export interface PipelineFacts {
  readonly tag: string | null
  readonly branch: string | null
  /** Its source: `push`, `schedule`, … */
  readonly source: string
}

/**
 * The kind of a pipeline. If its facts decide the kind, a claim is ignored. If they leave several kinds open, because conditions depend on
 * variables, the claimed kind is believed if it is one of them.
 *
 * @throws {GateError} no kind matches such a pipeline, or the claimed one does not
 * @throws {UsageError} several match, and none is claimed
 */
export function kindOf({ kinds }: ReleasePlan, facts: PipelineFacts, claimed: string | undefined): string {
  const open: string[] = []
  for (const [kind, { when }] of Object.entries(kinds)) {
    const fits = holds(when, facts)
    if (fits !== false) open.push(kind)
    // The first match is meant, and it certainly matches.
    if (fits === true) break
  }
  const [only, ...others] = open
  const what = `this job runs for ${describeFacts(facts)}`
  const next = 'Run it in a pipeline of that kind. Nothing was done.'
  if (only === undefined) throw new GateError({ code: 'gate/ref', what: `${what}, and no kind of the plan matches that`, next })
  if (claimed !== undefined) {
    if (open.includes(claimed)) return claimed
    throw new GateError({ code: 'gate/ref', what: `${what}, which does not match the kind ${claimed}`, next })
  }
  if (others.length === 0) return only
  throw new UsageError({
    code: 'usage/kind',
    what: `${what}, which matches the kinds ${open.join(', ')}`,
    next: 'Choose one with --kind or STAGEGATE_KIND.',
  })
}

function describeFacts({ tag, branch, source }: PipelineFacts): string {
  if (tag !== null) return `the tag ${tag} (${source})`
  return branch === null ? `no tag and no branch (${source})` : `the branch ${branch} (${source})`
}

function holds(condition: PlannedCondition, facts: PipelineFacts): boolean | 'unknown' {
  if ('unknown' in condition) return 'unknown'
  if ('all' in condition) return joined(condition.all, facts, false)
  if ('any' in condition) return joined(condition.any, facts, true)
  const { operator, operand } = condition
  const fact = facts[condition.fact]
  switch (operator) {
    case '==':
      return fact === operand
    case '!=':
      return fact !== operand
    case '=~':
      return occurs(operand, fact)
    case '!~':
      return !occurs(operand, fact)
  }
}

/** One part that is `deciding` decides; otherwise an unknown part leaves the result open. */
function joined(parts: readonly PlannedCondition[], facts: PipelineFacts, deciding: boolean): boolean | 'unknown' {
  const found = parts.map((part) => holds(part, facts))
  if (found.includes(deciding)) return deciding
  return found.includes('unknown') ? 'unknown' : !deciding
}

/** GitLab reads an unset variable as an empty text. */
function occurs(expression: string, fact: string | null): boolean {
  return RE2JS.compile(expression)
    .matcher(fact ?? '')
    .find()
}
