import { all, anything, byType, type Check, eachItem, fields, type MapCheck, mapping, texts, unknownKeys } from '../checks.js'
import { isText, type Yaml } from '../value.js'
import { expression } from './expression.js'
import { changes, wordOf } from './rules.js'

/** Paths; GitLab sets no limit to them here. */
const exists: Check = byType('K4', 'include-rule-exists', 'a path, a list of paths, or a mapping', {
  text: anything,
  list: texts('K4', 'include-rule-exists'),
  map: unknownKeys('K4', 'include-rule-exists', ['paths', 'project', 'ref', 'regexp']),
})

const rule: MapCheck = all(
  fields('K4', 'include-rule', { if: expression, exists, changes, when: wordOf('K4', 'include-rule-when', 'never', 'always') }),
  (map, place) => {
    if (map.size === 0) place.fail('K4', 'include-rule-empty', 'is empty: a rule needs a keyword')
  },
)

/** `include:rules`, also those of `trigger:include`. */
export const includeRules: Check = byType('K4', 'include-rules', 'a list of rules', {
  list: (list, place) => {
    if (list.length === 0) place.fail('K4', 'include-rules-empty', 'has no rule: GitLab refuses an empty list')
    eachItem(mapping('K4', 'include-rule', rule))(list, place)
  },
})

export const isIntegrity = (value: Yaml): boolean => isText(value) && /^sha256-[A-Za-z0-9+/]+=*$/.test(value)
