import { instant } from '@stagegate/schema'
import { describe, expect, test } from 'vitest'
import { retryAfter } from '../../http/retry-after.js'
import { nearest } from './distributions.js'
import { downloadPath, parseDownloadPath, searchPath } from './paths.js'

describe('a location', () => {
  test('leads back to what it was made of', () => {
    const location = downloadPath('acme/stable', 'ubuntu/jammy', 'acme_1.2.3+ee.0~rc1:x_amd64.deb')
    expect(location).toBe('/acme/stable/packages/ubuntu/jammy/acme_1.2.3%2Bee.0~rc1%3Ax_amd64.deb/download')
    expect(parseDownloadPath('acme/stable', location)).toEqual({ distribution: 'ubuntu/jammy', file: 'acme_1.2.3+ee.0~rc1:x_amd64.deb' })
  })

  test.each([
    '/acme/other/packages/ubuntu/jammy/a.deb/download',
    '/acme/stable/packages/ubuntu/jammy/../download',
    '/acme/stable/packages/ubuntu/jammy/%2e%2e/download',
    '/acme/stable/packages/ubuntu/jammy/a.deb/download/more',
    '/acme/stable/packages/ubuntu/jammy/a.deb',
    '/acme/stable/packages/ubuntu/jammy/%zz/download',
    '/api/v1/repos/acme/stable/packages.json',
    'https://elsewhere.example/acme/stable/packages/ubuntu/jammy/a.deb/download',
  ])('of something else is refused: %s', (location) => {
    expect(() => parseDownloadPath('acme/stable', location)).toThrow(expect.objectContaining({ code: 'usage/location' }))
  })
})

test('a search keeps the characters of a version', () => {
  expect(searchPath('acme/stable', 'a+b~c&d', 'el/9')).toBe('/api/v1/repos/acme/stable/search.json?q=a%2Bb~c%26d&dist=el%2F9&per_page=100')
})

test.each([
  ['120', 120],
  [' 0 ', 0],
  ['Sat, 31 Jan 2026 12:00:30 GMT', 30],
  ['Sat, 31 Jan 2026 11:00:00 GMT', 0],
  ['soon', undefined],
  ['-5', undefined],
  ['1e9', undefined],
  [undefined, undefined],
])('Retry-After %j is %j seconds', (header, wait) => {
  expect(retryAfter(header, instant(Date.parse('2026-01-31T12:00:00.000Z')))).toBe(wait)
})

test.each([
  ['ubuntu/jamy', 'ubuntu/jammy'],
  ['debian/jammy', 'ubuntu/jammy'],
  ['el/11', 'el/10'],
])('for the unknown distribution %s, %s is the nearest', (wanted, near) => {
  expect(nearest(wanted, ['el/10', 'el/9', 'debian/bookworm', 'ubuntu/focal', 'ubuntu/jammy'])[0]).toBe(near)
})
