import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { kinds, ofEach } from './kinds.js'
import { type Metadata, mergePackages, noMetadata, writeDocument } from './metadata.js'
import { readMetadata } from './read-metadata.js'
import { documentsOf, packageOf } from './testing/packages.js'
import type { YumPackage } from './yum-package.js'

const written = (metadata: Metadata) => ofEach((kind) => writeDocument(metadata, kind))
const text = (metadata: Metadata) => kinds.map((kind) => writeDocument(metadata, kind).toString())
const added = (...packages: readonly YumPackage[]) => mergePackages(noMetadata, packages).metadata
const elementsOf = (one: YumPackage) => ofEach((kind) => Buffer.from(one.elements[kind]).toString())

describe('packages that are added', () => {
  test('are written, and read again as they were', () => {
    const metadata = added(packageOf('1'), packageOf('2'))
    expect(readMetadata(written(metadata))).toEqual(metadata)
    expect(text(metadata)[0]).toMatch(
      /^<\?xml version="1.0" encoding="UTF-8"\?>\n<metadata xmlns="\S+" xmlns:rpm="\S+" packages="2">\n<package /,
    )
  })

  test('become the same documents in whatever order and parts they come', () => {
    const some = fc.uniqueArray(fc.integer({ min: 0, max: 30 }), { maxLength: 12 }).map((all) => all.map((at) => packageOf(`1.${at}`)))
    fc.assert(
      fc.property(some, some, (one, other) => {
        const whole = text(added(...one, ...other))
        expect(text(added(...[...one, ...other].reverse()))).toEqual(whole)
        expect(text(mergePackages(added(...one), other).metadata)).toEqual(whole)
        expect(text(mergePackages(added(...other), one).metadata)).toEqual(whole)
      }),
    )
  })

  test('leave everything that was there as it was, byte for byte', () => {
    const before = readMetadata(
      documentsOf({
        primary: `${elementsOf(packageOf('1')).primary.replace('<name>', '<!-- kept --><x:odd xmlns:x="y"/>\n<name>')}\n\n`,
        filelists: elementsOf(packageOf('1')).filelists,
        other: elementsOf(packageOf('1')).other.replaceAll('"', "'"),
      }),
    )
    const after = readMetadata(written(mergePackages(before, [packageOf('2')]).metadata))
    expect(after.packages).toHaveLength(2)
    for (const one of before.packages) expect(after.packages).toContainEqual(one)
  })

  test('are not added again, wherever their file is', () => {
    const before = added(packageOf('1'))
    const { metadata, present, conflicts } = mergePackages(before, [packageOf('1', '1', 'elsewhere.rpm'), packageOf('1')])
    expect(text(metadata)).toEqual(text(before))
    expect(present.map(({ href }) => href).sort()).toEqual(['acme-1.rpm', 'elsewhere.rpm'])
    expect(conflicts).toEqual([])
  })

  test('are not added beside another file of the same name, version and architecture', () => {
    const before = added(packageOf('1'))
    const { metadata, conflicts } = mergePackages(before, [packageOf('1', 'other bytes'), packageOf('2')])
    expect(conflicts).toEqual([{ added: packageOf('1', 'other bytes'), present: packageOf('1') }])
    expect(text(metadata)).toEqual(text(added(packageOf('1'), packageOf('2'))))
  })

  test('of which two are at odds are added alike in every order', () => {
    const [one, other] = [packageOf('1', 'one'), packageOf('1', 'other')]
    const [first, second] = [mergePackages(noMetadata, [one, other]), mergePackages(noMetadata, [other, one])]
    expect(first).toEqual(second)
    expect(first.conflicts).toHaveLength(1)
  })

  test('count as other files where the repository has checksums of another type', () => {
    const sha1 = { type: 'sha', value: 'a'.repeat(40) }
    const before = { ...noMetadata, packages: [{ ...packageOf('1'), checksum: sha1 }] }
    expect(mergePackages(before, [packageOf('1')])).toMatchObject({ conflicts: [{ present: { checksum: sha1 } }] })
  })

  test('do not settle what a repository is at odds about itself', () => {
    const before = { ...noMetadata, packages: [packageOf('1', 'one'), packageOf('1', 'other')] }
    const { metadata, conflicts } = mergePackages(before, [packageOf('2')])
    expect(metadata.packages).toHaveLength(3)
    expect(conflicts).toEqual([])
  })
})

