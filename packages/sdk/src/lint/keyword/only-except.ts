import { all, byType, type Check, ensure, fields, isTexts, type MapCheck, passes, texts } from '../checks.js'
import { isList, isText } from '../value.js'
import { isExpression } from './expression.js'
import { isPattern, looksLikePattern } from './pattern.js'
import { wordOf } from './rules.js'

const refs: Check = ensure(
  'U9',
  'only-refs',
  (value) => isList(value) && value.every((item) => isText(item) && (!looksLikePattern(item) || isPattern(item))),
  'should be a list of refs, or of regular expressions that RE2 accepts',
)
const variables: Check = (value, place) => {
  if (!passes(value, isTexts)) place.fail('U9', 'only-variables', 'should be a list of expressions')
  else if (!passes(value, (list) => isList(list) && list.every(isExpression)))
    place.fail('U9', 'only-variables', 'has an expression that GitLab cannot parse')
}

const notEmpty: MapCheck = (map, place) => {
  if (map.size === 0) place.fail('U9', 'only-empty', 'is an empty mapping')
}

/** `only` and `except`. */
export const onlyExcept: Check = byType('U9', 'only', 'a list of refs, or a mapping', {
  list: refs,
  map: all(
    notEmpty,
    fields('U9', 'only', {
      refs,
      variables,
      changes: texts('U9', 'only-changes'),
      kubernetes: wordOf('U9', 'only-kubernetes', 'active'),
    }),
  ),
})
