import { expect, test } from 'vitest'
import { parseUrl } from './url.js'

test('an address, alone or beside another one', () => {
  expect(parseUrl('https://packages.example/a?b')?.href).toBe('https://packages.example/a?b')
  expect(parseUrl('/c', new URL('https://packages.example/a?b'))?.href).toBe('https://packages.example/c')
})

test.each(['', '/c', 'https://', 'https://a b/', `http://127.0.0.M${'sp'.repeat(200_000)}\xff`])('no address: %.20s', (text) => {
  // Whether that last one can be parsed differs between versions of Node; that it is said without an error does not.
  const url = parseUrl(text)
  expect(url === undefined || url.protocol === 'http:').toBe(true)
})
