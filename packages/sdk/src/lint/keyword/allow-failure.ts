import { integers } from '../../form/form.js'
import { anything, byType, type Check, fields, flag, must } from '../checks.js'

export const allowFailure: Check = byType('J11', 'allow-failure', 'true, false, or a mapping with `exit_codes`', {
  map: fields('J11', 'allow-failure', { exit_codes: must('J11', 'allow-failure-exit-codes', integers) }),
  flag: anything,
})

export const allowFailureInRule: Check = flag('U8', 'rule-allow-failure')
export const allowFailureOfTrigger: Check = flag('T3', 'trigger-allow-failure')
