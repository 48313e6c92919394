import { lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { writeText } from './write-text.js'

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'stagegate-text-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

test('a file is written with its folders, and replaced whole', async () => {
  const path = join(temporary(), 'reports', 'quality.json')
  await writeText(path, 'one')
  await writeText(path, 'two')
  expect(readFileSync(path, 'utf8')).toBe('two')
  expect(readdirSync(join(path, '..'))).toEqual(['quality.json'])
})

test('a link stays one, and what it leads to is written', async () => {
  const folder = temporary()
  writeFileSync(join(folder, 'real.json'), 'one')
  symlinkSync('real.json', join(folder, 'link.json'))
  await writeText(join(folder, 'link.json'), 'two')
  expect(lstatSync(join(folder, 'link.json')).isSymbolicLink()).toBe(true)
  expect(readFileSync(join(folder, 'real.json'), 'utf8')).toBe('two')
})

test.runIf(process.platform === 'linux')('a device is written to and stays one; a full one is an error', async () => {
  await writeText('/dev/null', 'x')
  await expect(writeText('/dev/full', 'x')).rejects.toMatchObject({ code: 'usage/unwritable', what: expect.stringContaining('ENOSPC') })
  for (const device of ['/dev/null', '/dev/full']) expect(lstatSync(device).isCharacterDevice()).toBe(true)
})
