import type { JsonObject } from '@stagegate/schema'
import { expect, test } from 'vitest'
import { kindGraphs } from './kinds.js'
import { acceptsFailure, isManual, mayFail, waitsOf } from './waits.js'

function read(job: JsonObject) {
  const stages = ['build', 'test']
  const others = { a: { stage: 'build', script: ['x'] }, b: { stage: 'build', script: ['x'] }, c: { stage: 'test', script: ['x'] } }
  const [graph] = kindGraphs({ stages, workflow: {}, variables: {}, jobs: { ...others, job: { stage: 'test', script: ['x'], ...job } } })
  const found = graph?.jobs.get('job')
  if (graph === undefined || found === undefined) throw new Error('the job exists')
  return { graph, job: found }
}

test.each<[string, JsonObject, readonly string[]]>([
  ['for the stages before its own', {}, ['a stage +', 'b stage +']],
  ['for nothing', { needs: [] }, []],
  ['for a need of a later stage, too', { needs: ['c'] }, ['c needs +']],
  ['optionally', { needs: [{ job: 'a', optional: true }, 'b'] }, ['a optional +', 'b needs +']],
  ['without artifacts', { needs: [{ job: 'a', artifacts: false }] }, ['a needs -']],
  ['with those that it depends on', { needs: ['a', 'b'], dependencies: ['b'] }, ['a needs -', 'b needs +']],
  ['for stages, with those that it depends on', { dependencies: [] }, ['a stage -', 'b stage -']],
  ['for no job that does not exist', { needs: ['a', 'd'] }, ['a needs +']],
])('a job waits %s', (_, keywords, waits) => {
  const { graph, job } = read(keywords)
  const found = job.ways.flatMap((way) => waitsOf(graph, job, way))
  expect(found.map(({ job: { name }, by, artifacts }) => `${name} ${by} ${artifacts ? '+' : '-'}`)).toEqual(waits)
})

const both = (first: JsonObject, second: JsonObject): JsonObject => ({ rules: [{ if: '$A', ...first }, second] })

test.each<[JsonObject, fails: boolean, manual: boolean]>([
  [{}, false, false],
  [{ allow_failure: true }, true, false],
  [both({ allow_failure: true }, {}), true, false],
  [both({}, { allow_failure: true }), true, false],
  [both({ when: 'manual' }, {}), false, false],
  [both({ when: 'manual' }, { when: 'manual' }), false, true],
])('a job with %j may fail: %s, is started by a click: %s', (keywords, fails, manual) => {
  const { job } = read(keywords)
  expect(mayFail(job)).toBe(fails)
  expect(isManual(job)).toBe(manual)
})

test('a job accepts a failure with always and on_failure', () => {
  const accepting = ['on_success', 'always', 'on_failure', 'manual', 'delayed'].filter((when) => acceptsFailure({ when }))
  expect(accepting).toEqual(['always', 'on_failure'])
})
