import { UsageError } from '@stagegate/schema'
import { expect, test } from 'vitest'
import { refuseOtherStrategy } from './clean-folder.js'

test('the strategy that is rendered is the only one', () => {
  expect(() => refuseOtherStrategy({ GIT_STRATEGY: 'empty' })).not.toThrow()
})

test('a job without a strategy was not rendered by Stagegate: the message says to run synth again', () => {
  const refused = () => refuseOtherStrategy({})
  expect(refused).toThrow(UsageError)
  expect(refused).toThrow(/the job has no GIT_STRATEGY: empty\n.*Run stagegate synth/)
})

test('another strategy names the places where a variable overrides the YAML', () => {
  expect(() => refuseOtherStrategy({ GIT_STRATEGY: 'none' })).toThrow(
    /GIT_STRATEGY is "none".*\n.*Settings > CI\/CD > Variables.*schedule.*manual/,
  )
})
