import { describe, expect, test } from 'vitest'
import type { Credential } from './client.js'
import { type ResolvedCredential, resolveCredential } from './credential.js'

const auth = (pair: string) => Buffer.from(pair).toString('base64')

const secrets = (name: string) => ({ NAME: 'name', TOKEN: 't0ken', PHRASE: 'two words: and more' })[name]
const variable = (name: string) => ({ variable: name })

test.each<[Credential, Omit<ResolvedCredential, 'secrets'>, string[]]>([
  [{ scheme: 'bearer', token: variable('TOKEN') }, { header: ['authorization', 'Bearer t0ken'] }, ['t0ken']],
  [{ scheme: 'header', header: 'Private-Token', value: variable('TOKEN') }, { header: ['private-token', 't0ken'] }, ['t0ken']],
  [{ scheme: 'form', field: 'the token', value: variable('TOKEN') }, { field: 'the%20token=t0ken' }, ['t0ken']],
  [
    { scheme: 'basic', username: variable('NAME'), password: variable('PHRASE') },
    { header: ['authorization', `Basic ${auth('name:two words: and more')}`] },
    ['name', 'two words: and more', auth('name:two words: and more')],
  ],
  // Whatever stands in the pipeline for everybody to read is no secret.
  [{ scheme: 'basic', username: 'anonymous', password: '' }, { header: ['authorization', `Basic ${auth('anonymous:')}`] }, []],
])('%j is sent so, and what is secret of it is known', (credential, sent, hidden) => {
  expect(resolveCredential(credential, secrets, 'packages.example')).toEqual({ ...sent, secrets: hidden })
})

test.each<[Credential, string]>([
  [{ scheme: 'bearer', token: { value: 's3cret' } }, 's3cret'],
  [{ scheme: 'header', header: 'x', value: { value: 's3cret' } }, 's3cret'],
  [{ scheme: 'form', field: 'x', value: { value: 's3cret' } }, 's3cret'],
  [{ scheme: 'basic', username: 'me', password: { value: 's3cret' } }, 's3cret'],
  [{ scheme: 'basic', username: 'me', password: 's3cret' }, 's3cret'],
  [{ scheme: 'registry', account: { username: 'me', password: { value: 's3cret' } } }, 's3cret'],
  [{ scheme: 'registry', account: { config: { value: `{"auths":{"packages.example":{"auth":"${auth('me:s3cret')}"}}}` } } }, 's3cret'],
])('%j has a value of the program’s own, which is hidden like that of a variable', (credential, secret) => {
  const { secrets: hidden } = resolveCredential(credential, () => undefined, 'packages.example')
  expect(hidden).toContain(secret)
})

describe('nothing that may be the secret is repeated', () => {
  const token = 'ghp_9fQ2xL7'
  // As programs without types write it.
  test.each<[string, object]>([
    ['usage/secret-missing', { scheme: 'bearer', token: { variable: token } }],
    ['usage/secret-missing', { scheme: 'basic', username: 'me', password: { variable: token } }],
    ['usage/secret-missing', { scheme: 'registry', account: { config: { variable: token } } }],
    ['usage/credential', { scheme: 'bearer', token }],
    ['usage/credential', { scheme: 'header', header: 'x', value: token }],
    ['usage/credential', { scheme: 'form', field: 'x', value: token }],
    ['usage/credential', { scheme: 'registry', account: { username: 'me', password: token } }],
    ['usage/credential', { scheme: 'registry', account: { config: token } }],
    ['usage/credential', { scheme: 'bearer', token: { env: token } }],
    ['usage/credential', { scheme: 'bearer' }],
    ['usage/credential', { scheme: 'bearer', token: null }],
    ['usage/credential', { scheme: 'Bearer', token: { value: token } }],
    ['usage/credential', { token: { value: token } }],
    ['usage/credential', [token]],
    ['usage/secret-malformed', { scheme: 'bearer', token: { value: ` ${token}` } }],
    ['usage/secret-malformed', { scheme: 'bearer', token: { value: '' } }],
  ])('%s: %j', (code, credential) => {
    // The cast: the types forbid all of these.
    const resolve = () => resolveCredential(credential as Credential, () => undefined, 'packages.example')
    expect(resolve).toThrow(expect.objectContaining({ code }))
    expect(resolve).not.toThrow(token)
  })

  test('the name of a variable is, where it is written as one', () => {
    const resolve = (name: string) => () => resolveCredential({ scheme: 'bearer', token: variable(name) }, () => undefined, 'a.example')
    expect(resolve('NPM_TOKEN')).toThrow('the variable NPM_TOKEN is not set')
    expect(resolve('hunter2')).toThrow('the variable of a secret (its name has 7 characters) is not set')
  })
})

