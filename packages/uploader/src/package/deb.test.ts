import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { makeAr, makeDeb, makeDebOf, makeTar } from '../testing/packages/index.js'
import { inMemory } from './bytes.js'
import { inspectDeb } from './deb.js'
import { PackageError } from './error.js'

const control = makeTar([['./control', 'Package: acme\nVersion: 1.2.3\nArchitecture: amd64\n']])
const data = makeTar([])
const inspect = (bytes: Uint8Array) => inspectDeb(inMemory('x', bytes))
/** A package in order, as far as the data archive, with these members after the control archive. */
const sound = (...others: (readonly [string, string | Uint8Array])[]) =>
  makeAr([['debian-binary', '2.0\n'], ['control.tar', control], ...others])
const withControl = (text: string) => inspect(makeDebOf({ control: makeTar([['./control', text]]) }))

describe('inspectDeb', () => {
  test.each([
    [
      'signatures at the end',
      [
        ['debian-binary', '2.0\n'],
        ['control.tar', control],
        ['data.tar', data],
        ['_gpgorigin', 'a'],
      ],
    ],
    [
      'members with _ in between',
      [
        ['debian-binary', '2.0\n'],
        ['_a', 'a'],
        ['control.tar', control],
        ['_b', 'b'],
        ['data.tar', data],
      ],
    ],
    [
      'names that end in a slash',
      [
        ['debian-binary/', '2.0\n'],
        ['control.tar/', control],
        ['data.tar.xz/', data],
      ],
    ],
    [
      'a later minor version',
      [
        ['debian-binary', '2.1\nmore\n'],
        ['control.tar', control],
        ['data.tar', data],
      ],
    ],
  ] as const)('accepts %s', async (_what, members) => {
    expect(await inspect(makeAr(members))).toMatchObject({ name: 'acme', version: '1.2.3', architecture: 'amd64' })
  })

  test.each(['data.tar', 'data.tar.gz', 'data.tar.xz', 'data.tar.zst', 'data.tar.bz2', 'data.tar.lzma'])(
    'accepts %s, whatever is in it',
    async (name) => {
      expect(await inspect(sound([name, 'anything']))).toMatchObject({ name: 'acme' })
    },
  )

  test('wants the byte that makes the last size even, whichever it is: apt refuses a file without it', async () => {
    const bytes = Uint8Array.from(sound(['data.tar', ''], ['_a', 'a']))
    bytes[bytes.length - 1] = 0
    expect(await inspect(bytes)).toMatchObject({ name: 'acme' })
    await expect(inspect(bytes.subarray(0, -1))).rejects.toMatchObject({ code: 'package/malformed' })
  })

  test.each(['x-data.tar', 'my-control.tar', 'debian-binary-2', 'sums'])('accepts a further member %s', async (name) => {
    expect(await inspect(sound(['data.tar', data], [name, 'anything']))).toMatchObject({ name: 'acme' })
  })

  test('refuses a header that does not end as ar has it', async () => {
    const bytes = Buffer.from(sound(['data.tar', data]))
    bytes.write('x\n', bytes.indexOf('data.tar') + 58)
    await expect(inspect(bytes)).rejects.toThrow('expected an ar header at byte')
  })

  test.each(['2.10\n', '2.999\nmore'])('accepts version %j of the format', async (version) => {
    const bytes = makeAr([
      ['debian-binary', version],
      ['control.tar', control],
      ['data.tar', data],
    ])
    expect(await inspect(bytes)).toMatchObject({ name: 'acme' })
  })

  test.each(['12.0\n', '2.0', '2\n', '2.x\n', '', `${'\n'.repeat(70)}2.0\n`, `2.${'0'.repeat(70)}\n`])(
    'refuses version %j of the format',
    async (version) => {
      const bytes = makeAr([
        ['debian-binary', version],
        ['control.tar', control],
        ['data.tar', data],
      ])
      await expect(inspect(bytes)).rejects.toThrow('version 2 of the .deb format')
    },
  )

  test.each([
    ["BSD's form for long names", '#1/14', Buffer.concat([Buffer.from('control.tar.gz'), gzipSync(control)])],
    ["GNU's table of long names", '//', 'control.tar.gz/\n'],
    ["GNU's long name by number", '/0', gzipSync(control)],
    ["GNU's table of symbols", '/', ''],
    ['two slashes at the end, which apt takes off', 'control.tar.gz//', gzipSync(control)],
    ['a space within', '_a b', ''],
    ['a NUL', 'control.tar\0x', control],
    ['no name', '', ''],
    ['debian-binary again', 'debian-binary', '2.0\n'],
    ['control.tar in another compression', 'control.tar.gz', gzipSync(control)],
    ['data.tar again', 'data.tar.xz', data],
  ])('refuses a further member with %s', async (_what, name, content) => {
    await expect(inspect(sound(['data.tar', data], [name, content]))).rejects.toMatchObject({ code: 'package/malformed' })
  })

  test.each(['.lzma', '.bz2', '.lz4', '.GZ', '.Z', '.'])('says that control.tar%s is packed in a way that is not read', async (suffix) => {
    const bytes = makeAr([
      ['debian-binary', '2.0\n'],
      [`control.tar${suffix}`, control],
      ['data.tar', data],
    ])
    await expect(inspect(bytes)).rejects.toMatchObject({
      code: 'package/unsupported',
      expected: 'control.tar, control.tar.gz, .xz or .zst',
      seen: `"control.tar${suffix}"`,
      next: expect.stringContaining('dpkg-deb -Zxz'),
    })
  })

  test.each([
    [
      'version 3',
      [
        ['debian-binary', '3.0\n'],
        ['control.tar', control],
        ['data.tar', data],
      ],
      'package/malformed',
    ],
    [
      'no version',
      [
        ['control.tar', control],
        ['data.tar', data],
      ],
      'package/malformed',
    ],
    [
      'no control archive',
      [
        ['debian-binary', '2.0\n'],
        ['data.tar', data],
      ],
      'package/malformed',
    ],
    [
      'no data archive',
      [
        ['debian-binary', '2.0\n'],
        ['control.tar', control],
      ],
      'package/malformed',
    ],
    [
      'the data archive first',
      [
        ['debian-binary', '2.0\n'],
        ['data.tar', data],
        ['control.tar', control],
      ],
      'package/malformed',
    ],
    [
      'two control archives',
      [
        ['debian-binary', '2.0\n'],
        ['control.tar', control],
        ['data.tar', data],
        ['control.tar.gz', 'a'],
      ],
      'package/malformed',
    ],
    [
      'a data archive with something before its name',
      [
        ['debian-binary', '2.0\n'],
        ['control.tar', control],
        ['xdata.tar', data],
      ],
      'package/malformed',
    ],
    [
      'a data archive that nothing unpacks',
      [
        ['debian-binary', '2.0\n'],
        ['control.tar', control],
        ['data.tar.foo', data],
      ],
      'package/malformed',
    ],
    [
      'something else in between',
      [
        ['debian-binary', '2.0\n'],
        ['other', 'a'],
        ['control.tar', control],
        ['data.tar', data],
      ],
      'package/malformed',
    ],
    [
      'an unknown compression',
      [
        ['debian-binary', '2.0\n'],
        ['control.tar.bz2', control],
        ['data.tar', data],
      ],
      'package/unsupported',
    ],
    [
      'a broken control.tar.gz',
      [
        ['debian-binary', '2.0\n'],
        ['control.tar.gz', 'nonsense'],
        ['data.tar', data],
      ],
      'package/malformed',
    ],
    [
      'a broken control.tar.xz',
      [
        ['debian-binary', '2.0\n'],
        ['control.tar.xz', 'nonsense'],
        ['data.tar', data],
      ],
      'package/malformed',
    ],
    [
      'a broken control.tar.zst',
      [
        ['debian-binary', '2.0\n'],
        ['control.tar.zst', 'nonsense'],
        ['data.tar', data],
      ],
      'package/malformed',
    ],
    [
      'an empty control.tar.gz',
      [
        ['debian-binary', '2.0\n'],
        ['control.tar.gz', ''],
        ['data.tar', data],
      ],
      'package/malformed',
    ],
    [
      'an empty control.tar.xz',
      [
        ['debian-binary', '2.0\n'],
        ['control.tar.xz', ''],
        ['data.tar', data],
      ],
      'package/malformed',
    ],
    [
      'an empty control.tar.zst',
      [
        ['debian-binary', '2.0\n'],
        ['control.tar.zst', ''],
        ['data.tar', data],
      ],
      'package/malformed',
    ],
    [
      'a control archive of 17 MiB',
      [
        ['debian-binary', '2.0\n'],
        ['control.tar', Buffer.alloc(17 * 1024 * 1024)],
        ['data.tar', data],
      ],
      'package/too-large',
    ],
    ['too many members', [['debian-binary', '2.0\n'], ...Array.from({ length: 40 }, () => ['_a', ''] as const)], 'package/too-large'],
  ] as const)('refuses %s', async (_what, members, code) => {
    const error = await inspect(makeAr(members)).catch((error: unknown) => error)
    expect(error).toBeInstanceOf(PackageError)
    expect(error).toMatchObject({ code })
  })

  test.each(['9999999999', '-1        ', '0x10      ', '1e3       ', '          ', '10 20     ', ' 1024     ', '1024.0    ', '+1024     '])(
    'refuses a member of size "%s"',
    async (size) => {
      const bytes = Buffer.from(makeDebOf({ control }))
      // The third header's size field.
      bytes.write(size, bytes.indexOf('data.tar') + 48, 'latin1')
      await expect(inspect(bytes)).rejects.toMatchObject({ code: 'package/malformed' })
    },
  )

  test('refuses a control archive that unpacks to more than 64 MiB, and a control file of more than 1 MiB', async () => {
    const bomb = makeAr([
      ['debian-binary', '2.0\n'],
      ['control.tar.gz', gzipSync(Buffer.alloc(80 * 1024 * 1024))],
      ['data.tar', data],
    ])
    await expect(inspect(bomb)).rejects.toMatchObject({ code: 'package/too-large' })
    await expect(withControl(`Package: acme\nDescription: ${'a'.repeat(1024 * 1024)}\n`)).rejects.toMatchObject({
      code: 'package/too-large',
    })
  })

  test.each([
    ['no Package', 'Version: 1\nArchitecture: all\n', 'a field Package'],
    ['no Version', 'Package: acme\nArchitecture: all\n', 'a field Version'],
    ['no Architecture', 'Package: acme\nVersion: 1\n', 'a field Architecture'],
    ['an empty name', 'Package:\nVersion: 1\nArchitecture: all\n', 'a package name'],
    ['a name with a path', 'Package: ../acme\nVersion: 1\nArchitecture: all\n', 'a package name'],
    ['a name with an underscore', 'Package: ac_me\nVersion: 1\nArchitecture: all\n', 'a package name'],
    ['a name of one letter', 'Package: a\nVersion: 1\nArchitecture: all\n', 'a package name'],
    ['a name that begins with a sign', 'Package: +acme\nVersion: 1\nArchitecture: all\n', 'a package name'],
    ['a name that ends in another sign', 'Package: acme!\nVersion: 1\nArchitecture: all\n', 'a package name'],
    ['a name in capitals', 'Package: Acme\nVersion: 1\nArchitecture: all\n', 'a package name'],
    ['a name on two lines', 'Package: acme\n evil\nVersion: 1\nArchitecture: all\n', 'a package name'],
    ['a name of 200 characters', `Package: ${'a'.repeat(200)}\nVersion: 1\nArchitecture: all\n`, 'a package name'],
    ['a version that begins with a letter', 'Package: acme\nVersion: v1\nArchitecture: all\n', 'a version'],
    ['a version with a slash', 'Package: acme\nVersion: 1/2\nArchitecture: all\n', 'a version'],
    ['a version with two epochs', 'Package: acme\nVersion: 1:2:3\nArchitecture: all\n', 'a version'],
    ['a version with an empty revision', 'Package: acme\nVersion: 1.0-\nArchitecture: all\n', 'a version'],
    ['a version with a space', 'Package: acme\nVersion: 1 2\nArchitecture: all\n', 'a version'],
    ['a version with an ending that is no ASCII', 'Package: acme\nVersion: 1\xa0\nArchitecture: all\n', 'a version'],
    ['a version with an epoch that is no number', 'Package: acme\nVersion: a:1\nArchitecture: all\n', 'a version'],
    ['a version on two lines', 'Package: acme\nVersion: 1\n .2\nArchitecture: all\n', 'a version'],
    ['an architecture for any machine', 'Package: acme\nVersion: 1\nArchitecture: linux-any amd64\n', 'an architecture'],
    ['an architecture with an underscore', 'Package: acme\nVersion: 1\nArchitecture: x86_64\n', 'an architecture'],
  ])('refuses %s', async (_what, text, says) => {
    await expect(withControl(text)).rejects.toThrow(says)
  })

  test('shows the beginning of what is long', async () => {
    const error = await withControl(`Package: acme\nVersion: ${'x'.repeat(61)}\nArchitecture: all\n`).catch((error: unknown) => error)
    expect(error).toMatchObject({ seen: `"${'x'.repeat(60)}..."` })
  })

  test('shows what it found without what a terminal would obey', async () => {
    const error = await withControl('Package: \u009b2Jacme\nVersion: 1\nArchitecture: all\n').catch((error: unknown) => error)
    expect(error).toMatchObject({ seen: '"\\u00c2\\u009b2Jacme"' })
  })

  test('keeps the epoch in the version and out of the file name', async () => {
    const bytes = makeDeb({ name: 'libacme++', version: '2:1.0~rc1+dfsg-1~bpo12+1', architecture: 'kfreebsd-amd64' })
    expect(await inspect(bytes)).toMatchObject({
      version: '2:1.0~rc1+dfsg-1~bpo12+1',
      canonicalFile: 'libacme++_1.0~rc1+dfsg-1~bpo12+1_kfreebsd-amd64.deb',
    })
    const later = makeDeb({ name: 'acme', version: '123456789:1', architecture: 'all' })
    expect(await inspect(later)).toMatchObject({ version: '123456789:1', canonicalFile: 'acme_1_all.deb' })
  })
})
