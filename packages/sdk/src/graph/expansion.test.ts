import type { JsonObject } from '@stagegate/schema'
import { describe, expect, test } from 'vitest'
import { canBe, canBegin, expansionsOf } from './expansion.js'
import { kindGraphs } from './kinds.js'

/** The texts that a text comes to in a job with these keywords, below a pipeline with `OUTER` and `BOTH`. */
function textsOf(text: string, job: JsonObject): readonly string[] {
  const variables = { OUTER: 'outer', BOTH: 'outer' }
  const [graph] = kindGraphs({ stages: ['build'], workflow: {}, variables, jobs: { job: { stage: 'build', script: ['x'], ...job } } })
  const found = graph?.jobs.get('job')
  if (graph === undefined || found === undefined) throw new Error('the job exists in every pipeline')
  return expansionsOf(text, found, graph)
}

describe('the possible values of a text with variables', () => {
  test.each<[text: string, job: JsonObject, texts: readonly string[]]>([
    ['$OUTER/${OUTER}/%OUTER%', {}, ['outer/outer/outer']],
    ['$$OUTER/%%/100%', {}, ['$$OUTER/%%/100%']],
    ['$BOTH', { variables: { BOTH: 'own' } }, ['own']],
    ['$OUTER/$BOTH', { inherit: { variables: ['BOTH'] } }, ['$OUTER/outer']],
    ['$BOTH', { variables: { BOTH: 'own' }, parallel: { matrix: [{ BOTH: ['one', 'two'] }] } }, ['one', 'two']],
    ['$BOTH', { parallel: { matrix: [{ BOTH: ['one'] }] }, rules: [{ variables: { BOTH: 'rule' } }] }, ['rule']],
    ['$BOTH', { rules: [{ if: '$A', variables: { BOTH: 'rule' } }, {}] }, ['rule', 'outer']],
    ['$A', { variables: { A: '$B/x', B: '%OUTER%' } }, ['outer/x']],
    ['$A', { variables: { A: '$B', B: '$A' } }, ['$A']],
    ['$constructor/$toString', {}, ['$constructor/$toString']],
    ['$$', { variables: { undefined: 'x', '': 'y' } }, ['$$']],
  ])('%s, with %j: %j', (text, job, texts) => {
    expect(textsOf(text, job)).toEqual(texts)
  })

  test('something unknown, where a variable multiplies without an end', () => {
    const [found = ''] = textsOf('$A', { variables: { A: '$A'.repeat(100) } })
    expect(found.length).toBeLessThanOrEqual(10_000)
    expect(canBegin(found, 'public/')).toBe(true)
  })
})

describe('whatever its variables are, a text', () => {
  test.each<[text: string, start: string, verdict: boolean]>([
    ['public/x', 'public/', true],
    ['pub', 'public/', false],
    ['x/public/', 'public/', false],
    ['$A', 'public/', true],
    ['${A}blic/x', 'public/', true],
    ['pub%REST%/x', 'public/', true],
    ['pub$[[ inputs.a ]]/x', 'public/', true],
    ['$[[ inputs.a\n ]]/x', 'public/', true],
    ['$A/x/public', 'public/', true],
    ['review/$A', 'public/', false],
    ['$$/public/', 'public/', false],
    ['%%blic/', 'public/', false],
    ['x$$public/', 'public/', false],
    ['x$$public/a', 'public/', false],
    // Characters that GitLab's own variables can have.
    ['${CI_COMMIT_REF_SLUG}/x', 'public/', true],
    ['${CI_COMMIT_REF_SLUG}x', 'public/', false],
    ['${MY_CI_COMMIT_REF_SLUG}x', 'public/', true],
    ['${CI_COMMIT_REF_SLUG_2}x', 'public/', true],
    ['${CI_PIPELINE_ID}/x', 'public/', false],
    ['${CI_PIPELINE_IID}/x', 'public/', false],
    ['${CI_MERGE_REQUEST_ID}/x', 'public/', false],
    ['${CI_MERGE_REQUEST_IID}/x', 'public/', false],
    ['${CI_CONCURRENT_ID}/x', 'public/', false],
    ['${CI_CONCURRENT_PROJECT_ID}/x', 'public/', false],
    ['${MY_CI_JOB_ID}/x', 'public/', true],
    ['${CI_JOB_ID_NAME}/x', 'public/', true],
    ['${CI_COMMIT_SHA}/x', 'public/', false],
    ['${CI_COMMIT_SHORT_SHA}/x', 'public/', false],
    ['${MY_CI_COMMIT_SHA}/x', 'public/', true],
    ['${CI_COMMIT_SHA_NAME}/x', 'public/', true],
    ['${CI_SERVER_URL}public/x', 'public/', false],
    ['${CI_REGISTRY}/x', 'public/', false],
    ['${CI_REGISTRY_IMAGE}/x', 'public/', false],
    ['${MY_CI_SERVER_URL}/x', 'public/', true],
    ['${CI_REGISTRY_USER}/x', 'public/', true],
    ['${CI_SERVER_URL_OF_OURS}/x', 'public/', true],
  ])('%s can begin with %s: %s', (text, start, verdict) => {
    expect(canBegin(text, start)).toBe(verdict)
  })

  test.each<[text: string, wanted: string, verdict: boolean]>([
    ['https://x/publish', 'https://x/publish', true],
    ['https://x/publish/y', 'https://x/publish', false],
    ['https://x/pub', 'https://x/publish', false],
    ['https://x/publish$A', 'https://x/publish', true],
    ['https://x/publish$CI_JOB_ID', 'https://x/publish', true],
    ['https://x/$CI_JOB_ID', 'https://x/17', true],
    ['https://x/$CI_JOB_ID', 'https://x/a7', false],
    ['$CI_COMMIT_SHORT_SHA', 'c0ffee', true],
    ['$CI_COMMIT_REF_SLUG', 'publish-2', true],
    ['$A', 'a\nb', true],
    ['$CI_SERVER_URL', 'https://gitlab.example', false],
  ])('%s can be %s: %s', (text, wanted, verdict) => {
    expect(canBe(text, wanted)).toBe(verdict)
  })
})
