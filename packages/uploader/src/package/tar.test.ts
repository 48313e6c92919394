import { describe, expect, test } from 'vitest'
import { makeTar } from '../testing/packages/index.js'
import { latin1 } from './bytes.js'
import { PackageError } from './error.js'
import { fileInTar } from './tar.js'

const find = (tar: Uint8Array) => latin1(fileInTar(tar, 'control', 'x'))

describe('fileInTar', () => {
  test.each(['./control', 'control', './/./control'])('finds the file as %s', (name) => {
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
    ['a path that leads upwards', makeTar([['./x/../control', 'a']])],
    [
      'a path that leads out',
      makeTar([
        ['../control', 'a'],
        ['./control', 'b'],
      ]),
    ],
    [
      'a symbolic link',
      makeTar([
        ['./control', 'a'],
        ['./x', '', '2'],
      ]),
    ],
    [
      'a hard link',
      makeTar([
        ['./control', 'a'],
        ['./x', '', '1'],
      ]),
    ],
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

    const sized = Buffer.from(makeTar([['./control', 'a']]))
    sized.fill(0xff, 124, 136)
    sized.write('        ', 148)
    sized.write(
      `${sized
        .subarray(0, 512)
        .reduce((sum, byte) => sum + byte, 0)
        .toString(8)
        .padStart(6, '0')}\0`,
      148,
    )
    expect(() => find(sized)).toThrow('an octal size')
  })
})
