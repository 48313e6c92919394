import { later } from '@stagegate/schema'
import { describe, expect, test } from 'vitest'
import type { Call } from '../contract/capabilities.js'
import { soon, virtualClock } from '../testing/fixtures.js'
import type { HttpAnswer } from './client.js'
import { RegistryTokens } from './registry-tokens.js'

const realm = 'https://auth.example/token'
const bearer = `Bearer realm="${realm}",service="registry.example"`
const pull = ['repository:hello:pull']
const push = ['repository:hello:pull,push']

interface Asked {
  readonly url: string
  readonly authorization: string | undefined
}

/** Tokens from an issuer in memory; `answer` is what it says to the n-th request. */
function tokensOf(answer: (number: number, call: Call) => Partial<HttpAnswer> | Promise<Partial<HttpAnswer>>, more = {}) {
  const clock = virtualClock()
  const asked: Asked[] = []
  const hidden: (readonly string[])[] = []
  const tokens = new RegistryTokens({
    basic: () => 'Basic bmFtZTpwYXNz',
    origin: 'https://registry.example',
    realms: ['https://auth.example'],
    clock,
    async ask(url, authorization, call) {
      asked.push({ url: url.href, authorization })
      return { status: 200, headers: {}, text: '', ...(await answer(asked.length, call)) }
    },
    hide: (all) => hidden.push(all),
    ...more,
  })
  return { tokens, clock, asked, hidden }
}
const issued =
  (more: object = {}) =>
  (number: number) => ({ text: JSON.stringify({ token: `token-${number}`, ...more }) })

test('nothing is shown before it is asked for', async () => {
  const { tokens, asked } = tokensOf(issued())
  expect(await tokens.header(pull, soon())).toBeUndefined()
  expect(asked).toEqual([])
})

test('a token is fetched for just the scopes of the request, with the account', async () => {
  const { tokens, asked, hidden } = tokensOf(issued())
  expect(await tokens.challenged(bearer, undefined, pull, soon())).toBe(true)
  expect(await tokens.header(pull, soon())).toBe('Bearer token-1')
  expect(await tokens.header(push, soon())).toBe('Bearer token-2')
  expect(await tokens.header([...push, ...pull], soon())).toBe('Bearer token-3')
  expect(await tokens.header([...pull, ...push], soon())).toBe('Bearer token-3')
  const scope = (text: string) => `&scope=${encodeURIComponent(text)}`
  expect(asked.map(({ url }) => url)).toEqual([
    `${realm}?service=registry.example${scope('repository:hello:pull')}`,
    `${realm}?service=registry.example${scope('repository:hello:pull,push')}`,
    `${realm}?service=registry.example${scope('repository:hello:pull,push')}${scope('repository:hello:pull')}`,
  ])
  expect(new Set(asked.map(({ authorization }) => authorization))).toEqual(new Set(['Basic bmFtZTpwYXNz']))
  expect(hidden.at(-1)).toEqual(['token-1', 'token-2', 'token-3'])
})

test('an access_token is one too', async () => {
  const { tokens } = tokensOf(() => ({ text: '{"access_token":"other"}' }))
  await tokens.challenged(bearer, undefined, pull, soon())
  expect(await tokens.header(pull, soon())).toBe('Bearer other')
})

test.each([
  [undefined, 40],
  [300, 280],
  [10, 5],
  [1e300, 24 * 3600 - 20],
])('a token of which %s seconds of life are said is used for %d', async (life, used) => {
  const { tokens, clock, asked } = tokensOf(issued({ expires_in: life }))
  await tokens.challenged(bearer, undefined, pull, soon())
  clock.advance(used * 1000 - 1)
  await tokens.header(pull, soon())
  expect(asked).toHaveLength(1)
  clock.advance(1)
  await tokens.header(pull, soon())
  expect(asked).toHaveLength(2)
})

test('a token that is said to have expired is used once', async () => {
  const { tokens, asked } = tokensOf(issued({ expires_in: -5 }))
  await tokens.challenged(bearer, undefined, pull, soon())
  await tokens.header(pull, soon())
  expect(asked).toHaveLength(2)
})

test('many that want the same token at once make one request', async () => {
  const { tokens, asked } = tokensOf(issued())
  await Promise.all(Array.from({ length: 8 }, () => tokens.challenged(bearer, undefined, pull, soon())))
  expect(asked).toHaveLength(1)
})

