import { must } from '../checks.js'
import { isText } from '../value.js'
import { isPattern } from './pattern.js'

export const coverage = must(
  'J16',
  'coverage',
  (value) => isText(value) && isPattern(value),
  'must be a regular expression with re2 syntax',
  'should be a regular expression in slashes that RE2 can read: no lookaheads, lookbehinds or backreferences',
)
