import { sha256 } from '@stagegate/schema'
import { describe, expect, test } from 'vitest'
import type { RpmDependency, RpmDescription } from '../../package/rpm-describe.js'
import { entryOf } from './entry.js'
import { described } from './testing/packages.js'
import { readAs } from './testing/rpm-tools.js'

const file = { sha256: sha256('a'.repeat(64)), size: 5, href: 'packages/a+b~c.rpm' }
const entry = (change: Partial<RpmDescription>) => entryOf({ ...described, ...change }, file)
const primary = (change: Partial<RpmDescription>) => Buffer.from(entry(change).elements.primary).toString()
const any = (name: string, flags = 0, version = ''): RpmDependency => ({ name, flags, version })
const requires = (...list: readonly RpmDependency[]) => requiring({ requires: list })
const requiring = (relations: Partial<RpmDescription['dependencies']>, files: RpmDescription['files'] = []) =>
  [...primary({ dependencies: { ...described.dependencies, ...relations }, files }).matchAll(/<rpm:entry (.*)\/>/g)].map(([, text]) => text)

describe('requirements', () => {
  test.each([
    ['PREREQ', 1 << 6],
    ['a script before installation', 1 << 9],
    ['a script after it', 1 << 10],
    ['one before the transaction', 1 << 7],
    ['one after the transaction', 1 << 5],
  ])('for %s are needed before', (_what, flags) => {
    expect(requires(any('a', flags))).toEqual(['name="a" pre="1"'])
  })

  test('for scripts of removal, and found ones, are not', () => {
    expect(requires(any('a', (1 << 11) | (1 << 12) | (1 << 13) | (1 << 14)))).toEqual(['name="a"'])
  })

  test.each([
    [2, 'LT'],
    [4, 'GT'],
    [8, 'EQ'],
    [10, 'LE'],
    [12, 'GE'],
  ])('with comparison %i are %s', (flags, word) => {
    expect(requires(any('a', flags, '3:1~2-4^5'))).toEqual([`name="a" flags="${word}" epoch="3" ver="1~2" rel="4^5"`])
  })

  test('have no version without a comparison, and only the parts that were given', () => {
    expect(requires(any('a', 0, '1'), any('b', 6, '1'), any('c', 8, '1'), any('d', 8), any('e', 8, ':1-'), any('f', 8, '1-2-3'))).toEqual([
      'name="a"',
      'name="b"',
      'name="c" flags="EQ" epoch="0" ver="1"',
      'name="d" flags="EQ"',
      'name="e" flags="EQ" epoch="0" ver="1"',
      'name="f" flags="EQ" epoch="0" ver="1" rel="2-3"',
    ])
  })

  test('of rpm itself are left out', () => {
    expect(requires(any('rpmlib(X)', 10, '1'), any('rpmlib'))).toEqual(['name="rpmlib"'])
  })

  test('that the package provides in the same words are left out', () => {
    const provides = [any('a', 8, '1'), any('b')]
    const list = [any('a', 8 | (1 << 28), '1'), any('a'), any('a', 8, '0:1'), any('b', 1 << 9)]
    expect(requiring({ provides, requires: list }).slice(2)).toEqual(['name="a"', 'name="a" flags="EQ" epoch="0" ver="1"'])
  })

  test('that are files of the package are left out, if primary lists these', () => {
    const files = ['/etc/a', '/opt/sbin/b', '/usr/lib/sendmail', '/usr/share/c', 'bin/d'].map((path) => ({ path, type: 'file' }) as const)
    const list = [...files.map(({ path }) => any(path)), any('/etc/other')]
    expect(requiring({ requires: list }, files)).toEqual(['name="/usr/share/c"', 'name="bin/d"', 'name="/etc/other"'])
  })

  test('that repeat the one before by that name are left out', () => {
    const list = [any('a'), any('a'), any('a', 1 << 9), any('b'), any('a', 1 << 9), any('a')]
    expect(requires(...list)).toEqual(['name="a"', 'name="a" pre="1"', 'name="b"', 'name="a"'])
  })

  test.each([
    [['libc.so.6(GLIBC_2.4)(64bit)', 'libc.so.6(GLIBC_2.34)(64bit)', 'libc.so.6(GLIBC_2.5)(64bit)'], 'libc.so.6(GLIBC_2.34)(64bit)'],
    [['libc.so.6', 'libc.so.6()(64bit)'], 'libc.so.6()(64bit)'],
    [['libc.so.6()(64bit)', 'libc.so.6(GLIBC_PRIVATE)(64bit)'], 'libc.so.6(GLIBC_PRIVATE)(64bit)'],
    [['libc.so.6(GLIBC_2.4)', 'libc.so.6(GLIBC_PRIVATE)'], 'libc.so.6(GLIBC_2.4)'],
    [['libc.so.6(GLIBC_2.3.4)', 'libc.so.6(GLIBC_2.4)'], 'libc.so.6(GLIBC_2.4)'],
    [['libc.so.6(a', 'libc.so.6'], 'libc.so.6(a'],
  ])('of glibc %j are the highest alone, behind all others', (names, highest) => {
    for (const order of [names, names.toReversed()])
      expect(requires(...order.map((name) => any(name)), any('z'))).toEqual(['name="z"', `name="${highest}"`])
  })
})

