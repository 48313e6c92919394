import type { Flavour, PlannedImage } from '@stagegate/schema'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { originOf, planOf } from '../testing/fixtures.js'
import { stagingCoordinates } from './stage-image.js'
import { newerThan, tagsOf, versionTag } from './tags.js'
import { compareVersions, parseVersion } from './versions.js'

const planned = (...names: readonly string[]): Pick<PlannedImage, 'tags'> => ({ tags: names.map((name) => ({ name, kinds: ['release'] })) })

describe('the tags of a version', () => {
  test('are the version itself, which never moves, and those that move in this kind', () => {
    expect(tagsOf(planned('version', 'latest', 'major', 'minor', 'rc'), 'release', '16.2.1')).toEqual([
      { tag: '16.2.1', moves: false },
      { tag: 'latest', moves: true, scope: 0 },
      { tag: '16', moves: true, scope: 1 },
      { tag: '16.2', moves: true, scope: 2 },
      { tag: 'rc', moves: true, scope: 0 },
    ])
    expect(tagsOf(planned('latest'), 'rc', '16.2.1')).toEqual([{ tag: '16.2.1', moves: false }])
  })

  test('have no plus, which tags cannot have', () => {
    expect(versionTag('16.2.1+ee.0')).toBe('16.2.1-ee.0')
  })

  test.each(['', 'a b', '-1', `${'1'.repeat(129)}`])('are refused for %j, which cannot be one', (version) => {
    expect(() => versionTag(version)).toThrow(expect.objectContaining({ code: 'usage/tag' }))
  })

  test('are refused where the version has no such part', () => {
    expect(() => tagsOf(planned('minor'), 'release', '16.2')).toThrow(expect.objectContaining({ code: 'usage/tag' }))
    expect(() => tagsOf(planned('major'), 'release', 'blue')).toThrow(expect.objectContaining({ code: 'usage/tag' }))
  })
})

describe('the tags of a flavour', () => {
  const kinds = ['release']
  const fips: Flavour = { prefix: 'alpine-v', suffix: '-fips' }

  test('have its prefix and its suffix, each tag its own', () => {
    const tags = [
      { name: 'version', kinds, ...fips },
      { name: 'latest', kinds, prefix: 'alpine-' },
      { name: 'major', kinds, suffix: '-fips' },
      { name: 'minor', kinds },
    ]
    expect(tagsOf({ tags, flavours: [{}] }, 'release', '16.2.1+ee.0')).toEqual([
      { tag: 'alpine-v16.2.1-ee.0-fips', moves: false },
      { tag: 'alpine-latest', moves: true, scope: 0, flavour: fips, others: [{}] },
      { tag: '16-fips', moves: true, scope: 1, flavour: fips, others: [{}] },
      { tag: '16.2', moves: true, scope: 2, flavour: fips, others: [{}] },
    ])
  })

  test.each<[flavour: Flavour, others: Flavour[], version: string, tags: string[], stays: string | undefined]>([
    // Each is compared with its own.
    [{ suffix: '-jmx' }, [], '7.1.0', ['7.2.0', '8.0.0-fips', '7-jmx', 'latest-jmx'], undefined],
    [{ suffix: '-jmx' }, [], '7.1.0', ['7.2.0-jmx', '7.10.0-jmx'], '7.10.0-jmx'],
    [{ prefix: 'alpine-v' }, [], '16.2.0', ['16.3.0', 'v16.3.0', 'ubuntu-v16.3.0'], undefined],
    [{ prefix: 'alpine-v' }, [], '16.2.0', ['alpine-v16.3.0'], 'alpine-v16.3.0'],
    // The plain one is not held up by the others that the plan knows.
    [{}, [{ suffix: '-jmx' }], '7.1.0', ['7.2.0-jmx'], undefined],
    [{}, [{ suffix: '-jmx' }], '7.1.0', ['7.2.0-jmx', '7.1.1'], '7.1.1'],
    [{}, [{ prefix: 'v' }], '7.1.0', ['v7.2.0'], undefined],
    [{}, [], '7.1.0', ['7.2.0-jmx'], '7.2.0-jmx'],
    // One ending within another.
    [{ suffix: '-jmx' }, [{ suffix: '-fips-jmx' }, {}], '7.1.0', ['7.2.0-fips-jmx'], undefined],
    [{ suffix: '-fips-jmx' }, [{ suffix: '-jmx' }, {}], '7.1.0', ['7.2.0-jmx', '7.2.0'], undefined],
    [{ suffix: '-fips-jmx' }, [{ suffix: '-jmx' }, {}], '7.1.0', ['7.2.0-fips-jmx'], '7.2.0-fips-jmx'],
    // Release candidates and lines, as without a flavour.
    [{ suffix: '-fips' }, [], '7.1.0', ['7.2.0-rc1-fips'], undefined],
    [{ suffix: '-fips' }, [{}], '7.1.0-rc1', ['7.1.0-rc2-fips', '7.1.0-rc3'], '7.1.0-rc2-fips'],
    // A version in no order stays behind any other of its flavour.
    [{ suffix: '-fips' }, [], 'blue', ['green-fips'], 'green-fips'],
    [{ suffix: '-fips' }, [], 'blue', ['blue-fips', 'green'], undefined],
  ])('are compared: %j beside %j, %s among %j stays at %j', (flavour, others, version, tags, stays) => {
    expect(newerThan(version, { scope: 0, flavour, others }, tags)).toBe(stays)
  })
})