test('a caller that waits for a stopped caller’s request makes its own', async () => {
  const controller = new AbortController()
  const stopped = new Error('told to stop')
  const { tokens, asked } = tokensOf((number, { signal }) =>
    number > 1
      ? { text: '{"token":"good"}' }
      : new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(stopped))
        }),
  )
  const first = tokens.challenged(bearer, undefined, pull, soon(controller.signal))
  const others = [1, 2, 3].map(() => tokens.challenged(bearer, undefined, pull, soon()))
  controller.abort()
  await expect(first).rejects.toBe(stopped)
  expect(await Promise.all(others)).toEqual([true, true, true])
  expect(asked).toHaveLength(2)
})

describe('a token that is refused', () => {
  test('is not shown again, and another is fetched', async () => {
    const { tokens, asked } = tokensOf(issued())
    await tokens.challenged(bearer, undefined, pull, soon())
    expect(await tokens.challenged(bearer, 'Bearer token-1', pull, soon())).toBe(true)
    expect(await tokens.header(pull, soon())).toBe('Bearer token-2')
    // Somebody else's late refusal of the old one.
    expect(await tokens.challenged(bearer, 'Bearer token-1', pull, soon())).toBe(true)
    expect(asked).toHaveLength(2)
  })

  test('when there is no other, is the end of it', async () => {
    const { tokens } = tokensOf(() => ({ text: '{"token":"always"}' }))
    await tokens.challenged(bearer, undefined, pull, soon())
    expect(await tokens.challenged(bearer, 'Bearer always', pull, soon())).toBe(false)
  })
})

test('a registry that asks for the account gets it, once', async () => {
  const { tokens } = tokensOf(issued())
  expect(await tokens.challenged('Basic realm="x"', undefined, pull, soon())).toBe(true)
  expect(await tokens.header(pull, soon())).toBe('Basic bmFtZTpwYXNz')
  expect(await tokens.challenged('Basic realm="x"', 'Basic bmFtZTpwYXNz', pull, soon())).toBe(false)
})

test.each([undefined, '', 'Negotiate', 'Digest realm="x"'])('there is no answer to the challenge %j', async (header) => {
  const { tokens, asked } = tokensOf(issued())
  expect(await tokens.challenged(header, undefined, pull, soon())).toBe(false)
  // What it asked for before still holds.
  await tokens.challenged(bearer, undefined, pull, soon())
  expect(await tokens.challenged(header, 'Bearer token-1', pull, soon())).toBe(false)
  expect(await tokens.header(pull, soon())).toBe('Bearer token-1')
  expect(asked).toHaveLength(1)
})

test('without an account, no account is shown', async () => {
  const { tokens, asked } = tokensOf(issued(), { basic: () => undefined })
  expect(await tokens.challenged('Basic realm="x"', undefined, pull, soon())).toBe(false)
  await tokens.challenged(bearer, undefined, pull, soon())
  expect(await tokens.challenged('Basic realm="x"', 'Bearer token-1', pull, soon())).toBe(false)
  expect(await tokens.header(pull, soon())).toBe('Bearer token-1')
  expect(await tokens.challenged(`Basic realm="x", ${bearer}`, undefined, pull, soon())).toBe(true)
  expect(new Set(asked.map(({ authorization }) => authorization))).toEqual(new Set([undefined]))
})

test.each([
  undefined,
  'https://evil.example/token',
  'http://auth.example/token',
  'https://auth.example:8443/token',
  'https://auth.example.evil.example/token',
  'https://auth.example@evil.example/token',
  'https://name:password@auth.example/token',
  '//evil.example/token',
  '/\\\\evil.example/token',
  'token',
  '',
  'javascript:alert(1)',
])('statement 7: the realm %j is not asked', async (elsewhere) => {
  const { tokens, asked } = tokensOf(issued())
  const header = elsewhere === undefined ? 'Bearer service="x"' : `Bearer realm="${elsewhere}"`
  await expect(tokens.challenged(header, undefined, pull, soon())).rejects.toMatchObject({ code: 'repository/realm' })
  expect(asked).toEqual([])
})

const inSevenSeconds = later(virtualClock().now(), 7)

test.each([
  [401, { code: 'repository/unauthorized' }],
  [403, { code: 'repository/unauthorized' }],
  [302, { code: 'repository/realm' }],
  [404, { code: 'repository/realm' }],
  [429, { code: 'repository/put-off', until: inSevenSeconds }],
  [408, { code: 'repository/retry-later', retryAfter: 7 }],
  [500, { code: 'repository/retry-later', retryAfter: 7 }],
  [503, { code: 'repository/retry-later', retryAfter: 7 }],
])('an issuer that answers %i is %o', async (status, failure) => {
  const { tokens } = tokensOf(() => ({ status, headers: { 'retry-after': '7', location: 'https://evil.example' } }))
  await expect(tokens.challenged(bearer, undefined, pull, soon())).rejects.toMatchObject({ ...failure, where: realm })
})

