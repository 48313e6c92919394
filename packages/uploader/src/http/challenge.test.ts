import { expect, test } from 'vitest'
import { parseChallenges } from './challenge.js'

const parsed = (header: string | undefined) =>
  parseChallenges(header).map(({ scheme, parameters }) => [scheme, Object.fromEntries(parameters)] as const)

test.each([
  [undefined, []],
  ['', []],
  ['Basic', [['basic', {}]]],
  ['Basic realm="x"', [['basic', { realm: 'x' }]]],
  [
    'Bearer realm="https://auth.example/token",service="registry.example",scope="repository:a/b:pull,push"',
    [['bearer', { realm: 'https://auth.example/token', service: 'registry.example', scope: 'repository:a/b:pull,push' }]],
  ],
  ['bearer Realm = x , SERVICE="a\\"b\\\\"', [['bearer', { realm: 'x', service: 'a"b\\' }]]],
  [
    'Basic realm="one", Bearer realm="two"',
    [
      ['basic', { realm: 'one' }],
      ['bearer', { realm: 'two' }],
    ],
  ],
  [
    'Negotiate dG9rZW4=, Bearer realm="two"',
    [
      ['negotiate', {}],
      ['bearer', { realm: 'two' }],
    ],
  ],
  [
    'Negotiate, Basic',
    [
      ['negotiate', {}],
      ['basic', {}],
    ],
  ],
  ['realm="x"', []],
  ['Bearer realm="unended', [['bearer', {}]]],
  ['Bearer realm="x", ???, Basic', [['bearer', { realm: 'x' }]]],
])('%j is read as %j', (header, challenges) => {
  expect(parsed(header)).toEqual(challenges)
})

test('a far too long header costs no time', () => {
  const started = performance.now()
  for (const text of [' ', ',', '"', 'a', 'a ', 'a=', 'a,', '\\', 'a="\\']) parseChallenges(`Bearer ${text.repeat(100_000)}`)
  expect(performance.now() - started).toBeLessThan(2000)
})
