import { createHash } from 'node:crypto'
import { link, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeAr, makeDeb, makeDebOf, makeRpm, makeTar, withChecksum } from '../testing/packages/index.js'
import { inMemory } from './bytes.js'
import { PackageError } from './error.js'
import { inspectBytes, inspectPackage } from './inspect.js'
import { options, signedFiles, unmarked } from './testing/odd-rpms.js'
import { run, said } from './testing/system-tools.js'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stagegate-real-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** What a tool makes of a file with these bytes. */
async function through(tool: string, args: readonly string[], bytes: Uint8Array, name = 'input'): Promise<Uint8Array> {
  const input = join(folder, name)
  await writeFile(input, bytes)
  await run('sh', '-c', `"$@" < '${input}' > '${input}.out'`, 'sh', tool, ...args)
  return readFile(`${input}.out`)
}

describe('a package that dpkg-deb built', () => {
  test.each(['none', 'gzip', 'xz', 'zstd'])('with -Z%s is identified as dpkg-deb identifies it', async (compression) => {
    const root = join(folder, `tree-${compression}`)
    await mkdir(join(root, 'DEBIAN'), { recursive: true })
    const maintainer = 'Jörg Nobody <nobody@example.com>'
    await writeFile(
      join(root, 'DEBIAN/control'),
      `Package: acme\nVersion: 1:1.2.3-4\nArchitecture: amd64\nMaintainer: ${maintainer}\nDescription: made for a test\n of ours\n`,
    )
    await writeFile(join(root, 'DEBIAN/postinst'), '#!/bin/sh\n', { mode: 0o755 })
    await writeFile(join(root, 'file'), 'content')
    const path = join(folder, `${compression}.deb`)
    await run('dpkg-deb', '--root-owner-group', `-Z${compression}`, '--build', root, path)

    const { format, name, version, architecture } = await inspectPackage(path)
    expect({ format, name, version, architecture }).toEqual({ format: 'deb', name: 'acme', version: '1:1.2.3-4', architecture: 'amd64' })
    expect(await run('dpkg-deb', '--show', path)).toBe(`${name}\t${version}\n`)
  })
})

test('a package of dpkg-deb’s two of whose scripts are one file has a hard link, and is identified', async () => {
  const root = join(folder, 'linked')
  await mkdir(join(root, 'DEBIAN'), { recursive: true })
  await writeFile(
    join(root, 'DEBIAN/control'),
    'Package: acme\nVersion: 1\nArchitecture: all\nMaintainer: N <n@example.com>\nDescription: x\n',
  )
  await writeFile(join(root, 'DEBIAN/preinst'), '#!/bin/sh\n', { mode: 0o755 })
  await link(join(root, 'DEBIAN/preinst'), join(root, 'DEBIAN/postinst'))
  const path = join(folder, 'linked.deb')
  await run('dpkg-deb', '--root-owner-group', '--build', root, path)
  expect(await run('sh', '-c', `dpkg-deb --ctrl-tarfile '${path}' | tar --list --verbose`)).toMatch(/^h.* link to /m)
  expect(await inspectPackage(path)).toMatchObject({ name: 'acme' })
})

describe('a package that rpmbuild built', () => {
  const spec = (lines: string) =>
    `Name: acme\nVersion: 1.2.3\nRelease: 4.el9\nSummary: made for a test\nLicense: MIT\n${lines}\n%description\nof ours\n%install\nmkdir -p %{buildroot}/opt/acme\nfor i in $(seq 50); do echo $i > %{buildroot}/opt/acme/$i; done\n%files\n/opt/acme\n`

  test.each([
    ['with an epoch', 'Epoch: 3', 'x86_64'],
    ['without an epoch', '', 'x86_64'],
    ['for every machine', 'BuildArch: noarch', 'noarch'],
  ])('%s is identified as rpm identifies it, and so is its source package', async (what, lines, architecture) => {
    const top = join(folder, what.replaceAll(' ', '-'))
    await mkdir(top)
    await writeFile(join(top, 'acme.spec'), spec(lines))
    await run('rpmbuild', '-ba', '--quiet', '--target', 'x86_64', '--define', `_topdir ${top}`, join(top, 'acme.spec'))

    for (const [path, arch] of [
      [`RPMS/${architecture}/acme-1.2.3-4.el9.${architecture}.rpm`, architecture],
      ['SRPMS/acme-1.2.3-4.el9.src.rpm', 'src'],
    ] as const) {
      const file = join(top, path)
      const identity = await inspectPackage(file)
      expect(identity).toMatchObject({ format: 'rpm', name: 'acme', architecture: arch, source: arch === 'src', release: '4.el9' })
      expect(identity.canonicalFile).toBe(path.split('/').at(-1))
      expect(`${identity.name} ${identity.version}\n`).toBe(await run('rpm', '-qp', '--nosignature', '--qf', '%{NAME} %{EVR}\n', file))
    }
  })
})

