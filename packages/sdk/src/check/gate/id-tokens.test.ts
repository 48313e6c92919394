import type { JsonObject, JsonValue } from '@stagegate/schema'
import { describe, expect, test } from 'vitest'
import { type KindGraph, kindGraphs } from '../../graph/kinds.js'
import {
  App,
  audit,
  Condition,
  Job,
  PackageTarget,
  PipelineKind,
  PublicRepo,
  packagecloud,
  Release,
  type RepositoryAddress,
  Secret,
  StagingRepo,
  s3,
} from '../../index.js'
import { fetchedBy, withFetched } from './id-tokens.js'

const credential = { repository: 'stable', variable: 'PUBLIC_TOKEN' }
const aud = 'https://vault.example/publish'

function graphOf(job: JsonObject, defaults: JsonObject = {}): KindGraph {
  const jobs = { job: { stage: 'build', script: ['x'], ...job } }
  const [graph] = kindGraphs({ stages: ['build'], workflow: {}, variables: { AUD: aud }, default: defaults, jobs })
  if (graph === undefined) throw new Error('there is one kind')
  return graph
}

function fetched(job: JsonObject, path: string, engine?: string) {
  const graph = graphOf(job)
  const found = graph.jobs.get('job')
  return (
    found &&
    fetchedBy(found, graph, [
      { repository: 'none', variable: 'NONE' },
      { ...credential, vault: { path, aud, engine } },
    ])
  )
}

const vault = (value: JsonValue): JsonObject => ({ secrets: { T: { vault: value } } })
const other = { by: 'vault', ...credential }

test('a job fetches a credential by an ID token of its audience', () => {
  const job = { id_tokens: { A: { aud: 'https://a.example' }, B: { aud: ['https://b.example', '$AUD'] } } }
  expect(fetched(job, 'a/b@ops')).toEqual({ by: 'id-token', from: aud, ...credential })
  expect(fetched({ id_tokens: { A: { aud: 'https://a.example' } } }, 'a/b@ops')).toBeUndefined()
})

describe('a job fetches a credential by its place', () => {
  test.each<[JsonObject, path: string, engine: string | undefined, isFound: boolean]>([
    [vault('a/b@ops'), 'a/b@ops', undefined, true],
    [vault('a/x/../b@ops'), 'a/b@ops', undefined, true],
    [vault('a/$X/b@ops'), 'a/c/b@ops', undefined, true],
    [vault('a/b'), 'a/b@kv-v2', undefined, true],
    [vault('a/b@kv-v2'), 'a/b', undefined, true],
    [vault('a/b@x@ops'), 'a/b@x@ops', undefined, true],
    [vault({ path: 'a', field: 'b' }), 'a/b', undefined, true],
    [vault({ path: 'a', field: 'b', engine: {} }), 'a/b', undefined, true],
    [vault({ path: 'a', field: 'b', engine: { name: 'kv-v2', path: 'ops' } }), 'a/b@ops', undefined, true],
    [vault({ path: '/a', field: 'b', engine: { name: 'kv-v2', path: '/ops/' } }), 'a/b@ops', undefined, true],
    [vault({ path: 'a', field: 'b', engine: { name: 'generic', path: 'ops/data' } }), 'a/b@ops', undefined, true],
    [vault({ path: 'a', field: 'b', engine: { name: 'kv-v1', path: 'ops' } }), 'a/b@ops', 'generic', true],
    [vault({ path: 'a', field: 'b', engine: { name: 'kv-v1', path: 'ops' } }), 'a/b@ops', undefined, false],
    [vault('a/c@ops'), 'a/b@ops', undefined, false],
    [{ secrets: { S: { azure_key_vault: { name: 'a' } }, T: { vault: 'a/b@ops' } } }, 'a/b@ops', undefined, true],
    [{ secrets: { S: null, T: 'a/b@ops' } }, 'a/b@ops', undefined, false],
    [{ secrets: null }, 'a/b@ops', undefined, false],
  ])('%j, of %s', (job, path, engine, isFound) => {
    expect(fetched(job, path, engine)).toEqual(isFound ? { ...other, from: path } : undefined)
  })
})

