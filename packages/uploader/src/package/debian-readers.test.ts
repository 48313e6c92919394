import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeDebOf, makeTar } from '../testing/packages/index.js'
import { inMemory } from './bytes.js'
import { inspectDeb } from './deb.js'
import { PackageError } from './error.js'
import { DebianReaders } from './testing/debian-readers.js'

let folder = ''
let readers: DebianReaders
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stagegate-readers-'))
  readers = await DebianReaders.in(folder)
})
afterAll(() => rm(folder, { recursive: true }))

const controlWith = (line: string) =>
  `Package: acme\nVersion: 1\nArchitecture: amd64\nMaintainer: N <n@example.com>\n${line}\nDescription: x\n`
const debOf = (control: string) => makeDebOf({ control: makeTar([['./control', Buffer.from(control, 'latin1')]]) })

async function verdictOf(control: string): Promise<PackageError | 'taken'> {
  try {
    await inspectDeb(inMemory('x', debOf(control)))
    return 'taken'
  } catch (error) {
    if (error instanceof PackageError) return error
    throw error
  }
}

/** By whom a control file is refused. */
async function refusedBy(control: string): Promise<string> {
  const [dpkg, apt] = [await readers.dpkgTakes(debOf(control)), await readers.aptTakes(control)]
  return [...(dpkg ? [] : ['dpkg']), ...(apt ? [] : ['apt'])].join(' and ') || 'nobody'
}

/** Takes what both take, and refuses what one of them refuses. */
async function expectAgreement(control: string, by: string): Promise<void> {
  expect(await refusedBy(control), control).toBe(by)
  const verdict = await verdictOf(control)
  if (by === 'nobody') expect(verdict, control).toBe('taken')
  else expect(verdict, control).toMatchObject({ code: 'package/malformed' })
}

