import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeDeb, makeRpm } from '../testing/packages/index.js'
import { inMemory } from './bytes.js'
import { PackageError } from './error.js'
import { inspectBytes, inspectPackage } from './inspect.js'

const deb = makeDeb({
  name: 'acme',
  version: '1:1.2.3-4',
  architecture: 'amd64',
  files: { 'usr/bin/acme': '#!/bin/sh\n' },
  size: 4000,
  compression: 'none',
})
const rpm = makeRpm({ name: 'acme', version: '1.2.3', release: '1.el9', architecture: 'x86_64', epoch: 2, size: 4000 })

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stagegate-package-'))
})
afterAll(() => rm(folder, { recursive: true }))

describe('inspectPackage', () => {
  test.each(['acme.deb', 'acme.rpm', 'acme.txt', 'other_9.9_arm64.deb'])('reads a .deb by its content, named %s', async (name) => {
    const path = join(folder, name)
    await writeFile(path, deb)
    expect(await inspectPackage(path)).toEqual({
      format: 'deb',
      name: 'acme',
      version: '1:1.2.3-4',
      architecture: 'amd64',
      canonicalFile: 'acme_1.2.3-4_amd64.deb',
    })
  })

  test('reads an .rpm by its content, whatever its name', async () => {
    const path = join(folder, 'misnamed.deb')
    await writeFile(path, rpm)
    expect(await inspectPackage(path)).toEqual({
      format: 'rpm',
      name: 'acme',
      version: '2:1.2.3-1.el9',
      release: '1.el9',
      architecture: 'x86_64',
      source: false,
      canonicalFile: 'acme-1.2.3-1.el9.x86_64.rpm',
    })
  })

  test('leaves an epoch of 0 out of an .rpm version, as rpm shows it', async () => {
    const bytes = makeRpm({ name: 'acme', version: '1', release: '1', architecture: 'noarch', epoch: 0 })
    expect(await inspectBytes(inMemory('x', bytes))).toMatchObject({ version: '1-1', architecture: 'noarch' })
  })

  test('tells a source package from the one built from it', async () => {
    const bytes = makeRpm({ name: 'acme', version: '1', release: '1', architecture: 'x86_64', source: true })
    expect(await inspectBytes(inMemory('x', bytes))).toMatchObject({ source: true, architecture: 'src', canonicalFile: 'acme-1-1.src.rpm' })
  })

  test.each([
    ['a text file', 'hello, world', 'package/not-a-package', '"hello, w"'],
    ['an empty file', '', 'package/not-a-package', 'an empty file'],
    ['what only begins to begin as an .rpm', Buffer.of(0xed, 0xab, 0xee, 0), 'package/not-a-package', 'begins with'],
    ['an ar archive that is no .deb', '!<arch>\n', 'package/malformed', 'debian-binary'],
  ])('refuses %s', async (_what, content, code, says) => {
    const path = join(folder, 'refused')
    await writeFile(path, content)
    const error = await inspectPackage(path).catch((error: unknown) => error)
    expect(error).toBeInstanceOf(PackageError)
    expect(error).toMatchObject({ code, file: path, message: expect.stringContaining(says) })
  })

  test('says what, where and what next', async () => {
    const path = join(folder, 'hello.txt')
    await writeFile(path, 'hello, world')
    await expect(inspectPackage(path)).rejects.toThrow(
      `${path}: expected a .deb or .rpm package, found one that begins with "hello, w"\nExclude it with a narrower pattern`,
    )
  })

  test('refuses what is no file, with the cause', async () => {
    await expect(inspectPackage(folder)).rejects.toMatchObject({ code: 'package/unreadable', seen: 'something else' })
    await expect(inspectPackage(join(folder, 'absent'))).rejects.toMatchObject({
      code: 'package/unreadable',
      seen: 'ENOENT',
      cause: { code: 'ENOENT' },
    })
  })

  test('lets errors that are not the file system’s through as they are', async () => {
    const broken = { file: 'x', size: 100, read: () => Promise.reject(new TypeError('a mistake of ours')) }
    await expect(inspectBytes(broken)).rejects.toThrow(TypeError)
  })
})

describe.each([
  ['.deb', deb],
  ['.rpm', rpm],
])('a %s', (_format, bytes) => {
  const twentieths = Array.from({ length: 20 }, (_, part) => Math.floor((bytes.length * part) / 20))

  test.each([...twentieths, bytes.length - 1])('cut off after %i bytes is refused', async (length) => {
    await expect(inspectBytes(inMemory('x', bytes.subarray(0, length)))).rejects.toBeInstanceOf(PackageError)
  })

  test('that becomes shorter while it is read is refused', async () => {
    const shrinking = {
      file: 'x',
      size: bytes.length,
      read: async (offset: number, length: number) => bytes.subarray(0, 200).subarray(offset, offset + length),
    }
    await expect(inspectBytes(shrinking)).rejects.toMatchObject({ code: 'package/malformed' })
  })
})

test('reads a few KiB of a package, not all of it', async () => {
  for (const bytes of [
    makeDeb({ name: 'acme', version: '1', architecture: 'all', size: 2_000_000 }),
    makeRpm({ name: 'acme', version: '1', release: '1', architecture: 'noarch', size: 2_000_000 }),
  ]) {
    let read = 0
    const memory = inMemory('x', bytes)
    const counted = {
      ...memory,
      read: (offset: number, length: number) => {
        read += length
        return memory.read(offset, length)
      },
    }
    await inspectBytes(counted)
    expect(read).toBeLessThan(5000)
  }
})