test('flavours of one name have tags of their own in staging, which the builds push', () => {
  const at = (flavour: Flavour) =>
    stagingCoordinates(
      { type: 'image', image: 'runner', tags: [{ name: 'version', kinds: [], ...flavour }] },
      { origin: originOf(planOf()) },
    ).tag
  expect(at({ prefix: 'alpine-v', suffix: '-fips' })).toBe(`alpine-v${at({})}-fips`)
})

describe('versions', () => {
  const inOrder = [
    '1.9.9',
    '1.10.0-rc1',
    '1.10.0-rc2',
    '1.10.0-rc10.ee.0',
    '1.10.0',
    '1.10.0-ee.0',
    '1.10.0-ee.1',
    '1.10.1',
    '2.0.0-beta.1',
    '2.0.0',
  ]
  const parsed = inOrder.map((text) => {
    const version = parseVersion(text)
    if (version === undefined) throw new Error(`Expected ${text} to be a version`)
    return version
  })
  test('are in the order in which they are released', () => {
    for (const [a, left] of parsed.entries())
      for (const [b, right] of parsed.entries())
        expect(Math.sign(compareVersions(left, right)), `${inOrder[a]} and ${inOrder[b]}`).toBe(Math.sign(a - b))
  })
  test.each(['latest', 'rc', 'sha256-abc.sig', '', '1..2', 'v', '1.x'])('%j is not a version', (text) => {
    expect(parseVersion(text)).toBeUndefined()
  })
})

describe('a moving tag', () => {
  test.each<[version: string, scope: 0 | 1 | 2, tags: string[], stays: string | undefined]>([
    ['16.2.1', 0, ['16.2.0', '16.1.9', 'latest', '16', '16.2'], undefined],
    ['16.2.1', 0, ['16.2.1'], undefined],
    ['16.1.9', 0, ['16.2.0', '16.10.0'], '16.10.0'],
    ['16.1.9', 1, ['17.0.0', '16.1.8'], undefined],
    ['16.1.9', 1, ['16.2.0'], '16.2.0'],
    ['16.1.9', 2, ['16.2.0', '17.0.0'], undefined],
    ['16.2.0', 0, ['17.0.0-rc1'], undefined],
    ['16.2.0-rc1', 0, ['16.1.0', '16.2.0-rc2'], '16.2.0-rc2'],
    ['16.2.1+ee.0', 0, ['16.2.1-ee.1'], '16.2.1-ee.1'],
    ['blue', 0, [], undefined],
    ['blue', 0, ['blue'], undefined],
    ['blue', 0, ['1.0.0'], '1.0.0'],
  ])('for %s, in what has %i numbers in common, among %j, stays at %j', (version, scope, tags, stays) => {
    expect(newerThan(version, { scope }, tags)).toBe(stays)
  })

  test('ends at the newest, in whatever order the releases are published', () => {
    const version = fc.tuple(fc.nat(3), fc.nat(3), fc.nat(3)).map((numbers) => numbers.join('.'))
    fc.assert(
      fc.property(fc.uniqueArray(version, { minLength: 1, maxLength: 8 }), fc.constantFrom<0 | 1 | 2>(0, 1, 2), (versions, scope) => {
        const tagged = new Map<string, string>()
        for (const [index, one] of versions.entries()) {
          const line = one.split('.').slice(0, scope).join('.')
          if (newerThan(one, { scope }, versions.slice(0, index + 1)) === undefined) tagged.set(line, one)
        }
        for (const [line, at] of tagged) {
          const rivals = versions.filter((one) => one.split('.').slice(0, scope).join('.') === line)
          expect(newerThan(at, { scope }, rivals)).toBeUndefined()
        }
      }),
    )
  })
})