describe('a package that makeDeb made', () => {
  test.each(['gz', 'none'] as const)('with %s is accepted by dpkg-deb, with its files', async (compression) => {
    const path = join(folder, `made-${compression}.deb`)
    await writeFile(
      path,
      makeDeb({
        name: 'acme',
        version: '1:1.2.3-4',
        architecture: 'all',
        compression,
        files: { 'usr/bin/acme': 'run' },
        size: 1000,
        fields: { Depends: 'libc6' },
      }),
    )
    expect(await run('dpkg-deb', '--info', path)).toContain(' Depends: libc6\n')
    const contents = (await run('dpkg-deb', '--contents', path)).trimEnd().split('\n')
    expect(contents.map((line) => line.replace(/ +/g, ' ').split(' ').slice(2).join(' '))).toEqual([
      '0 2024-01-01 00:00 ./',
      '0 2024-01-01 00:00 ./usr/',
      '0 2024-01-01 00:00 ./usr/bin/',
      '3 2024-01-01 00:00 ./usr/bin/acme',
      '0 2024-01-01 00:00 ./usr/share/',
      '0 2024-01-01 00:00 ./usr/share/acme/',
      '1000 2024-01-01 00:00 ./usr/share/acme/padding',
    ])
    await run('dpkg-deb', '--extract', path, join(folder, `extracted-${compression}`))
    expect(await readFile(join(folder, `extracted-${compression}`, 'usr/bin/acme'), 'utf8')).toBe('run')
  })

  test('is the same, byte for byte, when it is made again', () => {
    const options = { name: 'acme', version: '1', architecture: 'all', size: 100 }
    expect(makeDeb(options)).toEqual(makeDeb(options))
    expect(makeDeb(options)).not.toEqual(makeDeb({ ...options, mtime: 1 }))
  })
})

describe('a package that makeRpm made', () => {
  test.each([false, true])('is accepted by rpm, with its digests and its file (source: %s)', async (source) => {
    const path = join(folder, `made-${source}.rpm`)
    await writeFile(
      path,
      makeRpm({ name: 'acme', version: '1.2.3', release: '1.el9', architecture: 'x86_64', epoch: 2, size: 1000, source }),
    )
    const query = await run('rpm', '-qp', '--nosignature', '--qf', '%{NAME} %{EVR} %{ARCH} %{SOURCERPM}\n', path)
    expect(query).toBe(`acme 2:1.2.3-1.el9 x86_64 ${source ? '(none)' : 'acme-1.2.3-1.el9.src.rpm'}\n`)
    expect(await run('rpm', '-qpl', '--nosignature', path)).toBe(source ? 'padding\n' : '/usr/share/acme/padding\n')
    const checks = await run('rpm', '--checksig', '--verbose', path)
    expect(checks.match(/digest: OK$/gm)).toHaveLength(4)
    expect(checks).not.toMatch(/BAD|NOT OK/)
  })

  test('installs', async () => {
    const path = join(folder, 'installed.rpm')
    await writeFile(path, makeRpm({ name: 'acme', version: '1.2.3', release: '1', architecture: 'noarch', size: 1000 }))
    const root = join(folder, 'root')
    await mkdir(root)
    await run('rpm', '--root', root, '--initdb')
    await run('rpm', '--root', root, '--nosignature', '--install', path)
    expect(await readdir(join(root, 'usr/share/acme'))).toEqual(['padding'])
  })

  test('is the same, byte for byte, when it is made again', () => {
    const options = { name: 'acme', version: '1', release: '1', architecture: 'noarch', size: 100 }
    expect(makeRpm(options)).toEqual(makeRpm(options))
    expect(makeRpm(options)).not.toEqual(makeRpm({ ...options, size: 101 }))
  })
})

