import type { PlannedCondition, PlannedKind, ReleasePlan } from '@stagegate/schema'
import { describe, expect, test } from 'vitest'
import { planOf } from '../testing/fixtures.js'
import { kindOf, type PipelineFacts } from './kind.js'

const tag = (name: string): PipelineFacts => ({ tag: name, branch: null, source: 'push' })
const branch = (name: string, source = 'push'): PipelineFacts => ({ tag: null, branch: name, source })
const mergeRequest: PipelineFacts = { tag: null, branch: null, source: 'merge_request_event' }

const onMain: PlannedCondition = { fact: 'branch', operator: '==', operand: 'main' }
const set: PlannedCondition = { unknown: '$NIGHTLY != null' }
const kinds = {
  nightly: { all: [onMain, set] },
  scheduled: { any: [{ fact: 'source', operator: '==', operand: 'schedule' }] },
  main: onMain,
  rc: { fact: 'tag', operator: '=~', operand: '^v.*-rc\\d+$' },
  release: { fact: 'tag', operator: '=~', operand: '(?i)^V\\d' },
  other: {
    all: [
      { fact: 'branch', operator: '!=', operand: null },
      { fact: 'branch', operator: '!~', operand: '^wip/' },
    ],
  },
} as const satisfies Record<string, PlannedCondition>

function plan(of: Record<string, PlannedCondition>): ReleasePlan {
  const planned = Object.entries(of).map(([name, when]): [string, PlannedKind] => [name, { when, version: null, publishes: false }])
  return { ...planOf(), kinds: Object.fromEntries(planned) }
}

describe('the facts alone decide', () => {
  test.each<[string, PipelineFacts]>([
    ['release', tag('v1.2.3')],
    ['rc', tag('v1.2.3-rc1')],
    ['other', branch('feature')],
    ['scheduled', branch('feature', 'schedule')],
  ])('that it is %s: %j', (kind, facts) => {
    expect(kindOf(plan(kinds), facts, undefined)).toBe(kind)
    expect(kindOf(plan(kinds), facts, kind)).toBe(kind)
  })

  test.each<[string, string, PipelineFacts]>([
    ['a later kind that fits as well', 'release', tag('v1.2.3-rc1')],
    ['a kind for tags', 'release', branch('v1.2.3')],
    ['a kind for another branch', 'nightly', branch('feature')],
    ['a kind for branches', 'main', tag('main-v1')],
    ['what a ref gets that is not protected', 'refused', tag('v1.2.3')],
  ])('and a variable that claims %s is refused', (_what, claimed, facts) => {
    expect(() => kindOf(plan({ ...kinds, rest: { all: [] } }), facts, claimed)).toThrow(
      expect.objectContaining({
        name: 'GateError',
        code: 'gate/ref',
        what: expect.stringContaining(`which does not match the kind ${claimed}`),
      }),
    )
  })

  test.each([tag('nightly'), branch('wip/this'), mergeRequest])('that it is none: %j', (facts) => {
    expect(() => kindOf(plan(kinds), facts, undefined)).toThrow(
      expect.objectContaining({ name: 'GateError', code: 'gate/ref', what: expect.stringContaining('no kind of the plan matches that') }),
    )
  })
})

describe('where a condition depends on variables', () => {
  test.each(['nightly', 'main'])('%s is believed, being among those that are open', (claimed) => {
    expect(kindOf(plan(kinds), branch('main'), claimed)).toBe(claimed)
  })

  test.each(['other', 'release', 'refused', ''])('%j is not', (claimed) => {
    expect(() => kindOf(plan(kinds), branch('main'), claimed)).toThrow(expect.objectContaining({ name: 'GateError', code: 'gate/ref' }))
  })

  test('somebody must say which', () => {
    expect(() => kindOf(plan(kinds), branch('main'), undefined)).toThrow(
      expect.objectContaining({ name: 'UsageError', code: 'usage/kind', what: expect.stringMatching(/kinds nightly, main$/) }),
    )
  })

  test('a part that holds anyway needs no variable', () => {
    expect(kindOf(plan({ any: { any: [set, onMain] }, main: onMain }), branch('main'), undefined)).toBe('any')
    expect(kindOf(plan({ all: { all: [set, onMain] }, rest: { all: [] } }), tag('v1'), undefined)).toBe('rest')
  })
})

test('an expression reads a tag that is not there as an empty text, as GitLab does', () => {
  expect(kindOf(plan({ odd: { fact: 'tag', operator: '=~', operand: '^$' } }), branch('main'), undefined)).toBe('odd')
})