test.each([undefined, ''])('a variable that is %j is missing', (value) => {
  expect(() => resolveCredential({ scheme: 'bearer', token: variable('TOKEN') }, () => value, 'packages.example')).toThrow(
    expect.objectContaining({ code: 'usage/secret-missing' }),
  )
})

test.each(['a b', 'a\n', ' a', 'a\r\nx: y', '\x07', 'ä'])('the token %j cannot be sent, and is not repeated', (value) => {
  for (const credential of [
    { scheme: 'bearer', token: variable('TOKEN') },
    { scheme: 'header', header: 'x', value: variable('TOKEN') },
    { scheme: 'form', field: 'x', value: variable('TOKEN') },
  ] as const)
    expect(() => resolveCredential(credential, () => value, 'packages.example')).toThrow(
      expect.objectContaining({ code: 'usage/secret-malformed', message: expect.not.stringContaining(`"${value}"`) }),
    )
})

test.each(['two\nlines', '\x07bell', 'end '])('the password %j cannot be sent', (value) => {
  const credential = { scheme: 'basic', username: 'name', password: variable('PHRASE') } as const
  expect(() => resolveCredential(credential, () => value, 'packages.example')).toThrow(
    expect.objectContaining({ code: 'usage/secret-malformed' }),
  )
})

describe('a variable of type File', () => {
  const schemes = (name: string): readonly Credential[] => [
    { scheme: 'bearer', token: variable(name) },
    { scheme: 'basic', username: variable(name), password: '' },
    { scheme: 'header', header: 'x', value: variable(name) },
    { scheme: 'form', field: 'x', value: variable(name) },
    { scheme: 'registry', account: { username: 'me', password: variable(name) } },
    { scheme: 'registry', account: { config: variable(name) } },
  ]
  const resolving = (credential: Credential, value: string) => () => resolveCredential(credential, () => value, 'packages.example')

  test.each(['/builds/acme/hello.tmp/TOKEN', '/TOKEN', 'C:\\builds\\hello.tmp\\TOKEN', 'C:/builds/TOKEN'])(
    'is told by its value %s',
    (path) => {
      for (const credential of schemes('TOKEN'))
        expect(resolving(credential, path)).toThrow(
          expect.objectContaining({
            code: 'usage/secret-file',
            message: expect.stringMatching(/^the variable TOKEN has the type File, (?!.*builds)/s),
          }),
        )
    },
  )

  test.each(['TOKEN', 'x/TOKEN', '/TOKEN/x', '/builds/OTHER_TOKEN', '/builds/TOKEN.txt', 'https://a.example/TOKEN', '//', '/'])(
    'is not taken for one by its value %s',
    (value) => {
      for (const credential of schemes('TOKEN'))
        expect(resolving(credential, value)).not.toThrow(expect.objectContaining({ code: 'usage/secret-file' }))
    },
  )
})