describe('the place of a credential is read from the jobs', () => {
  const secret = (token: JsonValue = null, value: JsonValue = 'a/b@ops') => ({ secrets: { PUBLIC_TOKEN: { vault: value, token } } })
  const tokens = { id_tokens: { A: { aud: 'https://a.example' }, SECOND: { aud: ['https://b.example', '$AUD'] } } }
  test.each<[string, JsonObject, JsonObject, readonly JsonObject[]]>([
    ['with each audience of its token', { ...secret('$SECOND'), ...tokens }, {}, [{ aud: 'https://b.example' }, { aud }]],
    ['with a token in braces', { ...secret('${A}'), ...tokens }, {}, [{ aud: 'https://a.example' }]],
    [
      'with every audience where no token is named',
      { ...secret(), ...tokens },
      {},
      [{ aud: 'https://a.example' }, { aud: 'https://b.example' }, { aud }],
    ],
    [
      'with every audience where the token is unknown',
      { ...secret('$C'), ...tokens },
      {},
      [{ aud: 'https://a.example' }, { aud: 'https://b.example' }, { aud }],
    ],
    ['with a default token', secret('$A'), tokens, [{ aud: 'https://a.example' }]],
    [
      'with its variables',
      { ...secret('$A', 'a/$X@ops'), ...tokens, variables: { X: 'x' } },
      {},
      [{ path: 'a/x@ops', aud: 'https://a.example' }],
    ],
    [
      'with its engine',
      { ...secret('$A', { path: 'a', field: 'b', engine: { name: 'generic', path: 'ops' } }), ...tokens },
      {},
      [{ aud: 'https://a.example', engine: 'generic' }],
    ],
    ['of Vault alone', { secrets: { PUBLIC_TOKEN: { azure_key_vault: { name: 'a' } } }, ...tokens }, {}, []],
    ['of its own name alone', { secrets: { T: { vault: 'a/b@ops' } }, ...tokens }, {}, []],
    ['of a mapping alone', { secrets: { PUBLIC_TOKEN: 'a/b@ops' }, ...tokens }, {}, []],
  ])('%s', (_, job, defaults, places) => {
    const found = withFetched([credential], [graphOf(job, defaults), graphOf(job, defaults)])
    const expected = places.map((place) => ({ ...credential, vault: { path: 'a/b@ops', engine: undefined, ...place } }))
    expect(found).toEqual(places.length === 0 ? [credential] : expected)
  })
})

test('audit finds a job that asks for the token with which another one fetches the credential', () => {
  const yaml = `stages: [build, deploy, publish]
default: {id_tokens: {V: {aud: [https://a.example, ${aud}]}}}
deploy: {stage: deploy, id_tokens: {}, script: [x]}
publish:
  stage: publish
  needs: [deploy]
  script: [./publish]
  secrets: {PUBLIC_TOKEN: {vault: a/b@ops, token: $V}}
  rules: [{if: '$CI_COMMIT_REF_PROTECTED == "true"', when: manual, allow_failure: false}]
`
  const options = { publishes: ['publish'], gates: ['deploy'], secrets: ['PUBLIC_TOKEN'] }
  expect(audit(yaml, options).gate).toBe('holds')
  const more = audit(`${yaml}x: {stage: build, id_tokens: {T: {aud: ${aud}}}, script: [x]}\n`, options)
  expect(more.findings.map(({ code, job }) => [code, job])).toContainEqual(['secrets/reachable', 'x'])
  expect(more.gate).toBe('open')
})

test.each<[string, RepositoryAddress]>([
  ['a secret in Vault', packagecloud('acme/stable', { token: Secret.vault('a/b@ops', { as: 'PUBLIC_TOKEN', aud }) })],
  [
    'a role in a cloud',
    s3('acme', {
      region: 'eu-central-1',
      credentials: { role: 'arn:aws:iam::123456789012:role/publish', token: Secret.idToken('PUBLIC_TOKEN', { aud }) },
    }),
  ],
])('the proof and audit find a job that can get %s, which only the plan names', (_, at) => {
  const app = new App({ cli: { image: `node@sha256:${'0'.repeat(64)}`, sha256: 'a'.repeat(64) } })
  const tagged = new PipelineKind(app, 'release', { when: Condition.tag(/^v(?<version>\d+)$/) })
  const staging = new StagingRepo(app, 'staging', { at: packagecloud('acme/staging', { token: Secret.variable('STAGING_TOKEN') }) })
  const stable = new PublicRepo(app, 'stable', { at })
  const release = new Release(app, 'acme', { routes: [{ on: tagged, staging, public: stable }] })
  new PackageTarget(release, 'el/9', { build: { script: ['make'] }, packages: 'dist/*.rpm' })
  const { files, plan, issues } = app.synth()
  expect(issues).toEqual([])
  const yaml = files[0]?.text ?? ''
  expect(audit(yaml, { plan }).gate).toBe('holds')
  const more = audit(`${yaml}\nx: {stage: build, id_tokens: {T: {aud: ${aud}}}, script: [x]}\n`, { plan })
  expect(more.findings.map(({ code, job }) => [code, job])).toContainEqual(['secrets/reachable', 'x'])
  expect(more.gate).toBe('open')
  new Job(app, 'y', { idTokens: { T: { aud: ['https://other.example', aud] } }, script: ['y'] })
  expect(app.synth().issues.map(({ code }) => code)).toContain('secrets/reachable')
})

test('audit finds a job that asks for the same token as the one that publishes', () => {
  const yaml = `stages: [build, deploy, publish]
deploy: {stage: deploy, script: [x]}
publish:
  stage: publish
  needs: [deploy]
  script: [./publish]
  id_tokens: {PUBLIC_TOKEN: {aud: $AUD}}
  rules: [{if: '$CI_COMMIT_REF_PROTECTED == "true"', when: manual, allow_failure: false}]
variables: {AUD: ${aud}}
`
  const options = { publishes: ['publish'], gates: ['deploy'], secrets: ['PUBLIC_TOKEN'] }
  expect(audit(yaml, options).gate).toBe('holds')
  expect(audit(`${yaml}x: {stage: build, id_tokens: {T: {aud: https://other.example}}, script: [x]}\n`, options).gate).toBe('holds')
  expect(audit(`${yaml}x: {stage: build, id_tokens: {T: {aud: [${aud}]}}, script: [x]}\n`, options).gate).toBe('open')
})
