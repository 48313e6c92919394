import fc from 'fast-check'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { Coordinates, describeCoordinates, fileOf, isArchitecture, isDistribution } from './coordinates.js'

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

  test.each(['1.2.3', '1:1.2.3-1', '0:5.14.0-427.el9', '2.0~rc1+dfsg-1ubuntu1', '1.0^git1-2'])('takes the version %s', (version) => {
    expect(v.is(Coordinates, { ...deb, version })).toBe(true)
  })

  test.each(['acme.tar.gz', 'a/b/c', '.hidden', 'v1/x@2/acme-1%3a2.tgz'])('takes the path %s', (path) => {
    expect(takesPath(path)).toBe(true)
  })
})

describe('traversal', () => {
  test.each([
    '',
    '.',
    '..',
    '.x',
    '-rf',
    '../x',
    'a/b',
    'a\\b',
    'a\nb',
    'a\n',
    'a\u0000',
    'a b',
    'a%2Fb',
    'a%2fb',
    'a%5cb',
    'x%2e%2e',
    'ä',
  ])('refuses %j as a file name', (file) => {
    expect(takesFile(file)).toBe(false)
  })

  test.each([
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
    'a/%2e%2e/b',
    'a%2Fb',
    'a\\b',
    'a\n/b',
    'a/b\n',
  ])('refuses %j as a path', (path) => {
    expect(takesPath(path)).toBe(false)
  })

  // Strings of the characters that matter, and of anything.
  const nasty = fc.oneof(
    fc.string({ unit: fc.constantFrom('/', '.', '\\', '%', '2', 'f', 'F', 'e', 'a', '\n', '\r', '\u0000', '\u007f', ' ', '~') }),
    fc.string({ unit: 'binary' }),
  )

  test('no file name leaves its folder or breaks a line', () => {
    fc.assert(
      fc.property(nasty, (file) => {
        if (!takesFile(file)) return
        expect(file).not.toMatch(/[/\\\p{Cc}\s]/u)
        expect(decodeSafely(file)).not.toMatch(/[/\\]/)
        expect(new URL(file, 'file:///folder/').pathname).toMatch(/^\/folder\/[^/]+$/)
      }),
      { numRuns: 2_000 },
    )
  })

  test('any slash, control character or space is refused in a file name, wherever it stands', () => {
    const before = fc.stringMatching(/^[a-z0-9_.]{0,8}$/)
    fc.assert(
      fc.property(
        before,
        fc.constantFrom('/', '\\', '/../', '\n', '\r', '\t', '\u0000', '\u001b', '\u007f', '\u0085', ' ', '\u2028'),
        before,
        (a, bad, b) => {
          expect(takesFile(`${a}${bad}${b}`)).toBe(false)
        },
      ),
    )
  })

  test('no path leaves its folder', () => {
    fc.assert(
      fc.property(nasty, (path) => {
        if (!takesPath(path)) return
        expect(new URL(path, 'file:///folder/').pathname).toBe(
          `/folder/${path}`.replaceAll('^', new URL('^', 'file:///').pathname.slice(1)),
        )
        expect(decodeSafely(path).split('/')).not.toContain('..')
      }),
      { numRuns: 2_000 },
    )
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
