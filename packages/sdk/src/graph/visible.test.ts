import type { JsonObject } from '@stagegate/schema'
import { expect, test } from 'vitest'
import { hiddenVariables, inheritedVariables, kindValues, takesDefault, visibleIn, visibleValues } from './visible.js'

const none = { inherit: { variables: false } }
const one = { inherit: { variables: ['A', 3] } }

test.each<[JsonObject, inherited: 'all' | readonly string[], hidden: readonly string[], visible: Readonly<Record<string, string | null>>]>([
  [{}, 'all', [], { A: 'a', B: 'b' }],
  [{ inherit: {} }, 'all', [], { A: 'a', B: 'b' }],
  [{ inherit: { variables: true } }, 'all', [], { A: 'a', B: 'b' }],
  [none, [], ['A', 'B', 'C'], { A: null, B: null }],
  [one, ['A'], ['B', 'C'], { A: 'a', B: null }],
  [{ ...none, variables: { B: 'own', D: 'd' } }, [], ['A', 'B', 'C'], { A: null, B: 'own', D: 'd' }],
])('the variables that a job with %j sees', (job, inherited, hidden, visible) => {
  expect(inheritedVariables(job)).toEqual(inherited)
  expect(hiddenVariables(job, { variables: { A: '', B: '', C: '' } })).toEqual(hidden)
  expect(visibleValues(job, { A: 'a', B: 'b' })).toEqual(visible)
})

test('a kind fixes its own variables, and the one that names it', () => {
  const document = (variables: Record<string, string>) => ({ stages: [], workflow: {}, variables, jobs: {} })
  expect(kindValues(document({ A: 'a' }), { B: 'b' })).toEqual({ B: 'b' })
  expect(kindValues(document({ A: 'a', STAGEGATE_KIND: '' }), { B: 'b' })).toEqual({ B: 'b', STAGEGATE_KIND: '' })
  expect(kindValues(document({ STAGEGATE_KIND: 'x' }), {})).toEqual({ STAGEGATE_KIND: 'x' })
  expect(kindValues(document({ STAGEGATE_KIND: 'x' }), { STAGEGATE_KIND: 'y' })).toEqual({ STAGEGATE_KIND: 'y' })
})

test('the variables of the event override those of the job, which override the pipeline’s', () => {
  const event = { tag: 'v1', variables: { A: 'event' } }
  expect(visibleIn(event, { variables: { A: 'job', B: 'job' } }, { B: 'outer', C: 'outer' })).toMatchObject({
    A: 'event',
    B: 'job',
    C: 'outer',
    CI_COMMIT_TAG: 'v1',
  })
  expect(visibleIn(event, none, { C: 'outer' })).not.toHaveProperty('C')
})

test.each<[JsonObject, keyword: string, boolean]>([
  [{}, 'before_script', true],
  [{ before_script: [] }, 'before_script', false],
  [{ trigger: 'x' }, 'before_script', false],
  [{ trigger: 'x' }, 'interruptible', true],
  [{ inherit: { default: false } }, 'before_script', false],
  [{ inherit: { default: true } }, 'before_script', true],
  [{ inherit: { default: ['image'] } }, 'before_script', false],
  [{ inherit: { default: ['before_script'] } }, 'before_script', true],
  [{ inherit: { variables: false } }, 'before_script', true],
  [none, 'image', true],
])('a job with %j takes the default %s: %s', (job, keyword, takes) => {
  expect(takesDefault(job, keyword)).toBe(takes)
})
