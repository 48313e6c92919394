import { describe, expect, test } from 'vitest'
import { int16, int32, makeRpm, makeRpmOf, type RpmValue, strings, text, translated } from '../testing/packages/rpm.js'
import { inMemory } from './bytes.js'
import { describeRpm } from './rpm-describe.js'
import { altered, options } from './testing/odd-rpms.js'

const identity: Readonly<Record<number, RpmValue>> = {
  1000: text('acme'),
  1001: text('1.2'),
  1002: text('3'),
  1022: text('x86_64'),
  1044: text('acme-1.2-3.src.rpm'),
}

/** Describes a package of which this is the header. */
function read(values: Readonly<Record<number, RpmValue>>) {
  // Keys that are numbers come in ascending order.
  const entries = Object.entries({ ...identity, ...values }).map(([tag, value]) => [Number(tag), value] as const)
  return describeRpm(inMemory('x.rpm', makeRpmOf(entries)))
}

const raw = (type: number, count: number, data: string | Uint8Array): RpmValue => ({
  type,
  count,
  data: typeof data === 'string' ? Buffer.from(data, 'latin1') : data,
  align: 1,
})
const files = (names: readonly string[], folders: readonly string[], folderOf: readonly number[]) => ({
  1030: int16(...names.map(() => 0o100644)),
  1037: int32(...names.map(() => 0)),
  1116: int32(...folderOf),
  1117: strings(...names),
  1118: strings(...folders),
})

describe('an rpm', () => {
  test('that makeRpm made is described', async () => {
    const rpm = await describeRpm(inMemory('x.rpm', makeRpm({ ...options, epoch: 2, size: 7 })))
    expect(rpm).toMatchObject({
      identity: { name: 'acme', version: '2:1.2.3-1.el9' },
      epoch: 2,
      upstream: '1.2.3',
      texts: { summary: 'acme, made for a test', license: 'MIT', url: '', sourceRpm: 'acme-1.2.3-1.el9.src.rpm' },
      built: 1704067200,
      size: { installed: 7, archive: 0 },
      dependencies: { provides: [{ name: 'acme', flags: 8, version: '2:1.2.3-1.el9' }], conflicts: [] },
      files: [{ path: '/usr/share/acme/padding', type: 'file' }],
      changes: [],
    })
    expect(rpm.dependencies.requires.map(({ name }) => name)).toEqual(['rpmlib(CompressedFileNames)', 'rpmlib(FileDigests)'])
  })

  test('with next to nothing in its header is described', async () => {
    expect(await read({})).toMatchObject({ texts: { summary: '' }, built: 0, size: { installed: 0, archive: 0 }, files: [], changes: [] })
  })

  test('says the first of its translations, and lists that follow one another', async () => {
    const rpm = await read({
      1004: { ...translated('first'), count: 2, data: Buffer.from('first\0second\0') },
      1005: raw(6, 1, 'description\0'),
      1047: strings('a', '(b if c)'),
      1080: int32(20, 10),
      1081: strings('new', 'old'),
      1082: strings('- n', '- o'),
      1112: int32(8, 0),
      1113: strings('1:2-3', ''),
    })
    expect(rpm.texts).toMatchObject({ summary: 'first', description: 'description' })
    expect(rpm.dependencies.provides).toEqual([
      { name: 'a', flags: 8, version: '1:2-3' },
      { name: '(b if c)', flags: 0, version: '' },
    ])
    expect(rpm.changes.map(({ author, time }) => [author, time])).toEqual([
      ['new', 20],
      ['old', 10],
    ])
  })

  test('tells folders and ghosts from files', async () => {
    const rpm = await read({
      ...files(['a', 'b', 'c'], ['/x/', '/y/'], [0, 1, 1]),
      1030: int16(0o40755, 0o100644, 0o120777),
      1037: int32(0, 65, 1),
    })
    expect(rpm.files).toEqual([
      { path: '/x/a', type: 'dir' },
      { path: '/y/b', type: 'ghost' },
      { path: '/y/c', type: 'file' },
    ])
  })

  test('of the time before rpm 4 has whole names, and provides without versions', async () => {
    const rpm = await read({ 1027: strings('/a/b', '/c'), 1030: int16(0, 0o40000), 1037: int32(0, 0), 1047: strings('p') })
    expect(rpm.files.map(({ path }) => path)).toEqual(['/a/b', '/c'])
    expect(rpm.dependencies.provides).toEqual([{ name: 'p', flags: 0, version: '' }])
  })

  test('is read in UTF-8, or else in ISO 8859-1 as createrepo_c reads it, text by text', async () => {
    const rpm = await read({
      1004: raw(9, 1, 'caf\xe9 \x93\xc0\0'),
      1081: raw(8, 2, Buffer.concat([Buffer.from('Jörg 中\0'), Buffer.from('J\xf6rg\0', 'latin1')])),
      1080: int32(1, 1),
      1082: strings('', ''),
    })
    expect(rpm.texts.summary).toBe('café À')
    expect(rpm.changes.map(({ author }) => author)).toEqual(['Jörg 中', 'Jörg'])
  })
})