describe('an unusual package that rpm reads', () => {
  test.each<readonly [string, Uint8Array, string]>([
    ['with file signatures behind its signature header’s region', signedFiles(), 'x86_64'],
    ['of sources, without the mark', unmarked({ ...options, source: true }), 'src'],
    ['whose name begins with _', makeRpm({ ...options, name: '_acme' }), 'x86_64'],
  ])('%s is identified as rpm identifies it', async (_what, bytes, architecture) => {
    const path = join(folder, 'unusual.rpm')
    await writeFile(path, bytes)
    const identity = await inspectPackage(path)
    expect(identity.architecture).toBe(architecture)
    const format = '%{NAME} %{EVR} %|SOURCEPACKAGE?{src}:{%{ARCH}}|'
    expect(await run('rpm', '-qp', '--nosignature', '--nodigest', '--qf', format, path)).toBe(
      `${identity.name} ${identity.version} ${architecture}`,
    )
  })

  test('has the digests that its signature header says, with entries behind that header’s region', async () => {
    const path = join(folder, 'signed-files.rpm')
    await writeFile(path, signedFiles())
    expect((await run('rpm', '--checksig', '--verbose', path)).match(/digest: OK$/gm)).toHaveLength(4)
  })
})

describe('a package that breaks the rules', () => {
  // Whole parts, put together by chance: doubtful ones are frequent, and many are still identified.
  const line = fc.constantFrom(
    ...['Package: acme', 'Package:evil', 'package: evil', 'PACKAGE:\n evil', 'Package : evil', 'Package: evil\r', 'Package: ev\0il'],
    ...['Version: 1', 'Version:\t1 ', 'Version: 2\xa0', 'Architecture: all', ' folded', '\tfolded', '', ' ', '# no', '.', 'X-A: b'],
  )
  const sound = 'Package: acme\nVersion: 1\nArchitecture: all\nMaintainer: N <n@example.com>\nDescription: x\n'
  const text = fc.oneof(
    { weight: 6, arbitrary: fc.constant(sound) },
    fc.array(line, { maxLength: 4 }).map((lines) => `${sound}${lines.join('\n')}\n`),
    fc.array(line, { maxLength: 8 }).map((lines) => lines.join('\n')),
  )
  const path = fc.oneof(
    { weight: 2, arbitrary: fc.constantFrom('./', './md5sums', './x', 'd/control', './conffiles') },
    fc.constantFrom(
      './control',
      'control',
      '/control',
      './/control',
      './control/',
      '../control',
      './d/../control',
      'control\0x',
      './control/.',
    ),
  )
  const type = fc.oneof({ weight: 8, arbitrary: fc.constant('0') }, fc.constantFrom(...'\x001234567xgLKSD'))
  const member = fc.tuple(path, fc.oneof(text, fc.constantFrom('', '18 path=./control\n', 'control\0', '8 uid=0\n')), type)
  const members = fc.tuple(fc.array(member, { maxLength: 2 }), text, fc.array(member, { maxLength: 2 }))
  const prefix = fc.oneof({ weight: 8, arbitrary: fc.constant('') }, fc.constantFrom('.', 'd', './'))

  test('is to dpkg-deb what it is here, if it is identified at all', async () => {
    let identified = 0
    await fc.assert(
      fc.asyncProperty(members, prefix, async ([before, control, after], prefix) => {
        const tar = Buffer.from(makeTar([...before, ['./control', control], ...after]))
        if (prefix !== '') withChecksum(tar.subarray(0, 512), (header) => header.write(prefix, 345))
        const bytes = makeDebOf({ control: tar })
        const identity = await inspectBytes(inMemory('x', bytes)).catch(() => undefined)
        if (identity === undefined) return
        identified++
        const file = join(folder, 'doubtful.deb')
        await writeFile(file, bytes)
        const fields = await said('dpkg-deb', '--field', file, 'Package', 'Version', 'Architecture')
        expect(fields).toBe(`Package: ${identity.name}\nVersion: ${identity.version}\nArchitecture: ${identity.architecture}\n`)
      }),
      { numRuns: 400 },
    )
    expect(identified).toBeGreaterThan(20)
  }, 300_000)

  test('is to rpm what it is here, if it is identified by both', async () => {
    const made = (source: boolean) => makeRpm({ name: 'acme', version: '1.2.3', release: '1', architecture: 'x86_64', epoch: 2, source })
    const originals = { source: Buffer.from(made(true)), binary: Buffer.from(made(false)) }
    // Which header, which entry of its index, which field of it: what it becomes, or how much is added.
    const edit = fc.record({
      main: fc.nat(4).map((one) => one > 0),
      entry: fc.nat(60),
      field: fc.nat(3),
      value: fc.oneof(fc.constantFrom(62, 63, 100, 1000, 1001, 1002, 1003, 1022, 1044, 1051, 1106), fc.integer({ min: -4, max: 9 })),
    })
    let identified = 0
    await fc.assert(
      fc.asyncProperty(fc.constantFrom('source', 'binary'), fc.array(edit, { minLength: 1, maxLength: 2 }), async (original, edits) => {
        const bytes = Buffer.from(originals[original])
        const start = bytes.indexOf(Buffer.of(0x8e, 0xad, 0xe8, 0x01), 100)
        for (const { main, entry, field, value } of edits) {
          const header = main ? start : 96
          const at = header + 16 + 16 * (entry % bytes.readUInt32BE(header + 8)) + 4 * field
          bytes.writeUInt32BE(value >= 62 ? value : (bytes.readUInt32BE(at) + value) >>> 0, at)
        }
        const identity = await inspectBytes(inMemory('x', bytes)).catch(() => undefined)
        if (identity === undefined) return
        const file = join(folder, 'doubtful.rpm')
        await writeFile(file, bytes)
        const format = '%{NAME} %{EVR} %|SOURCEPACKAGE?{source}:{%{ARCH}}|'
        const query = await said('rpm', '-qp', '--nosignature', '--nodigest', '--qf', format, file)
        if (query === undefined || identity.format !== 'rpm') return
        identified++
        expect(query).toBe(`${identity.name} ${identity.version} ${identity.source ? 'source' : identity.architecture}`)
      }),
      { numRuns: 800 },
    )
    expect(identified).toBeGreaterThan(20)
  }, 300_000)
})

