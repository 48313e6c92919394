import type { JsonObject } from '@stagegate/schema'
import { expect, test } from 'vitest'
import { certainAt } from './certainty.js'
import { kindGraphs } from './kinds.js'

/** The jobs that have certainly succeeded when `last` starts. */
function certain(jobs: Readonly<Record<string, JsonObject>>): readonly string[] {
  const named = Object.fromEntries(Object.entries(jobs).map(([name, job]) => [name, { script: ['x'], ...job }]))
  const [graph] = kindGraphs({ stages: ['test'], workflow: {}, variables: {}, jobs: named })
  const last = graph?.jobs.get('last')
  const [way] = last?.ways ?? []
  if (graph === undefined || last === undefined || way === undefined) throw new Error('there is such a job')
  return [...certainAt(graph, last, way, () => false)].toSorted()
}

/** A job that `last` needs, which exists in two ways with these needs. */
const twoWays = (first: JsonObject, second: JsonObject) => ({ rules: [{ if: '$A', ...first }, second] })

test.each<[string, Readonly<Record<string, JsonObject>>, readonly string[]]>([
  ['needs, and what they need', { a: {}, b: { needs: ['a'] }, last: { needs: ['b'] } }, ['a', 'b']],
  ['nothing by the order of stages', { a: { stage: '.pre' }, last: {} }, []],
  ['nothing behind an optional need', { a: {}, last: { needs: [{ job: 'a', optional: true }] } }, []],
  ['nothing behind when: always', { a: {}, b: { needs: ['a'] }, last: { needs: ['b'], when: 'always' } }, []],
  [
    'nothing behind a need of when: always',
    { a: {}, b: { needs: ['a'] }, c: { needs: ['b'], when: 'always' }, last: { needs: ['c'] } },
    ['c'],
  ],
  [
    'nothing behind what one way needs',
    { z: {}, a: { needs: ['z'] }, c: {}, b: twoWays({ needs: ['a'] }, { needs: ['c'] }), last: { needs: ['b'] } },
    ['b'],
  ],
  ['not a need that may fail, but what it needs', { a: {}, b: { needs: ['a'], allow_failure: true }, last: { needs: ['b'] } }, ['a']],
  ['not a need that has to fail, but what it needs', { a: {}, b: { needs: ['a'] }, last: { needs: ['b'], when: 'on_failure' } }, ['a']],
  ['what both ways need', { a: {}, b: twoWays({ needs: ['a'] }, { needs: ['a'] }), last: { needs: ['b'] } }, ['a', 'b']],
  ['not what one way needs', { a: {}, b: twoWays({ needs: ['a'] }, { needs: [] }), last: { needs: ['b'] } }, ['b']],
  ['not what the other way needs', { a: {}, b: twoWays({ needs: [] }, { needs: ['a'] }), last: { needs: ['b'] } }, ['b']],
  ['not what each way needs another of', { a: {}, c: {}, b: twoWays({ needs: ['a'] }, { needs: ['c'] }), last: { needs: ['b'] } }, ['b']],
  [
    'not what one way takes as failed',
    { a: {}, b: twoWays({ needs: ['a'] }, { needs: ['a'], when: 'on_failure' }), last: { needs: ['b'] } },
    ['b'],
  ],
  [
    'not what one way takes as failed, though another job of it succeeds',
    {
      a: { allow_failure: true },
      c: {},
      b: twoWays({ needs: ['a', 'c'] }, { needs: ['a', 'c'] }),
      last: { needs: ['b'] },
    },
    ['b', 'c'],
  ],
  ['each job of a circle once', { a: { needs: ['b'] }, b: { needs: ['a'] }, last: { needs: ['a'] } }, ['a', 'b']],
  [
    'a job that succeeds by a later way to it, too',
    { a: {}, b: { needs: ['a'], when: 'on_failure' }, c: { needs: ['a'] }, d: { needs: ['c'] }, last: { needs: ['b', 'd'] } },
    ['a', 'b', 'c', 'd'],
  ],
])('certain is %s', (_, jobs, names) => {
  expect(certain(jobs)).toEqual(names)
})
