import type { JsonObject } from '@stagegate/schema'
import { describe, expect, test } from 'vitest'
import { kindGraphs } from '../../graph/kinds.js'
import type { Reach } from '../../issue/facts.js'
import { type Credential, noFacts, type ReleaseFacts } from './facts.js'
import { mentions, writersIn } from './writers.js'

const first: Credential = { repository: 'first', variable: 'FIRST_TOKEN' }
const second: Credential = { repository: 'second', variable: 'SECOND_TOKEN' }

/** How the job with these keywords can write to a public repository. */
function reachOf(job: JsonObject, defaults: JsonObject = {}, facts: Partial<ReleaseFacts> = {}): Reach | undefined {
  const jobs = { job: { stage: 'build', script: ['make'], ...job } }
  const [graph] = kindGraphs({ stages: ['build'], workflow: {}, variables: {}, default: defaults, jobs })
  return graph && writersIn(graph, { ...noFacts, credentials: [first, second], ...facts }).get('job')
}

const used: Reach = { by: 'used', ...second }

describe('a job writes to the public', () => {
  test.each<[string, JsonObject, JsonObject, Partial<ReleaseFacts>, Reach | undefined]>([
    ['not without a credential', {}, { image: 'x', retry: 2 }, {}, undefined],
    ['as one of the release', {}, {}, { publishers: new Map([['job', new Map()]]) }, { by: 'release' }],
    ['by what it declares', {}, {}, { secrets: new Map([['job', ['OTHER', 'SECOND_TOKEN']]]) }, { by: 'declared', ...second }],
    ['by its script', { script: ['push $SECOND_TOKEN'] }, {}, {}, used],
    ['by a name in its secrets', { secrets: { SECOND_TOKEN: { vault: 'a/b@c' } } }, {}, {}, used],
    ['by a default behind others', {}, { image: 'x', before_script: ['x', 'login $SECOND_TOKEN', 'x'] }, {}, used],
    ['not by a default of its own', { before_script: [] }, { before_script: ['login $SECOND_TOKEN'] }, {}, undefined],
    ['by a variable of a rule', { rules: [{ if: '$A' }, { variables: { TOKEN: '$SECOND_TOKEN' } }] }, {}, {}, used],
    ['not by the condition of a rule', { rules: [{ if: '$SECOND_TOKEN' }] }, {}, {}, undefined],
    ['not by only', { only: { variables: ['$SECOND_TOKEN'] }, except: { variables: ['$SECOND_TOKEN'] } }, {}, {}, undefined],
    ['beside values that are no texts', { cache: null, retry: 2, interruptible: true, script: ['push $SECOND_TOKEN'] }, {}, {}, used],
    ['by its environment', { environment: 'public/x' }, {}, {}, { by: 'environment', environment: 'public/x' }],
  ])('%s', (_, job, defaults, facts, reach) => {
    expect(reachOf(job, defaults, facts)).toEqual(reach)
  })
})

describe('a text uses a credential', () => {
  const long = 'x'.repeat(600)
  test.each<[string, Credential | undefined]>([
    ['push $FIRST_TOKEN', first],
    ['push $SECOND_TOKEN', second],
    ['about SECOND_TOKEN\npush $FIRST_TOKEN', first],
    ['about FIRST_TOKEN, see $SECOND_TOKEN', second],
    [`push $SECOND_TOKEN ${long}${long}`, second],
    [`${long}\n${long} $SECOND_TOKEN`, second],
    ['push ${SECOND_TOKEN}', second],
    ['push %SECOND_TOKEN%', second],
    ['env["SECOND_TOKEN"]', second],
    ["env['SECOND_TOKEN']", second],
    ['env[`SECOND_TOKEN`]', second],
    ['env.SECOND_TOKEN', second],
    ['X=SECOND_TOKEN', second],
    ['SECOND_TOKEN', second],
    ['x\n  SECOND_TOKEN \ny', second],
    [`\tSECOND_TOKEN\n${long}`, second],
    ['printenv SECOND_TOKEN', second],
    ['export  SECOND_TOKEN', second],
    ['export -n SECOND_TOKEN', second],
    ['declare -x  "SECOND_TOKEN"', second],
    ['read -r SECOND_TOKEN', second],
    ['--password-from SECOND_TOKEN', second],
    ['push --password-from   SECOND_TOKEN', second],
    ['push -e SECOND_TOKEN', second],
    ['env|grep SECOND_TOKEN', second],
    ['env -0 | grep SECOND_TOKEN', second],
    ['SECOND_TOKEN is missing', undefined],
    ['the SECOND_TOKEN', undefined],
    ['export X, see the SECOND_TOKEN', undefined],
    ['env: see the SECOND_TOKEN', undefined],
    ['see (x) the SECOND_TOKEN', undefined],
    ['see $x SECOND_TOKEN', undefined],
    ['push $SECOND_TOKEN_2', undefined],
    ['push $MY_SECOND_TOKEN', undefined],
    ['', undefined],
  ])('%s', (text, credential) => {
    expect(mentions([first, second])(text)).toEqual(credential)
    expect(mentions([])(text)).toBeUndefined()
  })
})