test('those who wait for one request hear of its failure, and do not ask again each', async () => {
  const { tokens, asked } = tokensOf(() => ({ status: 503 }))
  const all = await Promise.allSettled([1, 2, 3].map(() => tokens.challenged(bearer, undefined, pull, soon())))
  expect(all).toMatchObject(Array(3).fill({ status: 'rejected', reason: { code: 'repository/retry-later' } }))
  expect(asked).toHaveLength(1)
})

test('the issuer gets no service if the registry names none', async () => {
  const { tokens, asked } = tokensOf(issued())
  await tokens.challenged(`Bearer realm="${realm}"`, undefined, [], soon())
  expect(asked).toMatchObject([{ url: realm }])
})

test('an answer without a token says which field is wrong', async () => {
  const { tokens } = tokensOf(() => ({ text: '{"token":null}' }))
  await expect(tokens.challenged(bearer, undefined, pull, soon())).rejects.toMatchObject({
    code: 'repository/unexpected-answer',
    what: 'the token issuer answered without a token: token is empty, and access_token is missing',
    where: realm,
  })
})

test('a realm that is a path is at the registry itself', async () => {
  const { tokens, asked } = tokensOf(issued())
  expect(await tokens.challenged('Bearer realm="/v2/token?a=b"', undefined, [], soon())).toBe(true)
  expect(asked).toMatchObject([{ url: 'https://registry.example/v2/token?a=b' }])
})

describe('of several challenges', () => {
  const foreign = 'Bearer realm="https://evil.example/token"'
  test.each([
    [`${foreign}, ${bearer}`, 'Bearer token-1'],
    [`Basic realm="x", ${bearer}`, 'Bearer token-1'],
    [`${foreign}, Basic realm="x"`, 'Basic bmFtZTpwYXNz'],
    [`Basic realm="x", ${foreign}`, 'Basic bmFtZTpwYXNz'],
  ])('%s the one is answered that can be', async (header, shown) => {
    const { tokens, asked } = tokensOf(issued())
    expect(await tokens.challenged(header, undefined, pull, soon())).toBe(true)
    expect(await tokens.header(pull, soon())).toBe(shown)
    expect(asked.every(({ url }) => url.startsWith(realm))).toBe(true)
  })

  test('statement 7: without an account, the one of a foreign realm is still not followed', async () => {
    const { tokens, asked } = tokensOf(issued(), { basic: () => undefined })
    const challenged = tokens.challenged(`${foreign}, Basic realm="x"`, undefined, pull, soon())
    await expect(challenged).rejects.toMatchObject({ code: 'repository/realm' })
    expect(asked).toEqual([])
  })
})

describe('a token that is refused as soon as it is issued', () => {
  const no = (more = '') => ({ status: 401, headers: { 'www-authenticate': `${bearer}${more}` } })
  async function fresh() {
    const made = tokensOf(issued())
    await made.tokens.challenged(bearer, undefined, pull, soon())
    return { ...made, sent: await made.tokens.header(pull, soon()) }
  }

  test('is waited for once, and shown again', async () => {
    const { tokens, sent, asked } = await fresh()
    const code = 'repository/retry-later'
    expect(() => tokens.judge(no(), sent, pull)).toThrow(expect.objectContaining({ code, status: 401 }))
    // Those that were under way together hear the same.
    expect(() => tokens.judge(no(), sent, pull)).toThrow(expect.objectContaining({ code }))
    expect(await tokens.header(pull, soon())).toBe(sent)
    expect(asked).toHaveLength(1)
  })

  test('a second time is the end of it', async () => {
    const { tokens, sent } = await fresh()
    expect(() => tokens.judge(no(), sent, pull)).toThrow()
    await tokens.challenged(bearer, sent, pull, soon())
    expect(() => tokens.judge(no(), 'Bearer token-2', pull)).not.toThrow()
  })

  test('and the next one accepted, may be so another time', async () => {
    const { tokens, sent } = await fresh()
    expect(() => tokens.judge(no(), sent, pull)).toThrow()
    tokens.judge({ status: 200, headers: {} }, 'Bearer token-2', pull)
    expect(() => tokens.judge(no(), 'Bearer token-3', pull)).toThrow()
  })

  test('is one for its own scopes alone', async () => {
    const { tokens, sent } = await fresh()
    expect(() => tokens.judge(no(), sent, pull)).toThrow()
    expect(() => tokens.judge(no(), 'Bearer token-2', push)).toThrow()
  })

  test('because it allows too little is the end of it at once', async () => {
    const { tokens, sent } = await fresh()
    expect(() => tokens.judge(no(',error="insufficient_scope"'), sent, pull)).toThrow(
      expect.objectContaining({
        code: 'repository/forbidden',
        what: 'the token that was issued does not allow the account to pull hello (401)',
        next: 'Give the account this permission, or use another account.',
      }),
    )
    expect(() => tokens.judge(no(',error="invalid_token"'), sent, pull)).toThrow(
      expect.objectContaining({ code: 'repository/retry-later' }),
    )
  })

  test('and was for another image says which the registry wants, and asks for no token for that', async () => {
    const { tokens, sent, asked } = await fresh()
    const wanted = no(',scope="repository:library/hello:pull",error="insufficient_scope"')
    expect(() => tokens.judge(wanted, sent, pull)).toThrow(
      expect.objectContaining({
        code: 'repository/unauthorized',
        what: 'the registry requires a token for "repository:library/hello:pull", but the token that it got is for repository:hello:pull',
      }),
    )
    expect(asked).toHaveLength(1)
    expect(() => tokens.judge(no(',scope="repository:hello:pull",error="insufficient_scope"'), sent, pull)).toThrow(
      expect.objectContaining({ code: 'repository/forbidden' }),
    )
  })

  test('is no matter of an account that is shown itself', async () => {
    const { tokens } = tokensOf(issued())
    await tokens.challenged('Basic realm="x"', undefined, pull, soon())
    expect(() => tokens.judge({ status: 401, headers: {} }, 'Basic bmFtZTpwYXNz', pull)).not.toThrow()
  })
})