describe('an rpm is refused', () => {
  const refused = (code: string) => expect.objectContaining({ code: `package/${code}` })
  const many = Array.from({ length: 20_000 }, (_, at) => `${at}`)
  test.each<readonly [string, Readonly<Record<number, RpmValue>>, string]>([
    ['a text that does not end before the next value', { 1004: raw(9, 1, 'no end'), 1014: text('MIT') }, 'malformed'],
    ['a text that does not end before the end of the region', { 5011: raw(6, 1, 'no end'), 1020: raw(6, 1, 'none') }, 'malformed'],
    [
      'a list that has fewer texts than it says',
      { 1048: int32(0, 0, 0), 1049: strings('a', 'b', 'c'), 1050: raw(8, 3, '1\0a\0') },
      'malformed',
    ],
    ['several texts for one', { 1014: strings('MIT', 'BSD') }, 'malformed'],
    ['a number for a text', { 1014: int32(1) }, 'malformed'],
    ['a text for a list', { 1117: text('a') }, 'malformed'],
    ['numbers of another size', { ...files(['a'], ['/'], [0]), 1030: int32(0) }, 'malformed'],
    ['more names than flags', { 1047: strings('a', 'b'), 1112: int32(0), 1113: strings('', '') }, 'malformed'],
    ['names and flags, and no versions', { 1049: strings('a'), 1048: int32(0) }, 'malformed'],
    ['versions without names', { 1050: strings('1'), 1048: int32(0) }, 'malformed'],
    ['more files than modes', { ...files(['a', 'b'], ['/'], [0, 0]), 1030: int16(0) }, 'malformed'],
    ['more files than flags', { ...files(['a', 'b'], ['/'], [0, 0]), 1037: int32(0) }, 'malformed'],
    ['a file in a folder that there is not', files(['a'], ['/'], [1]), 'malformed'],
    ['a file in a folder of a negative number', files(['a'], ['/'], [-1]), 'malformed'],
    ['names of files in both ways', { ...files(['a'], ['/'], [0]), 1027: strings('/a') }, 'malformed'],
    ['more changes than times', { 1080: int32(1), 1081: strings('a', 'b'), 1082: strings('', '') }, 'malformed'],
    ['a control character in the name of a file', files(['a\u0001'], ['/'], [0]), 'malformed'],
    ['U+FFFF in the name of a file', files(['a\uffff'], ['/'], [0]), 'malformed'],
    ['a control character in a dependency', { 1047: strings('a\u001b[0m') }, 'malformed'],
    ['a word for an epoch in a dependency', { 1049: strings('a'), 1048: int32(8), 1050: strings('one:1') }, 'malformed'],
    ['a path that is too long', files(['a'], [`/${'b'.repeat(4094)}/`], [0]), 'too-large'],
    [
      'a folder that many files repeat',
      files(
        many,
        [`/${'b'.repeat(4000)}/`],
        many.map(() => 0),
      ),
      'too-large',
    ],
    ['more in its values than any package has', { 1005: raw(9, 1, Buffer.alloc(65 * 1024 * 1024)) }, 'too-large'],
    [
      'more in its values together',
      Object.fromEntries([1005, 1011, 1014].map((tag) => [tag, raw(6, 1, Buffer.alloc(25 * 1024 * 1024))])),
      'too-large',
    ],
  ])('for %s', async (_what, values, code) => {
    await expect(read(values)).rejects.toEqual(refused(code))
  })

  test('where its file ends within its header', async () => {
    const whole = makeRpm(options)
    const start = Buffer.from(whole).indexOf(Buffer.of(0x8e, 0xad, 0xe8, 0x01), 100)
    for (let size = 0; size < whole.length; size += size < start ? 16 : 3)
      await expect(describeRpm(inMemory('x.rpm', whole.subarray(0, size)))).rejects.toEqual(refused('malformed'))
  })

  test('or described, and nothing else, whatever a byte of its header is changed to', async () => {
    const whole = makeRpm(options)
    const start = Buffer.from(whole).indexOf(Buffer.of(0x8e, 0xad, 0xe8, 0x01), 100)
    const outcomes = new Set<string>()
    for (let at = start; at < start + 1100 && at < whole.length; at++) {
      for (const value of [0, 1, 9, 0x7f, 0xff]) {
        const bytes = Uint8Array.from(whole)
        bytes[at] = value
        const outcome = await describeRpm(inMemory('x.rpm', bytes)).catch((error: { code?: string }) => error.code ?? String(error))
        outcomes.add(typeof outcome === 'string' ? outcome : 'described')
      }
    }
    expect([...outcomes].sort()).toEqual(['described', 'package/malformed', 'package/too-large'])
  })

  test('for a count that is larger than its values', async () => {
    const bytes = altered((header, entry) => header.setUint32(entry(1117) + 12, 2))
    await expect(describeRpm(inMemory('x.rpm', bytes))).rejects.toEqual(refused('malformed'))
  })
})
