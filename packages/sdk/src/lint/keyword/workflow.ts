import { all, type Check, fields, type MapCheck, mapping, noLonger, oneOf, text } from '../checks.js'
import { changes, existsOf, expression, oneOfValues, ruleList } from './rules.js'
import { ruleVariables } from './variables.js'

const onNewCommit = ['conservative', 'interruptible', 'none']
const onJobFailure = ['none', 'all']
const mustBe = (values: readonly string[]): string => `must be one of: ${values.join(', ')}`

const autoCancel: Check = mapping(
  'R7',
  'auto-cancel',
  fields('R7', 'auto-cancel', {
    attributes: {
      on_new_commit: oneOf('R7', 'auto-cancel-on-new-commit', onNewCommit, mustBe(onNewCommit)),
      on_job_failure: oneOf('R7', 'auto-cancel-on-job-failure', onJobFailure, mustBe(onJobFailure)),
    },
  }),
)

const rule: MapCheck = fields('R6', 'workflow-rule', {
  entries: { changes, exists: existsOf(50), variables: ruleVariables, auto_cancel: autoCancel },
  attributes: {
    if: expression,
    when: oneOfValues('R6', 'workflow-rule-when', ['always', 'never']),
    start_in: () => undefined,
    allow_failure: () => undefined,
    needs: () => undefined,
  },
})

export const workflow: Check = mapping(
  'R5',
  'workflow',
  fields('R5', 'workflow', {
    entries: { rules: ruleList('R6', 'workflow-rules', rule), auto_cancel: autoCancel },
    attributes: { name: all(text('R5', 'workflow-name'), noLonger('R5', 'workflow-name', 255)) },
  }),
)
