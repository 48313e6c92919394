import { type Check, fields, must, shape, texts } from '../checks.js'
import { isList, isText, type Yaml } from '../value.js'
import { isPattern, looksLikePattern } from './pattern.js'
import { isExpression, oneOfValues } from './rules.js'

const refs: Check = must(
  'U9',
  'only-refs',
  (value) => isList(value) && value.every((item) => isText(item) && (!looksLikePattern(item) || isPattern(item))),
  'should be an array of strings or regular expressions using re2 syntax',
  'should be a list of refs, and of regular expressions that RE2 can read',
)
const variables: Check = (value, place) => {
  if (!isList(value) || !value.every(isText))
    place.fail({ rule: 'U9', code: 'only-variables', rest: 'should be an array of strings', ours: 'should be a list of expressions' })
  else if (!value.every((item: Yaml) => isExpression(item)))
    place.fail({ rule: 'U9', code: 'only-variables', rest: 'invalid expression syntax', ours: 'has an expression that GitLab cannot read' })
}

/** `only` and `except`. */
export const onlyExcept: Check = shape(
  {
    list: refs,
    map: fields('U9', 'only', {
      attributes: { refs, variables, changes: texts('U9', 'only-changes'), kubernetes: oneOfValues('U9', 'only-kubernetes', ['active']) },
    }),
  },
  must('U9', 'only', () => false, 'has to be either an array of conditions or a hash', 'should be a list of refs, or a mapping'),
)