describe('a relation', { timeout: 300_000 }, () => {
  test.each([
    ['Depends: foo', 'nobody'],
    ['Depends:', 'nobody'],
    ['Depends: foo, bar (>= 1.0), baz:any (<< 1:2.3~rc1-4)', 'nobody'],
    ['Depends: foo|bar (>=1.0) | baz', 'nobody'],
    ['Depends: foo(>=1.0)', 'nobody'],
    ['Depends: foo (1.0)', 'nobody'],
    ['Depends: foo (> 1.0), bar (< 2), c (==1.0), d (=>1.0)', 'nobody'],
    ['Depends: foo,\n bar\n , baz', 'nobody'],
    ['Depends: foo\t(>=\t1.0\t)', 'nobody'],
    ['Depends: foo (>= v1.0), Foo, foo_bar, f (= ${Version})', 'nobody'],
    ['Depends: foo (= +01:1-2-3), bar (>= 2147483647:1), c (= 1,2)', 'nobody'],
    ['Provides: foo (= 1.0), bar, baz (>= 1.0)', 'nobody'],
    ['Built-Using: foo >= 1.0', 'nobody'],
    ['Obsoletes: ${misc:Depends}', 'nobody'],
    ['Recommended: foo (=1)', 'nobody'],

    ['Depends: ${shlibs:Depends}, ${misc:Depends}', 'dpkg'],
    ['Depends: foo (= ${binary:Version})', 'dpkg'],
    ['Depends: foo (>> )', 'dpkg and apt'],
    ['Depends: foo >= 1.0', 'dpkg and apt'],
    ['Depends: foo,', 'dpkg'],
    ['Depends: foo |', 'dpkg'],
    ['Depends: , foo', 'dpkg and apt'],
    ['Depends: foo,,bar', 'dpkg and apt'],
    ['Depends:\n foo', 'dpkg'],
    ['Depends: foo bar', 'dpkg and apt'],
    ['Depends: foo (>= 1', 'dpkg and apt'],
    ['Depends: foo ()', 'dpkg and apt'],
    ['Depends: foo)', 'dpkg and apt'],
    ['Depends: foo (>= 1 2)', 'dpkg'],
    ['Depends: foo (>= 1) (<< 2)', 'dpkg and apt'],
    ['Depends: foo (>< 1)', 'dpkg'],
    ['Depends: foo (><1)', 'dpkg'],
    ['Depends: foo (!= 1)', 'dpkg'],
    ['Depends: foo (== 1)', 'dpkg'],
    ['Depends: foo [amd64]', 'dpkg and apt'],
    ['Depends: foo <!nocheck>', 'dpkg and apt'],
    ['Depends: foo:', 'dpkg'],
    ['Depends: foo:x_y', 'dpkg'],
    ['Depends: +foo', 'dpkg'],
    ['Depends: foo/bar', 'dpkg'],
    ['Depends: f\xf6\xf6', 'dpkg'],
    ['Depends: foo (>= a:1)', 'dpkg'],
    ['Depends: foo (>= 1:)', 'dpkg'],
    ['Depends: foo (>= -1)', 'dpkg'],
    ['Depends: foo (>= 1-)', 'dpkg'],
    ['Depends: foo (>= 2147483648:1)', 'dpkg'],
    ['Depends: foo (>= -1:1)', 'dpkg'],
    ['Recommended: foo bar', 'dpkg'],
    ['Optional: foo bar', 'dpkg'],
    // Too few characters from the sign on for apt, at the end of a field.
    ['Depends: foo (=1)', 'apt'],
    ['Depends: bar, foo ( 1)', 'apt'],
    ['Depends: foo (>1)', 'apt'],
    ['Depends: foo (=1), bar', 'nobody'],
    ['Depends: foo (= 1)', 'nobody'],
  ])('%j is refused by %s', async (line, by) => {
    await expectAgreement(controlWith(line), by)
  })

  const fields = ['Depends', 'Pre-Depends', 'Recommends', 'Suggests', 'Enhances', 'Breaks', 'Conflicts', 'Replaces', 'Provides'] as const

  test.each(fields)('that nobody can read is refused in %s', async (field) => {
    await expectAgreement(controlWith(`${field}: foo >= 1.0`), 'dpkg and apt')
    await expectAgreement(controlWith(`${field}: foo (>= 1.0)`), 'nobody')
  })

  test.each(fields)('of several alternatives is read in %s as dpkg reads it', async (field) => {
    const refused = ['Breaks', 'Conflicts', 'Provides', 'Replaces'].includes(field)
    await expectAgreement(controlWith(`${field}: foo | bar`), refused ? 'dpkg' : 'nobody')
  })

  // Parts of relations, put together by chance.
  const blank = fc.constantFrom('', '', ' ', ' ', '\n ', '\t')
  const name = fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom('foo', 'lib-b2.0', 'foo:any', 'g++') },
    fc.constantFrom('F', 'foo_x', 'foo:', '+', '', '${a:B}', 'foo:a_b', 'f\xe4', 'foo:amd64:x', '-', '.a', 'foo/bar', '%'),
  )
  const sign = fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom('>=', '<<', '=', '>>', '<=') },
    fc.constantFrom('', '<', '>', '==', '><', '<>', '=>', '!', '<<<', '>=='),
  )
  const number = fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom('1.0', '1:2-3', '2', '1~rc') },
    fc.constantFrom(
      '',
      ':1',
      '1:',
      '1-',
      '-1',
      'x',
      '1 2',
      '1)',
      '(',
      '${Version}',
      '${a:V}',
      '1,2',
      '1|2',
      '-1:1',
      '+1:1',
      '9999999999:1',
      '\xa01',
      '1:2:3',
      '-',
      ':',
    ),
  )
  const version = fc.tuple(blank, sign, blank, number, blank).map((parts) => `(${parts.join('')})`)
  const between = fc.oneof({ weight: 8, arbitrary: fc.constantFrom(',', '|') }, fc.constantFrom('', ',,', ';', '||', ')', '['))
  const relation = fc.tuple(name, blank, fc.oneof(fc.constant(''), version), blank).map((parts) => parts.join(''))
  // Short ones matter at the end of a field.
  const shortOne = fc
    .tuple(fc.constantFrom('=', '>', '', '>=', '= '), fc.constantFrom('1', '12', '1 '))
    .map((parts) => `foo (${parts.join('')})`)
  const relations = fc
    .array(fc.tuple(relation, between, blank), { maxLength: 3 })
    .chain((before) =>
      fc
        .tuple(fc.oneof({ weight: 3, arbitrary: relation }, shortOne), fc.constantFrom('', '', '', ',', ' '), blank)
        .map((last) => `${before.flat().join('')}${last.join('')}`),
    )

  test('is taken if dpkg and apt take it, and refused if one of them does', async () => {
    const taken: string[] = []
    const seen = { refused: 0, byAptAlone: 0 }
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...fields), relations, async (field, value) => {
        const control = controlWith(`${field}: ${value}`)
        const verdict = await verdictOf(control)
        // A blank line is another matter.
        if (verdict !== 'taken' && verdict.expected === 'one stanza in the control file') return
        const dpkg = await readers.dpkgTakes(debOf(control))
        if (verdict === 'taken') {
          expect(dpkg, 'dpkg takes it').toBe(true)
          taken.push(control)
        } else {
          seen.refused++
          if (!dpkg) return
          seen.byAptAlone++
          expect(await readers.aptTakes(control), 'both take it').toBe(false)
        }
      }),
      { numRuns: 800 },
    )
    expect(seen.refused).toBeGreaterThan(100)
    expect(seen.byAptAlone).toBeGreaterThan(5)
    expect(taken.length).toBeGreaterThan(100)
    // All in one list, as users have it.
    expect(await readers.aptTakes(...taken)).toBe(true)
  }, 300_000)

  test('in a list as long as a control file can be is read once', { timeout: 20_000 }, async () => {
    const many = Array.from({ length: 40_000 }, (_, at) => `package-${at} (>= 1)`)
    expect(await verdictOf(controlWith(`Depends: ${many.join(', ')}`))).toBe('taken')
    expect(await verdictOf(controlWith(`Depends: ${many.join(' | ')} |`))).toMatchObject({ code: 'package/malformed' })
    expect(await verdictOf(controlWith(`Depends: a${' '.repeat(900_000)}(${' '.repeat(50_000)}`))).toMatchObject({
      code: 'package/malformed',
    })
  })

  test.each(['${', '$', '(', 'a (', 'a|', '\n', 'a\n', '\xa0'])('of which %j is repeated is read once', async (part) => {
    const text = part.repeat(900_000 / part.length).replaceAll('\n', '\n ')
    for (const value of [text, `a${text}`, `a (${text}`]) {
      const verdict = await verdictOf(controlWith(`Depends: ${value}`)).catch(String)
      expect(verdict).not.toBe('taken')
    }
  })

  test('that a build tool should have filled in is refused with its name', async () => {
    const error = await verdictOf(controlWith('Depends: libc6, ${shlibs:Depends}'))
    expect(String(error)).toContain('found the substitution variable "${shlibs:Depends}"\ndpkg-gencontrol replaces it')
  })
})

