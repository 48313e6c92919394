import { gitlabLimits } from '../../gitlab/limits.js'
import { all, anything, type Check, fields, mapping, noLonger, oneOf, text } from '../checks.js'
import { changes, exists, expression, ruleList, wordOf } from './rules.js'
import { ruleVariables } from './variables.js'

const autoCancel: Check = mapping(
  'R7',
  'auto-cancel',
  fields('R7', 'auto-cancel', {
    on_new_commit: oneOf('R7', 'auto-cancel-on-new-commit', 'conservative', 'interruptible', 'none'),
    on_job_failure: oneOf('R7', 'auto-cancel-on-job-failure', 'none', 'all'),
  }),
)

const rule = fields('R6', 'workflow-rule', {
  changes,
  exists,
  variables: ruleVariables,
  auto_cancel: autoCancel,
  if: expression,
  when: wordOf('R6', 'workflow-rule-when', 'always', 'never'),
  start_in: anything,
  allow_failure: anything,
  needs: anything,
})

export const workflow: Check = mapping(
  'R5',
  'workflow',
  fields('R5', 'workflow', {
    rules: ruleList('R6', 'workflow-rules', rule),
    auto_cancel: autoCancel,
    name: all(text('R5', 'workflow-name'), noLonger('R5', 'workflow-name', gitlabLimits.line)),
  }),
)
