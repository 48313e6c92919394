import { ensure } from '../checks.js'
import { isText } from '../value.js'
import { isPattern } from './pattern.js'

export const coverage = ensure(
  'J16',
  'coverage',
  (value) => isText(value) && !value.includes('\n') && isPattern(value),
  'should be a regular expression in slashes that RE2 accepts: no lookaheads, lookbehinds or backreferences',
)
