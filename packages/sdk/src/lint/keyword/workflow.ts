import { gitlabLimits } from '../../gitlab/limits.js'
import { all, anything, type Check, fields, type MapCheck, mapping, noLonger, oneOf, text } from '../checks.js'
import { isUnknown } from '../value.js'
import { allowFailureInRule } from './allow-failure.js'
import { expression } from './expression.js'
import { needsInRule } from './needs.js'
import { changes, exists, ruleList, wordOf } from './rules.js'
import { plainVariables } from './variables.js'

const autoCancel: Check = mapping(
  'R7',
  'auto-cancel',
  fields('R7', 'auto-cancel', {
    on_new_commit: oneOf('R7', 'auto-cancel-on-new-commit', 'conservative', 'interruptible', 'none'),
    on_job_failure: oneOf('R7', 'auto-cancel-on-job-failure', 'none', 'all'),
  }),
)

const rule: MapCheck = all(
  fields('R6', 'workflow-rule', {
    changes,
    exists,
    variables: plainVariables,
    auto_cancel: autoCancel,
    if: expression,
    when: wordOf('R6', 'workflow-rule-when', 'always', 'never'),
    start_in: anything,
    allow_failure: allowFailureInRule,
    needs: needsInRule,
  }),
  (map, place) => {
    if (map.has('start_in') && !isUnknown(map.get('when')))
      place.fail('R6', 'workflow-rule-start-in', 'has `start_in`, which only jobs can have')
  },
)

export const workflow: Check = mapping(
  'R5',
  'workflow',
  fields('R5', 'workflow', {
    rules: ruleList('R6', 'workflow-rules', rule),
    auto_cancel: autoCancel,
    name: all(text('R5', 'workflow-name'), noLonger('R5', 'workflow-name', gitlabLimits.line)),
  }),
)