test('of many tokens the newest are kept out of messages', async () => {
  const { tokens, hidden, clock } = tokensOf(issued({ expires_in: 0 }))
  for (let count = 0; count < 100; count++) {
    await tokens.challenged(bearer, undefined, pull, soon())
    clock.advance(1000)
  }
  expect(hidden.at(-1)).toHaveLength(64)
  expect(hidden.at(-1)?.at(-1)).toBe('token-100')
})

describe('the issuer of a GitLab', () => {
  const gitlab = `Bearer realm="${realm}",service="container_registry"`
  const basicOf = (account: string) => `Basic ${Buffer.from(account).toString('base64')}`
  const refusing = (status: number) => () => ({ status, text: '{"errors":[{"code":"DENIED","message":"no t0ken for you"}]}' })

  test.each([
    ['a job that it never knew', 'gitlab-ci-token:t0ken', 401, 'gitlabRegistry(…, { gitlab })'],
    ['a job where a rule protects the repository', 'gitlab-ci-token:t0ken', 403, 'If a rule protects this container repository'],
    ['an account', 'name:t0ken', 401, 'Check the user name, the password'],
    ['one without an account', undefined, 403, 'Make the image public'],
  ])('that refuses %s is quoted without the secret, and the advice fits', async (_, account, status, advice) => {
    const { tokens } = tokensOf(refusing(status), { basic: () => (account === undefined ? undefined : basicOf(account)) })
    const error: unknown = await tokens.challenged(gitlab, undefined, push, soon()).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'repository/unauthorized', next: expect.stringContaining(advice) })
    expect(error).toMatchObject({ what: expect.stringContaining('Its answer: DENIED, no ') })
    if (account !== undefined) expect(String(error)).not.toContain('t0ken')
  })

  test('that does not know a job any more is asked once, and the job can run again; another account is asked for', async () => {
    let account = 'gitlab-ci-token:t0ken'
    const { tokens, asked } = tokensOf((number) => (number === 1 ? issued()(1) : refusing(401)()), { basic: () => basicOf(account) })
    await tokens.challenged(gitlab, undefined, pull, soon())
    for (let time = 0; time < 3; time++)
      await expect(tokens.header(push, soon())).rejects.toMatchObject({ code: 'repository/job-over', final: false })
    expect(asked).toHaveLength(2)
    account = 'gitlab-ci-token:another'
    await expect(tokens.header(push, soon())).rejects.toMatchObject({ code: 'repository/unauthorized' })
    expect(asked).toHaveLength(3)
  })

  test('that does not know an account any more refuses it: its password may be another now', async () => {
    const { tokens } = tokensOf((number) => (number === 1 ? issued()(1) : refusing(401)()))
    await tokens.challenged(gitlab, undefined, pull, soon())
    await expect(tokens.header(push, soon())).rejects.toMatchObject({ code: 'repository/unauthorized' })
  })
})
