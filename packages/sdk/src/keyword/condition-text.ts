import { all, Condition, type Expression, parse, present, print } from '../condition/index.js'
import { type Keyword, shown } from '../form/keyword.js'

/** When a rule applies: a condition, or the text of an expression, for anything that a condition cannot express. */
export type RuleCondition = Condition | string

/** Written as GitLab reads it; what cannot be read is told by the checks of the document. */
export const ruleCondition: Keyword<RuleCondition> = {
  render(value, at, report) {
    if (typeof value === 'string' && value.trim() !== '') return value
    const [problem] = value instanceof Condition ? value.problems : []
    if (value instanceof Condition && problem === undefined) return value.expression
    const expected =
      problem === undefined ? 'a Condition or the text of an expression' : `a condition that GitLab can read: ${problem.message}`
    report({ is: 'value', keyword: at, expected, found: shown(value) })
    return undefined
  },
}

/** Both must hold. A text that is not an expression stays one that the checks will find. */
export function bothHold(first: Expression, second: string | undefined): string {
  if (second === undefined) return print(first).text
  const parsed = parse(second)
  return parsed.ok ? print(all([first, present(parsed.expression)])).text : `${print(first).text} && (${second})`
}
