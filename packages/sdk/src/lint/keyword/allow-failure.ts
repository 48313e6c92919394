import { type Check, fields, flag, integers, shape } from '../checks.js'
import type { Place } from '../place.js'
import type { Yaml } from '../value.js'

const exitCodes = fields('J11', 'allow-failure', { attributes: { exit_codes: integers('J11', 'allow-failure-exit-codes') } })

const neither = (_: Yaml, place: Place): void =>
  place.fail({
    rule: 'J11',
    code: 'allow-failure',
    rest: 'should be a hash or a boolean value',
    ours: 'should be `true`, `false`, or `exit_codes`',
  })

/** Judged in the job: the complaint about its form names the job, those about its keys name the keyword. */
export const allowFailure: Check = (value, place) =>
  shape({ map: (map) => exitCodes(map, place.called(`jobs:${place.job}:allow_failure`)), flag: () => undefined }, neither)(value, place)

export const allowFailureInRule: Check = flag('U8', 'rule-allow-failure')
export const allowFailureOfTrigger: Check = flag('T3', 'trigger-allow-failure')
