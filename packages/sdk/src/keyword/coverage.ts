import { gitlabText, regularExpression } from '../condition/index.js'
import { type Keyword, shown } from '../form/keyword.js'

/** A regular expression, as RE2 reads it. @see https://docs.gitlab.com/ci/yaml/#coverage */
export const coverage: Keyword<RegExp> = {
  render(value, at, report) {
    const problem = value instanceof RegExp ? regularExpression(value).problems[0]?.message : undefined
    if (value instanceof RegExp && problem === undefined && value.flags === '') return gitlabText(value)
    const expected = problem === undefined ? 'a regular expression without flags' : `a regular expression that RE2 accepts: ${problem}`
    report({ is: 'value', keyword: at, expected, found: shown(value) })
    return undefined
  },
}
