import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeAr, makeDeb, makeRpm, makeTar } from '../testing/packages/index.js'
import { inMemory } from './bytes.js'
import { PackageError } from './error.js'
import { inspectBytes, inspectPackage } from './inspect.js'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stagegate-real-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** Runs a system tool, in the C locale. @throws {Error} that names the tool to install when it is missing */
async function run(tool: string, ...args: readonly string[]): Promise<string> {
  try {
    return (await promisify(execFile)(tool, args, { env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' } })).stdout
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT')
      throw new Error(`This test needs ${tool}: apt-get install dpkg rpm xz-utils zstd`, { cause })
    throw cause
  }
}

/** What a tool makes of a file with these bytes. */
async function through(tool: string, args: readonly string[], bytes: Uint8Array): Promise<Uint8Array> {
  const input = join(folder, 'input')
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

// Unpacking up to the limit takes seconds on a slow machine.
describe('a control archive', { timeout: 30_000 }, () => {
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

  test('packed as several frames, some of them empty, is read', async () => {
    const tar = makeTar([['./control', control]])
    const skippable = Buffer.from('502a4d18040000000a0b0c0d', 'hex')
    const frames = [skippable, await through('zstd', [], tar.subarray(0, 700)), skippable, await through('zstd', [], tar.subarray(700))]
    expect(await inspectBytes(debWith('.zst', Buffer.concat(frames)))).toMatchObject({ name: 'acme' })
  })

  test('is refused when it asks for more memory than any real one', async () => {
    const packed = await through('xz', ['--lzma2=dict=256MiB'], makeTar([['./control', control]]))
    await expect(inspectBytes(debWith('.xz', packed))).rejects.toMatchObject({ code: 'package/malformed' })
  })
})
