import { createHash } from 'node:crypto'
import { gunzipSync, gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { kinds, ofEach } from './kinds.js'
import { type PackedDocument, packDocument, unpackDocument } from './packed.js'
import { readRepomd, writeRepomd } from './repomd.js'

const sum = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const pack = async (text = 'x') => {
  const [primary, filelists, other] = await Promise.all(kinds.map((kind) => packDocument(kind, Buffer.from(`${kind} ${text}`))))
  // There are three kinds.
  return { primary, filelists, other } as Record<(typeof kinds)[number], PackedDocument>
}
const packed = await pack()

/** A repomd.xml with these records behind the three. */
const repomdWith = (records: string, change: (text: string) => string = (text) => text) =>
  Buffer.from(change(writeRepomd(packed, 100).toString().replace('</repomd>', `${records}</repomd>`)))
const data = (type: string, time = 50) =>
  `<data type="${type}">\n<checksum type="sha256">${'b'.repeat(64)}</checksum><location href='repodata/${type}.xml'/><timestamp>${time}</timestamp>\n</data>`

describe('a repomd.xml', () => {
  test('names the documents that it was written for', () => {
    const repomd = readRepomd(writeRepomd(packed, 100.9))
    expect(repomd.documents).toEqual(
      ofEach((kind) => ({
        checksum: { type: 'sha256', value: packed[kind].sha256 },
        size: packed[kind].bytes.length,
        openSize: kind.length + 2,
        href: `repodata/${packed[kind].sha256}-${kind}.xml.gz`,
      })),
    )
    expect(repomd).toMatchObject({ time: 100, outdated: [], kept: { heads: [], records: [] } })
  })

  test('keeps records of other types, and what describes the repository, word for word', () => {
    const records = [
      'group',
      'group_gz',
      'group_zck',
      'updateinfo',
      'updateinfo_zck',
      'modules',
      'prestodelta',
      'primaryish',
      'x<y&amp;'.replace('<', '&lt;'),
    ]
    const tags = '<tags>\n  <distro cpeid="cpe:/o:é">A &amp; B</distro>\n  </tags>'
    const before = repomdWith(records.map((type) => data(type)).join('\n'), (text) =>
      text.replace('<data', `${tags}<repoid type="sha256">r</repoid><data`),
    )
    const after = writeRepomd(packed, 200, readRepomd(before)).toString()
    for (const part of [tags, '<repoid type="sha256">r</repoid>', ...records.map((type) => data(type))])
      expect(after.split(part)).toHaveLength(2)
    expect(readRepomd(Buffer.from(after)).kept).toEqual(readRepomd(before).kept)
  })

  test('leaves out other forms of the three, which clients would read instead and not see what was added', () => {
    const forms = kinds.flatMap((kind) => [`${kind}_db`, `${kind}_zck`]).concat('filelists-ext', 'filelists-ext_zck')
    const repomd = readRepomd(
      repomdWith(forms.map((type) => data(type)).join('') + data('group'), (text) =>
        text.replace('<data', '<contenthash type="sha256">x</contenthash><data'),
      ),
    )
    expect(repomd.outdated).toEqual(forms)
    const after = writeRepomd(packed, 1, repomd).toString()
    expect(after).not.toMatch(/_db|primary_zck|filelists_zck|other_zck|-ext|contenthash/)
    expect(after).toContain(data('group'))
  })

  test('keeps the attributes of its root, on which kept records may depend', () => {
    const before = repomdWith('<suse:x/>', (text) => text.replace('<repomd ', '<repomd xmlns:suse="http://example.com/?&amp;" '))
    expect(writeRepomd(packed, 1, readRepomd(before)).toString()).toContain('<repomd xmlns:suse="http://example.com/?&amp;" xmlns="')
  })

  test.each([
    ['the clock', 300, '', 300],
    ['the revision before', 7, '', 101],
    ['the latest document before, rounded up', 7, data('group', 150.25), 152],
    ['the clock where a revision is a word', 120, '<revision>word</revision>', 120],
  ])('has a time of %s', (_what, now, records, time) => {
    const before = readRepomd(repomdWith(records))
    const after = writeRepomd(packed, now, before).toString()
    expect(after).toContain(`<revision>${time}</revision>`)
    expect(after.match(new RegExp(`<timestamp>${time}</timestamp>`, 'g'))).toHaveLength(3)
  })

  const [first = ''] = /<data.*?<\/data>/s.exec(writeRepomd(packed, 1).toString()) ?? []
  test.each<readonly [string, (text: string) => string]>([
    ['does not name primary', (text) => text.replace(/<data type="primary">.*?<\/data>/s, '')],
    ['does not name other', (text) => text.replace(/<data type="other">.*?<\/data>/s, '')],
    ['names primary twice', (text) => text.replace('</repomd>', `${first}</repomd>`)],
    ['has a record without a type', (text) => text.replace('</repomd>', '<data/></repomd>')],
    ['has no checksum for one', (text) => text.replace(/<checksum.*>/, '')],
    ['has two for one', (text) => text.replace(/(<checksum.*>)/, '$1$1')],
    ['has a checksum of the wrong length', (text) => text.replace(/(?<=<checksum type="sha)256/, '512')],
    ['has a size that is no number', (text) => text.replace(/<size>\d+/, '<size>-1')],
    ['names a document elsewhere', (text) => text.replace('<location ', '<location xml:base="https://example.com/" ')],
    ...[
      '/etc/passwd',
      'repodata/../../x.xml',
      './x.xml',
      'https://example.com/x.xml',
      'a//b.xml',
      'a\\b.xml',
      'a?b.xml',
      'a%2e.xml',
      'é.xml',
      '',
    ].map((href) => [`names a document at ${href}`, (text: string) => text.replace(/href="[^"]*"/, `href="${href}"`)] as const),
    ['is no XML', () => 'not found'],
    ['is empty', () => ''],
    ['has a document type', (text) => text.replace('<repomd', '<!DOCTYPE repomd><repomd')],
    ['is too long', (text) => text.replace('</repomd>', `${' '.repeat(1024 * 1024)}</repomd>`)],
  ])('is refused where it %s', (_what, change) => {
    expect(() => readRepomd(repomdWith('', change))).toThrow(expect.objectContaining({ code: 'repository/index-broken' }))
  })
})

describe('a document', () => {
  test('is packed and unpacked, and equal ones become equal bytes', async () => {
    const { primary } = await pack()
    expect(primary).toEqual(packed.primary)
    expect(primary.href).toBe(`repodata/${sum(primary.bytes)}-primary.xml.gz`)
    expect(gunzipSync(primary.bytes).toString()).toBe('primary x')
    const record = readRepomd(writeRepomd(packed, 1)).documents.primary
    expect(Buffer.from(await unpackDocument(record, primary.bytes)).toString()).toBe('primary x')
    // When, on which system: nothing of that is in it.
    expect([...primary.bytes.subarray(3, 10)]).toEqual([0, 0, 0, 0, 0, 0, 255])
  })

  const record = (bytes: Uint8Array, href: string, openSize?: number) => ({
    checksum: { type: 'sha256', value: sum(bytes) },
    size: undefined,
    openSize,
    href,
  })
  test.each([
    ['plain', Buffer.from('text'), 'repodata/a.xml'],
    ['by gzip in two members', Buffer.concat([gzipSync('te'), gzipSync('xt')]), 'repodata/a.xml.gz'],
  ])('%s is read, whatever size repomd.xml says of it', async (_what, bytes, href) => {
    for (const openSize of [undefined, 0, 3, 4, 5, Number.MAX_SAFE_INTEGER])
      expect(Buffer.from(await unpackDocument(record(bytes, href, openSize), bytes)).toString()).toBe('text')
  })

  test('has the checksum of its type', async () => {
    const bytes = Buffer.from('text')
    for (const [type, hash] of [
      ['sha', 'sha1'],
      ['sha1', 'sha1'],
      ['md5', 'md5'],
      ['sha512', 'sha512'],
    ] as const) {
      const value = createHash(hash).update(bytes).digest('hex')
      expect(await unpackDocument({ ...record(bytes, 'a.xml'), checksum: { type, value } }, bytes)).toEqual(bytes)
    }
  })

  test.each([
    ['has other bytes', Buffer.from('a'), { ...record(Buffer.from('b'), 'a.xml') }],
    ['has another size', Buffer.from('a'), { ...record(Buffer.from('a'), 'a.xml'), size: 2 }],
    ['is packed by bzip2', Buffer.from('a'), record(Buffer.from('a'), 'a.xml.bz2')],
    ['is no document', Buffer.from('a'), record(Buffer.from('a'), 'a.sqlite')],
    ['is not what its name says', Buffer.from('a'), record(Buffer.from('a'), 'a.xml.gz')],
    ['is no xz', Buffer.from('a'), record(Buffer.from('a'), 'a.xml.xz')],
    ['is no zstd', Buffer.from('a'), record(Buffer.from('a'), 'a.xml.zst')],
    ['ends early', gzipSync('a'.repeat(1000)).subarray(0, 20), record(gzipSync('a'.repeat(1000)).subarray(0, 20), 'a.xml.gz')],
  ])('that %s is refused', async (_what, bytes, record) => {
    await expect(unpackDocument(record, bytes)).rejects.toMatchObject({ code: 'repository/index-broken' })
  })

  test('that is a bomb is left at the limit', async () => {
    const bomb = gzipSync(Buffer.alloc(513 * 1024 * 1024), { level: 1 })
    await expect(unpackDocument(record(bomb, 'a.xml.gz'), bomb)).rejects.toThrow('has more than')
  }, 60_000)
})
