import { type Check, isNested, must } from '../checks.js'
import { isText } from '../value.js'

export const nestingLevels = 10

/** `script`, `before_script` and `after_script`: a line, or lists of lines in one another. */
export const script: Check = must(
  'J5',
  'script',
  (value) => isText(value) || isNested(value, nestingLevels, isText),
  `should be a string or a nested array of strings up to ${nestingLevels} levels deep`,
  'should be a line or a list of lines: a line with a colon and a space needs quotes',
)
