import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { inspectPackage } from '../../package/index.js'
import { makeDeb, makeDebOf, makeRpm, makeTar } from '../packages/index.js'
import { readPackage } from './read-package.js'

async function fileOf(bytes: Uint8Array, name = 'package'): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'read-package-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, name), bytes)
  return join(folder, name)
}

const rpm = { name: 'acme', version: '1.2.3', release: '1.el9', architecture: 'x86_64' }

test.each([
  ['a .deb', makeDeb({ name: 'acme', version: '1.2.3-1', architecture: 'amd64' })],
  ['a .deb with an epoch', makeDeb({ name: 'acme', version: '2:1.2.3-1', architecture: 'all' })],
  ['a .deb that is not compressed', makeDeb({ name: 'acme', version: '1.2.3', architecture: 'arm64', compression: 'none' })],
  ['an .rpm', makeRpm(rpm)],
  ['an .rpm with an epoch', makeRpm({ ...rpm, epoch: 3 })],
  ['a source .rpm', makeRpm({ ...rpm, source: true })],
])('the server and the client read %s alike, each with its own code', async (_, bytes) => {
  const path = await fileOf(bytes)
  const { format, name, version, architecture, canonicalFile } = await inspectPackage(path)
  expect(await readPackage(path)).toEqual({ format, name, version, architecture, canonicalFile })
})

test('the server reads control archives that dpkg-deb packs with xz', async () => {
  const control = makeTar([['./control', 'Package: acme\nVersion: 1\nArchitecture: all\n']])
  const path = await fileOf(control, 'control.tar')
  const { stdout } = await promisify(execFile)('xz', ['--stdout', path], { encoding: 'buffer' })
  const packed = Buffer.from(makeDebOf({ control: stdout }))
  const named = Buffer.from(packed.toString('latin1').replace('control.tar     ', 'control.tar.xz  '), 'latin1')
  expect(await readPackage(await fileOf(named))).toMatchObject({ name: 'acme', canonicalFile: 'acme_1_all.deb' })
})

test.each([
  ['nothing', Buffer.alloc(0)],
  ['text', Buffer.from('hello')],
  ['a .deb without a control archive', Buffer.from('!<arch>\n')],
  ['an .rpm that is cut off', Buffer.from(makeRpm(rpm)).subarray(0, 120)],
])('the server refuses %s', async (_, bytes) => {
  await expect(readPackage(await fileOf(bytes))).rejects.toThrow()
})
