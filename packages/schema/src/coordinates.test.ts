import fc from 'fast-check'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { describeCoordinates, fileOf, isArchitecture, isDistribution } from './coordinates.js'
import { Coordinates } from './validator/coordinates.js'

const deb = {
  format: 'deb',
  distribution: 'ubuntu/jammy',
  architecture: 'amd64',
  name: 'acme',
  version: '1.2.3-1',
  file: 'acme_1.2.3-1_amd64.deb',
} as const
const takesFile = (file: string) => v.is(Coordinates, { ...deb, file })
const takesPath = (path: string) => v.is(Coordinates, { format: 'file', path })

describe('names from the wild', () => {
  test.each([
    'libstdc++6_12.2.0-14_amd64.deb',
    'acme_1%3a2.0~rc1+dfsg-1ubuntu1_arm64.deb',
    'python3-3.9.18-1.el9_3.1.x86_64.rpm',
    'kernel-core-5.14.0-427.el9.x86_64.rpm',
    'rubygem-foo-1.0^20240101git1234-1.noarch.rpm',
    '0ad_0.0.26-3_amd64.deb',
    'a..b_1_all.deb',
  ])('takes the file %s', (file) => {
    expect(takesFile(file)).toBe(true)
  })

  test.each(['acme_1%3A2.0_arm64.deb', 'libstdc%2b%2b6_12_amd64.deb', 'acme_1%7Erc1_all.deb'])('takes what tools encode in %s', (file) => {
    expect(takesFile(file)).toBe(true)
  })

  test.each(['1.2.3', '1:1.2.3-1', '4294967295:1', '0:5.14.0-427.el9', '2.0~rc1+dfsg-1ubuntu1', '1.0^git1-2'])(
    'takes the version %s',
    (version) => {
      expect(v.is(Coordinates, { ...deb, version })).toBe(true)
    },
  )

  test.each(['acme.tar.gz', 'a/b/c', '.hidden', 'v1/x@2/acme-1%3a2.tgz'])('takes the path %s', (path) => {
    expect(takesPath(path)).toBe(true)
  })
})