// Unpacking up to the limit takes seconds on a slow machine.
describe('a control archive', { timeout: 300_000 }, () => {
  const debWith = (suffix: string, packed: Uint8Array) =>
    inMemory(
      'x',
      makeAr([
        ['debian-binary', '2.0\n'],
        [`control.tar${suffix}`, packed],
        ['data.tar', makeTar([])],
      ]),
    )
  const control = 'Package: acme\nVersion: 1\nArchitecture: all\n'
  const packers = [
    ['.gz', 'gzip', []],
    ['.xz', 'xz', ['-9']],
    ['.xz', 'xz', ['--check=crc64']],
    ['.zst', 'zstd', ['-3']],
  ] as const

  test.each(packers)('of a package with 30 000 files is read (%s, %s %j)', async (suffix, tool, args) => {
    const sums = Array.from(
      { length: 30_000 },
      (_, at) => `${createHash('md5').update(String(at)).digest('hex')}  opt/acme/embedded/lib/file-${at}\n`,
    )
    const packed = await through(
      tool,
      args,
      makeTar([
        ['./md5sums', sums.join('')],
        ['./control', control],
      ]),
    )
    expect(await inspectBytes(debWith(suffix, packed))).toMatchObject({ name: 'acme', version: '1' })
  })

  test.each(packers)('that is a bomb is left at the limit, and the next one is read (%s, %s %j)', async (suffix, tool, args) => {
    const bomb = await through(
      'sh',
      ['-c', `head -c 100000000 /dev/zero | ${tool} -c ${suffix === '.zst' ? '-3' : '-1'}`],
      new Uint8Array(),
    )
    expect(bomb.length).toBeLessThan(1_000_000)
    await expect(inspectBytes(debWith(suffix, bomb))).rejects.toMatchObject({ code: 'package/too-large' })

    const packed = await through(tool, args, makeTar([['./control', control]]))
    await expect(inspectBytes(debWith(suffix, packed.subarray(0, -20)))).rejects.toMatchObject({ code: 'package/malformed' })
    expect(await inspectBytes(debWith(suffix, packed))).toMatchObject({ name: 'acme' })
  })

  test.each(packers)('with any bytes changed is identified or refused (%s, %s %j)', async (suffix, tool, args) => {
    const packed = await through(tool, args, makeTar([['./control', control]]))
    const changes = fc.array(fc.tuple(fc.nat(packed.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(changes, async (list) => {
        const bytes = Uint8Array.from(packed)
        for (const [at, value] of list) bytes[at] = value
        const result = await inspectBytes(debWith(suffix, bytes)).catch((error: unknown) => error)
        if (!(result instanceof PackageError))
          expect(result).toMatchObject({ format: 'deb', canonicalFile: expect.stringMatching(/^[^/\s]+$/) })
      }),
      { numRuns: 300 },
    )
  })

  // dpkg-deb reads the first stream only, apt both; and neither what stands in front.
  test.each([
    ['.xz', 'xz', []],
    ['.zst', 'zstd', []],
  ] as const)('of more than one stream is refused (%s)', async (suffix, tool, args) => {
    const tar = makeTar([['./control', control]])
    const one = suffix === '.xz' ? 'stream' : 'zstd frame'
    const refused = { code: 'package/malformed', expected: `one ${one} in control.tar${suffix}` }
    const [whole, first, rest, empty] = await Promise.all(
      [tar, tar.subarray(0, 700), tar.subarray(700), new Uint8Array()].map((bytes, at) => through(tool, args, bytes, `part-${at}`)),
    )
    if (whole === undefined || first === undefined || rest === undefined || empty === undefined) throw new Error('Expected four')
    expect(await inspectBytes(debWith(suffix, whole))).toMatchObject({ name: 'acme' })
    await expect(inspectBytes(debWith(suffix, Buffer.concat([first, rest])))).rejects.toMatchObject(refused)
    await expect(inspectBytes(debWith(suffix, Buffer.concat([whole, empty])))).rejects.toMatchObject(refused)
    await expect(inspectBytes(debWith(suffix, Buffer.concat([empty, whole])))).rejects.toMatchObject(refused)
    const padding = Buffer.from(suffix === '.xz' ? '00000000' : '502a4d18040000000a0b0c0d', 'hex')
    await expect(inspectBytes(debWith(suffix, Buffer.concat([whole, padding])))).rejects.toMatchObject(refused)
  })

  test.each(packers)('with anything behind it, or with another checksum, is refused (%s, %s %j)', async (suffix, tool, args) => {
    const packed = await through(tool, args, makeTar([['./control', control]]))
    const flipped = Uint8Array.from(packed)
    const last = packed.length - (suffix === '.gz' ? 5 : suffix === '.zst' ? 1 : 8)
    flipped[last] = (flipped[last] ?? 0) ^ 1
    const trailing = ['garbage', '\x1f\x8b\xff\xff', 'x'].map((text) => Buffer.concat([packed, Buffer.from(text, 'latin1')]))
    for (const bytes of [flipped, ...trailing])
      await expect(inspectBytes(debWith(suffix, bytes))).rejects.toMatchObject({ code: 'package/malformed' })
  })

  test.each(packers)(
    'that is broken leaves nothing behind: the next one is read, after a thousand (%s, %s %j)',
    async (suffix, tool, args) => {
      const packed = await through(tool, args, makeTar([['./control', control]]))
      const broken = Uint8Array.from(packed)
      const middle = packed.length >> 1
      broken[middle] = (broken[middle] ?? 0) ^ 0xff
      for (let left = 1000; left > 0; left--)
        await expect(inspectBytes(debWith(suffix, broken))).rejects.toMatchObject({ code: 'package/malformed' })
      expect(await inspectBytes(debWith(suffix, packed))).toMatchObject({ name: 'acme' })
    },
  )

  test('in xz with a check that is not read here is refused for that', async () => {
    const packed = await through('xz', ['--check=sha256'], makeTar([['./control', control]]))
    await expect(inspectBytes(debWith('.xz', packed))).rejects.toMatchObject({ code: 'package/unsupported', seen: 'a SHA-256 check' })
  })

  test.each([
    ['a dictionary of 96 MiB', ['--lzma2=dict=96MiB']],
    ['the filter BCJ for x86', ['--x86', '--lzma2']],
    ['the filter BCJ for ARM', ['--arm', '--lzma2']],
    ['the filter BCJ for PowerPC', ['--powerpc', '--lzma2']],
    ['the filter Delta', ['--delta=dist=4', '--lzma2']],
    ['the filter Delta', ['--delta', '--x86', '--lzma2', '--block-size=1024']],
  ])('in xz with %s is refused for that (%j)', async (seen, args) => {
    const packed = await through('xz', args, makeTar([['./control', control]]))
    const file = join(folder, 'packed.deb')
    await writeFile(file, await debWith('.xz', packed).read(0, 10_000))
    expect(await said('dpkg-deb', '--field', file, 'Package'), 'dpkg reads it').toBe('acme\n')
    await expect(inspectPackage(file)).rejects.toMatchObject({ code: 'package/unsupported', seen })
  })

  test.each([['--lzma2=dict=64MiB'], ['-9e'], ['--block-size=1024'], ['--lzma2=lc=0,pb=0'], ['-0', '--threads=2']])(
    'in xz with %j is read',
    async (...args) => {
      const packed = await through('xz', args, makeTar([['./control', control]]))
      expect(await inspectBytes(debWith('.xz', packed))).toMatchObject({ name: 'acme' })
    },
  )
})
