import { expect, test } from 'vitest'
import { Secret, unique } from './secret.js'

test('a secret is the name of a variable and nothing else', () => {
  expect(JSON.stringify(Secret.variable('PUBLIC_TOKEN'))).toBe('{"variable":"PUBLIC_TOKEN"}')
})

test.each(['', 'A B', '$TOKEN', '1ST', 'TOKEN\n', 'glpat-abcdef', 'x'.repeat(256)])('refuses %j, which is not a name', (name) => {
  expect(() => Secret.variable(name)).toThrow(new TypeError(`Expected the name of a variable, got ${JSON.stringify(name)}`))
})

test('two secrets of one variable are one', () => {
  const [a, b, c] = [Secret.variable('A'), Secret.variable('A'), Secret.variable('B')]
  expect(unique([a, b, c])).toEqual([a, c])
})
