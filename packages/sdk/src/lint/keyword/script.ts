import { type Check, ensure, isNested } from '../checks.js'
import { isText } from '../value.js'

export const nestingLevels = 10

/** `script`, `before_script` and `after_script`: a line, or nested lists of lines. */
export const script: Check = ensure(
  'J5',
  'script',
  (value) => isText(value) || isNested(value, nestingLevels, isText),
  'should be a line or a list of lines: put a line that contains a colon and a space in quotes',
)
