import { describe, expect, test } from 'vitest'
import { createHttpClient, HttpError, isFinal } from '../index.js'
import { createEnvironment } from '../repository/environment.js'
import { soon } from '../testing/fixtures.js'
import { resolveCredential } from './credential.js'
import { tlsFault } from './tls-fault.js'

const environment = () => createEnvironment({ variables: {}, base: '.', rehearsal: false })
const thrown = (run: () => unknown): unknown => {
  try {
    return run()
  } catch (error) {
    return error
  }
}

describe('an invalid address is named', () => {
  // The casts: programs without types pass anything.
  test.each<[unknown, string]>([
    ['packages.example', 'packages.example: expected an origin'],
    ['packages.example/path', 'packages.example/path: expected'],
    ['/packages', '/packages: expected'],
    ['localhost:8080', 'localhost:8080: expected'],
    ['https://packages.example/path', 'https://packages.example: expected'],
    ['', 'expected'],
    [undefined, 'expected'],
    [new URL('https://packages.example/path'), 'https://packages.example: expected'],
  ])('%s', (origin, message) => {
    const expected = { name: 'UsageError', code: 'usage/origin', message: expect.stringMatching(new RegExp(`^${message}`)) }
    expect(thrown(() => createHttpClient({ origin: origin as string }))).toMatchObject(expected)
    expect(thrown(() => environment().http(origin as string))).toMatchObject(expected)
  })

  test.each([
    'glpat-X3kR.01.Abc',
    'user:hunter2@packages.example',
    'eyJhbGciOiJIUzI1NiJ9.e30.x',
    'https://user:hunter2@packages.example',
    'hunter2X',
  ])('and what may be a secret is not repeated: %s', (origin) => {
    const { message } = thrown(() => createHttpClient({ origin })) as Error
    expect(message).not.toContain(origin)
    expect(message).not.toMatch(/hunter2|glpat|eyJ/)
  })
})

test('a program makes a client, and knows its errors', async () => {
  const client = createHttpClient({ origin: 'http://127.0.0.1:1', limits: { connect: 1000 } })
  const error = await client.send({ method: 'GET', path: '/' }, soon()).catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(HttpError)
  expect(error).toMatchObject({ code: 'http/unreachable', method: 'GET', origin: 'http://127.0.0.1:1', path: '/' })
  expect(isFinal(error)).toBe(false)
})

test('a client without secrets says which variable it lacks; limits are checked', () => {
  const origin = 'https://packages.example'
  const credential = { scheme: 'bearer', token: { variable: 'TOKEN' } } as const
  expect(thrown(() => createHttpClient({ origin, credential }))).toMatchObject({ code: 'usage/secret-missing' })
  expect(createHttpClient({ origin, credential: { scheme: 'bearer', token: { value: 'x' } } }).origin).toBe(origin)
  expect(thrown(() => createHttpClient({ origin, limits: { conect: 1 } as never }))).toMatchObject({ code: 'usage/options' })
})

describe('no error of the library mentions GitLab outside its jobs', () => {
  const missing = (variables: Record<string, string>) =>
    String(thrown(() => resolveCredential({ scheme: 'bearer', token: { variable: 'TOKEN' } }, (name) => variables[name], 'a.example')))

  test('a variable that is not set', () => {
    expect(missing({})).toBe('UsageError: the variable TOKEN is not set\nSet it.')
    expect(missing({ GITLAB_CI: 'true' })).toMatch(/not set\nSet it\. In GitLab, a protected variable/)
  })

  test('a certificate that is not trusted', () => {
    expect(tlsFault('DEPTH_ZERO_SELF_SIGNED_CERT', '', 'a.example')?.next).not.toMatch(/pipeline\.ts|GitLab/)
  })
})