describe('documents', () => {
  const one = elementsOf(packageOf('1'))

  test('keep what their roots declare', () => {
    const metadata = readMetadata(documentsOf(one, ' xmlns:suse="http://example.com/?a&amp;b" packages="7"'))
    expect(text(metadata)[0]).toContain(' xmlns:suse="http://example.com/?a&amp;b" packages="1">')
  })

  test('may have an epoch or not, no size, and digits of either case', () => {
    const odd = {
      primary: one.primary
        .replace('epoch="0" ', '')
        .replace(/<size.*>/, '')
        .replace(/(?<=YES">)\w+/, (digits) => digits.toUpperCase()),
      filelists: one.filelists,
      other: one.other,
    }
    expect(readMetadata(documentsOf(odd)).packages).toMatchObject([{ epoch: '0', size: undefined, checksum: packageOf('1').checksum }])
  })

  const broken =
    (change: Partial<typeof one>, attributes = '') =>
    () =>
      readMetadata(documentsOf({ ...one, ...change }, attributes))
  test.each([
    ['filelists lists another package', { filelists: elementsOf(packageOf('2')).filelists }],
    ['filelists lists one more', { filelists: one.filelists + elementsOf(packageOf('2')).filelists }],
    ['filelists lists one twice', { filelists: one.filelists + one.filelists }],
    ['other lists none', { other: '' }],
    ['primary lists none', { primary: '' }],
    ['primary lists one twice', { primary: one.primary + one.primary }],
    ['a package has no pkgid', { other: one.other.replace(/pkgid="\w+"/, '') }],
    ['a package has no checksum', { primary: one.primary.replace(/<checksum.*>/, '') }],
    ['a package has two checksums', { primary: one.primary.replace(/(<checksum.*>)/, '$1$1') }],
    ['a checksum is too short', { primary: one.primary.replace(/(?<=YES">)\w/, '') }],
    ['a checksum is of an unknown type', { primary: one.primary.replace('type="sha256"', 'type="constructor"') }],
    ['a package has two names', { primary: one.primary.replace('<name>', '<name>x</name><name>') }],
    ['a package has no place', { primary: one.primary.replace(/<location.*>/, '') }],
    ['a package has no version', { primary: one.primary.replace(/ver="[^"]*"/, '') }],
    ['a package is of another type', { primary: one.primary.replace('type="rpm"', 'type="deb"') }],
    ['a size is no number', { primary: one.primary.replace('package="5"', 'package="many"') }],
    ['there is something else among the packages', { primary: `${one.primary}<delta/>` }],
    ['there is text among the packages', { other: `${one.other}x` }],
    ['a package is not well-formed', { filelists: one.filelists.replace('</package>', '<file></package>') }],
    ['a package has an entity', { filelists: one.filelists.replace('</package>', '<file>&x;</file></package>') }],
  ])('are refused where %s', (_what, change) => {
    expect(broken(change)).toThrow(expect.objectContaining({ code: 'repository/index-broken' }))
  })

  test('are refused where a root is of another namespace', () => {
    const documents = documentsOf(one)
    const other = Buffer.from(documents.other.toString().replace('metadata/other', 'metadata/another'))
    expect(() => readMetadata({ ...documents, other })).toThrow(/^other cannot be read: "xmlns of <otherdata> is not http/)
    const primary = Buffer.from(documents.primary.toString().replace('metadata/rpm', 'metadata/rpm2'))
    expect(() => readMetadata({ ...documents, primary })).toThrow('primary cannot be read')
  })

  test('that are named for one another are refused', () => {
    const { primary, filelists, other } = documentsOf(one)
    expect(() => readMetadata({ primary, filelists: other, other: filelists })).toThrow('filelists cannot be read')
  })

  test('cannot put anything into the message of their refusal', () => {
    const evil = 'section_start:1:x\r\u001b[0K'
    expect(broken({ primary: `<name>${evil}</name>` })).toThrow(/^[\x20-\x7e\n]+$/)
    expect(broken({ primary: `<a>&${'x'.repeat(100_000)};</a>` })).toThrow(/^.{0,400}$/s)
  })
})
