import { describe, expect, test } from 'vitest'
import { App, Deployment, Job, PublicRepo, packagecloud, registry, StagingRepo, sentenceOf } from './index.js'
import { isEverywhere, Secret, unique } from './secret.js'
import { emptyRelease, issuesOf } from './testing/small-release.js'

test('a secret is the name of a variable and nothing else', () => {
  expect(JSON.stringify(Secret.variable('PUBLIC_TOKEN'))).toBe('{"variable":"PUBLIC_TOKEN"}')
})

test('a file is a variable that holds a path', () => {
  expect(JSON.stringify(Secret.file('GPG_KEY_PATH'))).toBe('{"variable":"GPG_KEY_PATH","file":true}')
  expect(unique([Secret.file('A'), Secret.file('A'), Secret.variable('A')])).toHaveLength(2)
})

const key = Secret.file('KEY')
const remote = { url: 'https://ops.example', project: 'a/b', ref: 'main', trigger: Secret.variable('T'), read: Secret.variable('R') }
const custom = { type: 's3', origin: 'https://x.example', formats: ['file'], settings: {} } as const

test.each<[string, () => unknown]>([
  ['token', () => packagecloud('acme/stable', { token: key })],
  ['readToken', () => packagecloud('acme/stable', { token: Secret.variable('T'), readToken: key })],
  ['password', () => registry('docker.io/acme', { username: 'acme', password: key })],
  ['username', () => registry('docker.io/acme', { username: key, password: Secret.variable('T') })],
  ['at.write[0]', () => new StagingRepo(new App(), 'staging', { at: { ...custom, read: [], write: [key] } as never })],
  ['at.read[0]', () => new PublicRepo(new App(), 'stable', { at: { ...custom, read: [key], write: [] } as never })],
])('a file is no credential that is sent: %s', (at, make) => {
  const wanted = 'Expected a Secret whose variable holds the value, such as Secret.variable(…),'
  expect(make).toThrow(`${wanted} in ${at}, got Secret.file("KEY"), a path`)
})

test.each(['trigger', 'read'])('a file is no token of a deployment on another GitLab: %s', (token) => {
  const { app, release } = emptyRelease()
  new Deployment(release, 'ops', { remote: { ...remote, [token]: key } })
  expect(app.synth().issues.map(sentenceOf)).toContainEqual(
    expect.stringMatching(new RegExp(`remote.${token} .* should be a Secret whose variable holds the value`)),
  )
})

test('a secret that one job takes for a file and another for a value is warned of on a command line', () => {
  const { app } = emptyRelease()
  new Job(app, 'one', { secrets: [key], script: ['sign "$KEY"'] })
  expect(issuesOf(app).filter(([code]) => code === 'secrets/command-line')).toEqual([])
  new Job(app, 'other', { secrets: [Secret.variable('KEY')], script: ['sign'] })
  expect(issuesOf(app).filter(([code]) => code === 'secrets/command-line')).toHaveLength(1)
  new Job(app, 'both', { secrets: [key, Secret.variable('KEY')], script: ['sign'] })
  expect(app.synth().issues.map(sentenceOf)).toContainEqual(expect.stringContaining('KEY from two places'))
})

test.each(['', 'A B', '$TOKEN', '1ST', 'TOKEN\n', 'glpat-abcdef', 'x'.repeat(256)])('refuses %j, which is not a name', (name) => {
  const error = new TypeError(`Expected the name of a variable, got ${JSON.stringify(name)}`)
  expect(() => Secret.variable(name)).toThrow(error)
  expect(() => Secret.file(name)).toThrow(error)
  expect(() => Secret.vault('a/b', { as: name, aud: 'x' })).toThrow(error)
})

test('two secrets of one variable are one, unless they come from different places', () => {
  const [a, b, c] = [Secret.variable('A'), Secret.variable('A'), Secret.variable('B')]
  const vault = (path: string, aud = 'x') => Secret.vault(path, { as: 'A', aud })
  const [d, e, f, g] = [vault('a/b'), vault('a/b'), vault('a/c'), vault('a/b', 'y')]
  expect(unique([a, b, c, d, e, f, g])).toEqual([a, c, d, f, g])
})

describe('a secret in Vault', () => {
  test('has a path with a field, and an audience', () => {
    for (const path of ['a/b', 'production/db/password@ops', 'a/b/c@kv/v2'])
      expect(Secret.vault(path, { as: 'A', aud: 'https://vault.example' }).vault).toEqual({ path, aud: 'https://vault.example' })
  })

  test.each(['', 'password', '/a/b', 'a/b/', 'a//b', 'a b/c', 'a/$B', 'a/b@', 'a/b\n'])('refuses the path %j', (path) => {
    expect(() => Secret.vault(path, { as: 'A', aud: 'x' })).toThrow(/^Expected the path of a secret/)
  })

  test.each(['', ' ', 'https://$CI_SERVER_HOST', 'a b'])('refuses the audience %j', (aud) => {
    expect(() => Secret.vault('a/b', { as: 'A', aud })).toThrow(/^Expected an audience without variables/)
  })
})

test('the variables that GitLab gives to every job are known', () => {
  expect([Secret.jobToken, Secret.variable('CI_REGISTRY_PASSWORD'), Secret.variable('TOKEN')].map(isEverywhere)).toEqual([
    true,
    true,
    false,
  ])
})