describe('an entry', () => {
  test('says nothing that its reader takes for something else', () => {
    const hostile = '<a b="c" d=\'e\'>&amp;]]>\r\n\t\u0000\u0008\u001f\ufffe\uffff é中🎉'
    const kept = '<a b="c" d=\'e\'>&amp;]]>\r\n\t é中🎉'
    const texts = { ...described.texts, summary: hostile }
    const { elements } = entry({
      texts,
      changes: [{ author: hostile, time: 1, text: hostile }],
      files: [{ path: `/etc/${kept}`, type: 'file' }],
    })
    expect(readAs(elements.primary)).toContain(JSON.stringify(kept))
    expect(readAs(elements.filelists)).toContain(JSON.stringify(`/etc/${kept}`))
    expect(readAs(elements.other).slice(3)).toEqual([
      `<changelog ${JSON.stringify([
        ['author', kept],
        ['date', '1'],
      ])}>`,
      JSON.stringify(kept),
      '</changelog>',
      '</package>',
    ])
  })

  test('has the build time for the time of its file, so that two writers write the same', () => {
    expect(primary({ built: 77 })).toContain('<time file="77" build="77"/>')
  })

  test('of a source package without its sources is one of a source package', () => {
    const source = { ...described.identity, source: true, architecture: 'nosrc' }
    expect(primary({ identity: source })).toContain('<arch>src</arch>')
    expect(entry({ identity: source }).arch).toBe('src')
  })

  test('has its place as it is', () => {
    expect(primary({})).toContain('<location href="packages/a+b~c.rpm"/>')
  })

  const change = (time: number, text: string, author = 'a') => ({ time, text, author })
  const changes = (...all: RpmDescription['changes']) =>
    [
      ...Buffer.from(entry({ changes: all }).elements.other)
        .toString()
        .matchAll(/author="(.*)" date="(.*)">(.*)</g),
    ].map(([, ...parts]) => parts)

  test('lists the ten newest changes, the oldest of them first', () => {
    const all = Array.from({ length: 12 }, (_, at) => change(1000 - at, `- ${at}`))
    expect(changes(...all).map(([, , text]) => text)).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1, 0].map((at) => `- ${at}`))
  })

  test('gives changes of one day a second each', () => {
    expect(
      changes(change(9, 'c'), change(5, 'b3'), change(5, 'b2'), change(5, 'b1'), change(4, 'a')).map(([, time, text]) => `${time} ${text}`),
    ).toEqual(['4 a', '5 b1', '6 b2', '7 b3', '9 c'])
  })

  test('lists authors without spaces at their end', () => {
    expect(changes(change(3, '', 'a b  '), change(2, '', '   '), change(1, '', '')).map(([author]) => author)).toEqual(['', ' ', 'a b'])
    expect(changes(change(1, '', `a${' '.repeat(1_000_000)}b`))[0]?.[0]).toHaveLength(1_000_002)
  })
})
