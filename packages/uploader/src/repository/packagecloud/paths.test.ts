import { instant } from '@stagegate/schema'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { retryAfter } from '../../http/retry-after.js'
import { nearest } from './distributions.js'
import { downloadPath, parseDownloadPath, searchPath } from './paths.js'

describe('a location', () => {
  test('leads back to the values that it was made from', () => {
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

test('no distribution and no file changes the shape of a location, whichever characters are in it', () => {
  const part = fc.string({
    unit: fc.oneof(fc.constantFrom(...'/.?#%&+~^:@\\ \n', '%2f', '..'), fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 })),
    maxLength: 6,
  })
  const segment = part.filter((text) => text !== '' && !text.includes('/') && text !== '.' && text !== '..')
  fc.assert(
    fc.property(segment, segment, segment, part, (distro, version, file, query) => {
      const location = downloadPath('acme/stable', `${distro}/${version}`, file)
      const url = new URL(location, 'https://packagecloud.example')
      expect(url).toMatchObject({ host: 'packagecloud.example', pathname: location, search: '', hash: '' })
      expect(location.split('/')).toHaveLength(8)
      expect(parseDownloadPath('acme/stable', location)).toEqual({ distribution: `${distro}/${version}`, file })

      const search = new URL(searchPath('acme/stable', query, `${distro}/${version}`), 'https://packagecloud.example')
      expect(search).toMatchObject({ host: 'packagecloud.example', pathname: '/api/v1/repos/acme/stable/search.json', hash: '' })
      expect([...search.searchParams]).toEqual([
        ['q', query],
        ['dist', `${distro}/${version}`],
        ['per_page', '100'],
      ])
    }),
    { numRuns: 2_000 },
  )
})

test('a search keeps the characters of a version', () => {
  expect(searchPath('acme/stable', 'a+b~c&d', 'el/9')).toBe('/api/v1/repos/acme/stable/search.json?q=a%2Bb~c%26d&dist=el%2F9&per_page=100')
})

test.each([
  ['120', 120],
  [' 0 ', 0],
  ['Sat, 31 Jan 2026 12:00:30 GMT', 30],
  ['Sat, 31 Jan 2026 11:00:00 GMT', 0],
  ['Fri, 31 Dec 99999 23:59:59 GMT', 99_999_999_999],
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
