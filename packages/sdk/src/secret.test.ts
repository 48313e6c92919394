import { describe, expect, test } from 'vitest'
import { isEverywhere, Secret, unique } from './secret.js'

test('a secret is the name of a variable and nothing else', () => {
  expect(JSON.stringify(Secret.variable('PUBLIC_TOKEN'))).toBe('{"variable":"PUBLIC_TOKEN"}')
})

test.each(['', 'A B', '$TOKEN', '1ST', 'TOKEN\n', 'glpat-abcdef', 'x'.repeat(256)])('refuses %j, which is not a name', (name) => {
  const error = new TypeError(`Expected the name of a variable, got ${JSON.stringify(name)}`)
  expect(() => Secret.variable(name)).toThrow(error)
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

test('what GitLab gives to every job is known', () => {
  expect([Secret.jobToken, Secret.variable('CI_REGISTRY_PASSWORD'), Secret.variable('TOKEN')].map(isEverywhere)).toEqual([
    true,
    true,
    false,
  ])
})
