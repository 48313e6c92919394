import { describe, expect, test } from 'vitest'
import { proxyFrom } from './proxy.js'

const all = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'all_proxy']
const through = (variables: Record<string, string>, url: string, allowed = all) => proxyFrom(variables, allowed)(new URL(url))?.href
const one = 'http://one.example:3128/'

describe('the proxy of an address', () => {
  test.each([
    [{ HTTPS_PROXY: one }, 'https://a.example', one],
    [{ https_proxy: one }, 'https://a.example', one],
    [{ HTTPS_PROXY: 'http://two.example', https_proxy: one }, 'https://a.example', one],
    [{ HTTPS_PROXY: one }, 'http://a.example', undefined],
    [{ HTTP_PROXY: one }, 'http://a.example', one],
    [{ HTTP_PROXY: one }, 'https://a.example', undefined],
    [{ ALL_PROXY: one }, 'https://a.example', one],
    [{ all_proxy: one, HTTPS_PROXY: 'http://two.example' }, 'https://a.example', 'http://two.example/'],
    [{ HTTPS_PROXY: 'one.example:3128' }, 'https://a.example', one],
    [{ HTTPS_PROXY: ` ${one} ` }, 'https://a.example', one],
    [{ HTTPS_PROXY: '' }, 'https://a.example', undefined],
    [{ HTTPS_PROXY: 'https://ada:p%40ss@one.example' }, 'https://a.example', 'https://ada:p%40ss@one.example/'],
  ])('%j: %s is reached through %s', (variables, url, expected) => {
    expect(through(variables, url)).toBe(expected)
  })

  test.each(['localhost', '127.0.0.1', '127.9.8.7', '[::1]'])('is none for this machine: %s', (host) => {
    expect(through({ HTTPS_PROXY: one, ALL_PROXY: one }, `https://${host}:8443`)).toBeUndefined()
  })

  test.each([
    [['HTTPS_PROXY'], { https_proxy: one }],
    [['https_proxy'], { HTTPS_PROXY: one }],
    [['HTTP_PROXY'], { HTTPS_PROXY: one }],
    [[], { HTTPS_PROXY: one, ALL_PROXY: one }],
  ])('is none where only %j may say one: %j', (allowed, variables) => {
    expect(through(variables, 'https://a.example', allowed)).toBeUndefined()
  })

  test.each([
    ['*', 'https://a.example', true],
    ['a.example', 'https://a.example', true],
    ['a.example', 'https://b.a.example', true],
    ['.a.example', 'https://b.a.example', true],
    ['.a.example', 'https://a.example', true],
    ['*.a.example', 'https://b.a.example', true],
    ['a.example', 'https://ba.example', false],
    ['b.example, a.example', 'https://a.example', true],
    ['b.example a.example', 'https://a.example', true],
    ['A.Example', 'https://a.example', true],
    ['a.example:8443', 'https://a.example:8443', true],
    ['a.example:443', 'https://a.example', true],
    ['a.example:8443', 'https://a.example', false],
    ['192.0.2.7', 'https://192.0.2.7', true],
    ['[2001:db8::1]', 'https://[2001:db8::1]:8443', true],
    ['2001:db8::1', 'https://[2001:db8::1]:8443', true],
    ['[2001:db8::1]:443', 'https://[2001:db8::1]:8443', false],
    ['', 'https://a.example', false],
    [',', 'https://a.example', false],
    ['.', 'https://a.example', false],
  ])('NO_PROXY=%j: that %s is reached directly is %j', (list, url, direct) => {
    for (const name of ['NO_PROXY', 'no_proxy']) expect(through({ HTTPS_PROXY: one, [name]: list }, url) === undefined).toBe(direct)
  })

  test.each(['socks5://one.example', 'ftp://one.example', 'http://?', 'http://ada:%zz@one.example', 'http://a b'])(
    '%j is none, and is not repeated',
    (value) => {
      const make = () => proxyFrom({ HTTPS_PROXY: value }, all)
      expect(make).toThrow(expect.objectContaining({ code: 'usage/proxy', message: expect.stringContaining('HTTPS_PROXY') }))
      expect(make).not.toThrow(value)
    },
  )
})