describe('a Docker config.json', () => {
  const account = (config: unknown, host = 'registry.example') => {
    const text = typeof config === 'string' ? config : JSON.stringify(config)
    const { basic, secrets } = resolveCredential(
      { scheme: 'registry', account: { config: { variable: 'DOCKER_AUTH_CONFIG' } } },
      (name) => (name === 'DOCKER_AUTH_CONFIG' ? text : undefined),
      host,
    )
    return { pair: Buffer.from(basic?.replace('Basic ', '') ?? '', 'base64').toString(), secrets }
  }

  test.each([
    [{ 'registry.example': { auth: auth('name:pass:word') } }, 'name:pass:word'],
    [{ 'https://registry.example': { auth: auth('name:pass') } }, 'name:pass'],
    [{ 'https://registry.example/v2/': { auth: auth('name:pass') } }, 'name:pass'],
    [{ 'https://registry.example/v1': { auth: auth('name:pass') } }, 'name:pass'],
    [{ 'http://REGISTRY.example/': { auth: auth('name:pass') } }, 'name:pass'],
    [{ 'registry.example': { username: 'name', password: 'pass' } }, 'name:pass'],
    [{ 'other.example': { auth: auth('a:b') }, 'registry.example': { auth: auth('name:pass') } }, 'name:pass'],
    [{ 'registry.example': { identitytoken: 'x' }, 'https://registry.example': { auth: auth('name:pass') } }, 'name:pass'],
  ])('%j has the account', (auths, pair) => {
    expect(account({ auths, credsStore: 'desktop' }).pair).toBe(pair)
    expect(account(`  ${JSON.stringify({ auths })}\n`).pair).toBe(pair)
  })

  test('of Docker Hub stands under the address of its first API', () => {
    const auths = { 'https://index.docker.io/v1/': { auth: auth('name:pass') } }
    expect(account({ auths }, 'registry-1.docker.io').pair).toBe('name:pass')
    expect(() => account({ auths }, 'docker.io.example')).toThrow()
  })

  test.each([
    ['x', 'is not a Docker config.json'],
    ['[]', 'has no account for registry.example'],
    [{}, 'has no account for registry.example'],
    [{ auths: { 'registry.example': {} } }, 'has no account for registry.example'],
    [{ auths: { 'registry.example': { username: 'name' } } }, 'has no account for registry.example'],
    [{ auths: { 'registry.example': { password: 'pass' } } }, 'has no account for registry.example'],
    [{ auths: { 'registry.example/v1/acme': { auth: auth('a:b') } } }, 'has no account for registry.example'],
    [{ auths: { 'registry.example:443': { auth: auth('a:b') } } }, 'has no account for registry.example'],
    [{ auths: { 'registry.example/acme': { auth: auth('a:b') } } }, 'has no account for registry.example'],
    [{ auths: { 'registry.example': { auth: auth('no-colon') } } }, 'has no account for registry.example'],
    [{ auths: { 'registry.example': { auth: auth('a:b\r\nx: y') } } }, 'has no account for registry.example'],
    [{ auths: { 'registry.example': { auth: 7 } } }, 'is not a Docker config.json'],
  ])('%j is refused: it %s', (config, what) => {
    expect(() => account(config)).toThrow(`the variable DOCKER_AUTH_CONFIG ${what}`)
  })

  test('keeps the password out of messages, in the file’s own form too', () => {
    expect(account({ auths: { 'registry.example': { auth: auth('name:s3cret') } } }).secrets).toEqual(['s3cret', auth('name:s3cret')])
  })
})

test('a registry without an account has nothing to hide', () => {
  expect(resolveCredential({ scheme: 'registry' }, () => undefined, 'registry.example')).toEqual({ secrets: [] })
})

test.each(['na:me', 'na\nme'])('the user name %j cannot be sent', (username) => {
  const credential = { scheme: 'registry', account: { username: { variable: 'NAME' }, password: { variable: 'NAME' } } } as const
  expect(() => resolveCredential(credential, () => username, 'registry.example')).toThrow(
    'the variable NAME has characters that cannot be sent',
  )
})
