import { expect, test } from 'vitest'
import { nextPage } from './next-page.js'

const origin = 'https://registry.example'
const here = '/v2/hello/tags/list?n=2'

test.each([
  [undefined, undefined],
  ['', undefined],
  ['</v2/hello/tags/list?last=b&n=2>; rel="next"', '/v2/hello/tags/list?last=b&n=2'],
  ['<https://registry.example/v2/hello/tags/list?last=b>; rel=next', '/v2/hello/tags/list?last=b'],
  ['<?last=b>; title="x"; rel="prev next"', '/v2/hello/tags/list?last=b'],
  ['</v2/hello/tags/list?last=a>; rel="prev", </v2/hello/tags/list?last=b>; rel="next"', '/v2/hello/tags/list?last=b'],
  ['</v2/hello/tags/list?last=b>; rel="last"', undefined],
  ['</v2/hello/tags/list?last=b>; rel="nextish"', undefined],
])('after %j comes %j', (link, next) => {
  expect(nextPage(link, origin, here)).toBe(next)
})

test.each([
  'https://evil.example/v2/hello/tags/list?last=b',
  'http://registry.example/v2/hello/tags/list?last=b',
  '//evil.example/v2/hello/tags/list?last=b',
  '/v2/other/tags/list?last=b',
  '/v2/hello/tags/../../other/tags/list?last=b',
  here,
  '/v2/hello/tags/list',
  '?',
  'https://',
])('statement 7: the next page %j is not asked for', (target) => {
  expect(() => nextPage(`<${target}>; rel="next"`, origin, here)).toThrow('elsewhere')
})
