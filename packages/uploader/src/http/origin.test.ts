import { describe, expect, test } from 'vitest'
import { createHttpClient } from './create-client.js'
import { parseOrigin, resolvePath } from './origin.js'

describe('parseOrigin', () => {
  test.each([
    ['https://packages.example', 'https://packages.example'],
    ['https://packages.example:8443/', 'https://packages.example:8443'],
    ['http://127.0.0.1:9', 'http://127.0.0.1:9'],
    ['http://127.10.200.3:9', 'http://127.10.200.3:9'],
    ['http://localhost:9', 'http://localhost:9'],
    ['http://[::1]:9', 'http://[::1]:9'],
  ])('takes %s', (text, origin) => {
    expect(parseOrigin(text, false).origin).toBe(origin)
  })

  test.each(['packages.example', 'ftp://packages.example', 'https://packages.example/path', 'https://packages.example?x=1', ''])(
    'refuses %j, which is no origin',
    (text) => {
      expect(() => parseOrigin(text, false)).toThrow(expect.objectContaining({ code: 'usage/origin' }))
    },
  )

  test('refuses user-info without repeating it', () => {
    const refused = () => parseOrigin('https://someone:hidden@packages.example', false)
    expect(refused).toThrow(expect.objectContaining({ code: 'usage/origin', message: expect.not.stringContaining('hidden') }))
  })

  test.each(['http://packages.example', 'http://128.0.0.1', 'http://localhost.example', 'http://127.0.0.1.example'])(
    'refuses %s unless plain http is asked for',
    (text) => {
      expect(() => parseOrigin(text, false)).toThrow(expect.objectContaining({ code: 'usage/insecure-origin' }))
      expect(parseOrigin(text, true).origin).toBe(text)
    },
  )
})

test.each(['//other.example/x', '/\\other.example/x', 'https://other.example/x', 'x'])(
  'statement 7: a path never leads away: %j',
  (path) => {
    expect(() => resolvePath(new URL('https://packages.example'), path)).toThrow(expect.objectContaining({ code: 'usage/path' }))
  },
)

describe('the credential', () => {
  const create = (secrets: Record<string, string>) =>
    createHttpClient({
      origin: 'https://packages.example',
      credential: { scheme: 'basic', username: { variable: 'PUBLIC_TOKEN' }, password: '' },
      secrets: (name) => secrets[name],
    })

  test.each([
    ['not set', {}],
    ['empty', { PUBLIC_TOKEN: '' }],
  ])('names the variable that is %s, and says what to do', (what, secrets) => {
    expect(() => create(secrets)).toThrow(
      expect.objectContaining({
        name: 'UsageError',
        code: 'usage/secret-missing',
        message: expect.stringMatching(new RegExp(`PUBLIC_TOKEN is ${what}\nSet it`)),
      }),
    )
  })

  test.each(['token\n', ' token', 'to\u0000ken', 'to:ken'])('refuses %j without repeating it', (token) => {
    expect(() => create({ PUBLIC_TOKEN: token })).toThrow(
      expect.objectContaining({ code: 'usage/secret-malformed', message: expect.not.stringContaining('ken') }),
    )
  })
})