describe('traversal', () => {
  test.each([
    ...[
      '',
      '.',
      '..',
      '.x',
      '-rf',
      '~root',
      '../x',
      'a/b',
      'a\\b',
      'a\nb',
      'a\n',
      'a\u0000',
      'a b',
      'ä',
      'a:b',
      'https:',
      'a?b',
      'a#b',
      'a&b',
    ],
    ...[
      'a%2Fb',
      'a%2fb',
      'a%5cb',
      'x%2e%2e',
      'a%00',
      'a%0a',
      'a%252fb',
      'a%3fb',
      'a%23b',
      'a%',
      'a%2',
      'a%zz',
      '%3aa',
      'section_start:1:a',
    ],
  ])('refuses %j as a file name', (file) => {
    expect(takesFile(file)).toBe(false)
  })

  test.each([
    ...[
      '',
      '/',
      '/a',
      'a/',
      'a//b',
      '.',
      '..',
      './a',
      'a/./b',
      'a/..',
      'a/../b',
      '../a',
      'a\\b',
      'a\n/b',
      'a/b\n',
      '-a',
      '~/a',
      'a:b',
      'a/b:c',
    ],
    ...['a/%2e%2e/b', 'a%2Fb', 'a/%252e%252e/b', 'a/%', 'a/b%0ac', 'https:/a', '%2b/a', '?a', 'a/#b'],
  ])('refuses %j as a path', (path) => {
    expect(takesPath(path)).toBe(false)
  })

  test.each(['1 2', '1/2', '1:2:3', 'a:1', ':1', '1:', '', '-1', '1\n', '1%3a2', 'section_start:1', '12345678901:1', 'x'.repeat(129)])(
    'refuses %j as a version',
    (version) => {
      expect(v.is(Coordinates, { ...deb, version })).toBe(false)
    },
  )

  // Of the characters that matter, so that many are taken; and of anything.
  const text = fc.oneof(
    fc.string({ unit: fc.constantFrom(...'a1.-_+~^@=%:/', '..', '%3a', '%2B', '%2f', '%252f', '%2e', '%0a'), maxLength: 8 }),
    fc.string({ unit: fc.constantFrom(...'/.\\%2fFea\n\r\u0000\u007f ~?#&'), maxLength: 8 }),
    fc.string({ unit: 'binary' }),
  )
  const coordinates = fc.oneof(
    fc.record({ format: fc.constant('file'), path: text }),
    fc
      .constantFrom('distribution', 'architecture', 'name', 'version', 'file')
      .chain((field) => text.map((value) => ({ ...deb, [field]: field === 'distribution' ? `ubuntu/${value}` : value }))),
  )

  test('no coordinates change the address or the line that contains them', () => {
    let taken = 0
    fc.assert(
      fc.property(coordinates, (given) => {
        if (!v.is(Coordinates, given)) return
        taken++
        const parts = given.format === 'file' ? given.path.split('/') : [...given.distribution.split('/'), given.file]
        for (const path of [parts.join('/'), parts.map(encodeURIComponent).join('/')]) {
          const url = new URL(path, 'https://packages.example/acme/')
          expect(url).toMatchObject({ host: 'packages.example', search: '', hash: '', username: '' })
          const segments = url.pathname.split('/').slice(2)
          expect(segments.map(decodeURIComponent)).toEqual(path === parts.join('/') ? parts.map(decodeURIComponent) : parts)
          // As a proxy and a server might, one after the other.
          for (const segment of segments) expect(decodeSafely(decodeURIComponent(segment))).not.toMatch(/^\.{0,2}$|[/\\\p{Cc}?#]/u)
        }
        const query = new URL('https://packages.example/?arch=')
        query.search = `?name=${Object.values(given).map(encodeURIComponent).join('&value=')}`
        expect([...query.searchParams.values()]).toEqual(Object.values(given))
        for (const line of [describeCoordinates(given), ...Object.values(given)])
          expect(line).not.toMatch(/[^\x20-\x7e]|section_(start|end):/)
      }),
      { numRuns: 20_000 },
    )
    expect(taken).toBeGreaterThan(500)
  })

  test('any slash, control character or space is refused anywhere in a file name', () => {
    const before = fc.stringMatching(/^[a-z0-9_.]{0,8}$/)
    fc.assert(
      fc.property(
        before,
        fc.constantFrom('/', '\\', '/../', '\n', '\r', '\t', '\u0000', '\u001b', '\u007f', '\u0085', ' ', '\u2028', ':', '%2f'),
        before,
        (a, bad, b) => {
          expect(takesFile(`${a}${bad}${b}`)).toBe(false)
        },
      ),
    )
  })

  test('a long text that is nearly right is refused as quickly as any', () => {
    const start = performance.now()
    for (const unit of ['a', 'a/', '.', './', '%3a', '%', 'a.', '-'])
      expect([takesPath(`a${unit.repeat(300)} `), takesFile(`a${unit.repeat(80)} `)]).toEqual([false, false])
    expect(performance.now() - start).toBeLessThan(1000)
  })
})

function decodeSafely(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

test('knows a distribution and an architecture when it sees one', () => {
  expect(['ubuntu/jammy', 'el/9', 'opensuse/15.6', 'any/any'].every(isDistribution)).toBe(true)
  expect(['jammy', 'Ubuntu/jammy', 'ubuntu/', 'ubuntu/..', 'a/b/c', 'ubuntu/jammy\n', ''].some(isDistribution)).toBe(false)
  expect(['amd64', 'x86_64', 'all', 'noarch'].every(isArchitecture)).toBe(true)
  expect(['', 'AMD64', 'x 64', '-x'].some(isArchitecture)).toBe(false)
})

test('is one line for people', () => {
  expect(describeCoordinates(deb)).toBe('acme_1.2.3-1_amd64.deb for ubuntu/jammy')
  expect(describeCoordinates({ format: 'file', path: 'a/b' })).toBe('a/b')
  expect([fileOf(deb), fileOf({ format: 'file', path: 'a/b' })]).toEqual(['acme_1.2.3-1_amd64.deb', 'a/b'])
})
