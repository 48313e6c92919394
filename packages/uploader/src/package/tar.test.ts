import { describe, expect, test } from 'vitest'
import { makeTar, withChecksum } from '../testing/packages/index.js'
import { latin1 } from './bytes.js'
import { PackageError } from './error.js'
import { fileInTar } from './tar.js'

/** The archive with its first header changed, and the checksum of that made right. */
function changed(tar: Uint8Array, change: (header: Buffer) => void): Uint8Array {
  const bytes = Buffer.from(tar)
  withChecksum(bytes.subarray(0, 512), change)
  return bytes
}

/** A control archive in which one entry is a link. */
function linked(type: '1' | '2', target: string, name = './postinst', content = ''): Uint8Array {
  const before = makeTar([
    ['./preinst', 'script'],
    ['./d/', ''],
    ['./d/x', 'a'],
    ['./control', 'found'],
  ]).subarray(0, -1024)
  const link = changed(makeTar([[name, content, type]]), (header) => header.write(target, 157)).subarray(0, -1024)
  return Buffer.concat([before, link, makeTar([['./prerm', 'other']])])
}

const find = (tar: Uint8Array) => latin1(fileInTar(tar, 'control', 'x'))

describe('fileInTar', () => {
  test.each(['./control', 'control'])('finds the file as %s', (name) => {
    expect(
      find(
        makeTar([
          ['./', ''],
          ['./md5sums', 'a'],
          [name, 'found'],
          ['./postinst', 'b'],
        ]),
      ),
    ).toBe('found')
  })

  test('finds it below extended headers about times', () => {
    expect(
      find(
        makeTar([
          ['pax', '27 mtime=1700000000.123456\n', 'x'],
          ['./control', 'found'],
        ]),
      ),
    ).toBe('found')
  })

  test('finds it beside whatever else may be in a control archive', () => {
    const others = makeTar([
      ['pax', '27 mtime=1700000000.123456\n', 'g'],
      [`./${'n'.repeat(98)}`, 'a'],
      ['./old', 'b', '\0'],
      ['./d', '', '5'],
      ['.', '', '5'],
      ['', ''],
      ['./control', 'found', '\0'],
    ])
    expect(find(others)).toBe('found')
  })

  test.each(['./preinst', 'preinst'])('finds it beside a hard link to %s, as dpkg-deb packs two scripts that are one file', (target) => {
    expect(find(linked('1', target))).toBe('found')
  })

  test('does not take a file of that name in a directory for it', () => {
    expect(
      find(
        makeTar([
          ['./d/control', 'other'],
          ['./control', 'found'],
        ]),
      ),
    ).toBe('found')
  })

  test.each([
    [
      'no such file',
      makeTar([
        ['./', ''],
        ['./controls', 'a'],
      ]),
    ],
    ['an empty archive', makeTar([])],
    [
      'the file twice',
      makeTar([
        ['./control', 'a'],
        ['./control', 'b'],
      ]),
    ],
    [
      'the file twice, by different names',
      makeTar([
        ['./control', 'a'],
        ['control', 'b'],
      ]),
    ],
    ['a directory of that name', makeTar([['./control/', '']])],
    ['a file of that name with a slash', makeTar([['./control/', '', '0']])],
    ['the name in a spelling that apt does not know', makeTar([['.//control', 'a']])],
    ['the name with a dot behind it', makeTar([['./control/.', 'a']])],
    ['the name as an absolute path', makeTar([['/control', 'a']])],
    [
      'an absolute path',
      makeTar([
        ['./control', 'a'],
        ['/etc/passwd', 'b'],
      ]),
    ],
    [
      'what was a directory in the oldest tar, with content',
      makeTar([
        ['./d/', makeTar([['./control', 'b']]), '0'],
        ['./control', 'a'],
      ]),
    ],
    [
      'a name in two parts, which apt reads as its second',
      Buffer.concat([
        makeTar([['./control', 'a']]).subarray(0, 1024),
        changed(makeTar([['control', 'b']]), (header) => header.write('d', 345)),
      ]),
    ],
    ['a sparse file', makeTar([['./control', 'a', 'S']])],
    ['a contiguous file', makeTar([['./control', 'a', '7']])],
    ['a size in base 256', changed(makeTar([['./control', 'a']]), (header) => header.write('\x80\0\0\0\0\0\0\0\0\0\0\x01', 124, 'latin1'))],
    [
      'a directory without a slash, with content',
      makeTar([
        ['./control', 'a'],
        ['./d', 'b', '5'],
      ]),
    ],
    [
      'something behind the digits of a size',
      changed(makeTar([['./control', 'a']]), (header) => header.write('00000000001x', 124, 'latin1')),
    ],
    [
      'an extended header with something in front',
      makeTar([
        ['pax', 'x9 uid=0 \n', 'x'],
        ['./control', 'b'],
      ]),
    ],
    [
      'an extended header that is longer than it is',
      makeTar([
        ['pax', '11 uid=0 \n', 'x'],
        ['./control', 'b'],
      ]),
    ],
    [
      'an extended header whose record has no end',
      makeTar([
        ['pax', '9 uid=0 x\n', 'x'],
        ['./control', 'b'],
      ]),
    ],
    [
      'an extended header that is none',
      makeTar([
        ['pax', 'uid=0\n', 'x'],
        ['./control', 'b'],
      ]),
    ],
    ['a negative size', changed(makeTar([['./control', 'a']]), (header) => header.write('-0000000001\0', 124, 'latin1'))],
    ['a size without digits', changed(makeTar([['./control', 'a']]), (header) => header.write('           \0', 124, 'latin1'))],
    ['a size of eight GiB', changed(makeTar([['./control', 'a']]), (header) => header.write('77777777777\0', 124, 'latin1'))],
    ['no end', makeTar([['./control', 'a']]).subarray(0, 1024)],
    ['an end in the middle of the last block', makeTar([['./control', 'a']]).subarray(0, 700)],
    [
      'an extended header of a megabyte',
      makeTar([
        ['pax', '8 uid=0\n'.repeat(2 ** 17), 'x'],
        ['./control', 'b'],
      ]),
    ],
    ['a path that leads upwards', makeTar([['./x/../control', 'a']])],
    [
      'a path that leads out',
      makeTar([
        ['../control', 'a'],
        ['./control', 'b'],
      ]),
    ],
    ['a symbolic link', linked('2', 'preinst')],
    ['a hard link to nothing', linked('1', '')],
    ['a hard link to the control file', linked('1', './control')],
    ['a hard link to a file that is not there', linked('1', './postrm')],
    ['a hard link to a file behind it', linked('1', './prerm')],
    ['a hard link to a directory', linked('1', './d')],
    ['a hard link into a directory', linked('1', './d/x')],
    ['a hard link to itself', linked('1', './postinst')],
    ['a hard link out of the archive', linked('1', '../preinst')],
    ['a hard link to an absolute path', linked('1', '/preinst')],
    ['a hard link in a directory', linked('1', './preinst', './d/postinst')],
    ['a hard link of the control file', linked('1', './preinst', './control')],
    ['a hard link of the control file, spelled otherwise', linked('1', './preinst', './/control')],
    ['a hard link of the folder', linked('1', './preinst', './')],
    ['a hard link with content', linked('1', './preinst', './postinst', 'Package: evil\n')],
    [
      'a device',
      makeTar([
        ['./control', 'a'],
        ['./x', '', '3'],
      ]),
    ],
    [
      "GNU's header for long names",
      makeTar([
        ['././@LongLink', 'control\0', 'L'],
        ['./x', 'a'],
      ]),
    ],
    [
      'an extended header that renames',
      makeTar([
        ['pax', '16 path=control\n', 'x'],
        ['./x', 'a'],
        ['./control', 'b'],
      ]),
    ],
    [
      'an extended header that renames after a harmless record',
      makeTar([
        ['pax', '9 uid=0 \n16 path=control\n', 'x'],
        ['./control', 'b'],
      ]),
    ],
    [
      'an extended header of no length',
      makeTar([
        ['pax', '0 mtime=1\n', 'x'],
        ['./control', 'b'],
      ]),
    ],
    [
      'a directory with content',
      makeTar([
        ['./d/', 'a'],
        ['./control', 'b'],
      ]),
    ],
    ['more after the end', Buffer.concat([makeTar([['./control', 'a']]), makeTar([['./control', 'b']])])],
    ['more after one empty block', Buffer.concat([makeTar([['./control', 'a']]).subarray(0, 1536), makeTar([['./control', 'b']])])],
    ['a file that is longer than the archive', makeTar([['./control', 'a'.repeat(2000)]]).subarray(0, 1024)],
    ['half a header', makeTar([['./control', 'a']]).subarray(0, 300)],
  ])('refuses %s', (_what, tar) => {
    expect(() => find(tar)).toThrow(PackageError)
  })

  test('refuses a header with a wrong checksum, or a size that is no octal number', () => {
    const renamed = Buffer.from(makeTar([['./xontrol', 'a']]))
    renamed.write('c', 2)
    expect(() => find(renamed)).toThrow('a tar header at byte 0')

    const sized = changed(makeTar([['./control', 'a']]), (header) => header.fill(0xff, 124, 136))
    expect(() => find(sized)).toThrow('an octal size')
  })
})