describe('a field', { timeout: 300_000 }, () => {
  test.each([
    ['Essential: yes', 'nobody'],
    ['Essential: NO', 'nobody'],
    ['Essential:', 'nobody'],
    ['Essential: maybe', 'dpkg'],
    ['Essential: yes please', 'dpkg'],
    ['Essential:\n yes', 'dpkg'],
    ['Protected: 1', 'dpkg'],
    ['Multi-Arch: same', 'nobody'],
    ['Multi-Arch: Foreign', 'nobody'],
    ['Multi-Arch: nonsense', 'dpkg'],
    ['Multi-Arch: same x', 'dpkg'],
    ['Priority: optional', 'nobody'],
    ['Priority: my own', 'nobody'],
    ['Priority: optional x', 'dpkg'],
    ['Priority: Extra!', 'dpkg'],
    ['Class: standards', 'dpkg'],
    ['Status: install ok installed', 'dpkg'],
    ['Config-Version: 1', 'dpkg'],
    ['Triggers-Pending: foo', 'dpkg'],
    ['Triggers-Awaited:', 'dpkg'],
    ['Conffiles: x', 'dpkg'],
    ['Filename: pool/x', 'nobody'],
    ['Filename:', 'dpkg'],
    ['Size: 1\nMD5sum: a b', 'dpkg'],
    ['X: y', 'dpkg'],
    ['Xy: y', 'nobody'],
    ['Description-md5: x', 'apt'],
    ['Description-md5: d41d8cd98f00b204e9800998ecf8427e', 'nobody'],
    ['Description-md5:', 'nobody'],
    ['constructor: x', 'nobody'],
  ])('%j is refused by %s', async (line, by) => {
    await expectAgreement(controlWith(line), by)
  })

  test('Multi-Arch: same is refused in a package for all architectures, as by dpkg', async () => {
    const control = controlWith('Multi-Arch: same').replace('amd64', 'all')
    await expectAgreement(control, 'dpkg')
  })

  test.each(['Revision', 'Package-Revision', 'Package_Revision'])(
    '%s is refused: dpkg makes it a part of the version, apt does not',
    async (field) => {
      const control = controlWith(`${field}: 7`)
      expect(await refusedBy(control)).toBe('nobody')
      expect(await readers.aptLists(debOf(control))).toContain('\nVersion: 1\n')
      expect(await readers.dpkgShows(debOf(control))).toBe('acme\t1-7\n')
      expect(await verdictOf(control)).toMatchObject({ expected: 'the revision in Version, after its last dash, in the control file' })
    },
  )

  test('Package is refused with capitals: dpkg installs it under another name than apt knows it by', async () => {
    const control = controlWith('Section: misc').replace('Package: acme', 'Package: Acme')
    expect(await refusedBy(control)).toBe('nobody')
    expect(await readers.aptLists(debOf(control))).toContain('Package: Acme\n')
    expect(await readers.dpkgShows(debOf(control))).toBe('acme\t1\n')
    expect(await verdictOf(control)).toMatchObject({ code: 'package/malformed', seen: '"Acme"' })
  })

  test.each([
    ['Description:\n', 'dpkg'],
    ['Description: \t\n', 'dpkg'],
    ['Homepage:\n', 'dpkg'],
    ['Description:\n\n', 'nobody'],
    ['Description:\n long\n', 'nobody'],
    ['Description:\nHomepage: x\n', 'nobody'],
  ])('that is the last, %j, is refused by %s', async (end, by) => {
    const control = controlWith('Section: misc').replace('Description: x\n', end)
    await expectAgreement(control, by)
  })
})

test('a control archive without an end is refused: dpkg reads it, and apt does not', async () => {
  const whole = makeTar([['./control', controlWith('Section: misc')]])
  const cut = makeDebOf({ control: whole.subarray(0, -1024) })
  expect([await readers.dpkgTakes(cut), await readers.aptLists(cut)]).toEqual([true, undefined])
  await expect(inspectDeb(inMemory('x', cut))).rejects.toThrow('an end of the control archive')
})

test('a blank before a field’s colon is refused, though dpkg and apt skip it: other readers do not find the field', async () => {
  const control = controlWith('Section: misc').replace('Package:', 'Package :')
  expect(await refusedBy(control)).toBe('nobody')
  expect(await verdictOf(control)).toMatchObject({ expected: 'a field in the control file' })
})
