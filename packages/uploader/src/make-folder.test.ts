import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { makeFolder } from './make-folder.js'

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'stagegate-folder-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

test('folders are made, by several at once and again', async () => {
  const path = join(temporary(), 'a', 'b c', 'd')
  await Promise.all([makeFolder(path), makeFolder(path), makeFolder(join(path, 'e'))])
  await makeFolder(path)
  expect(statSync(join(path, 'e')).isDirectory()).toBe(true)
})

test('a file in the place is the system’s error', async () => {
  const path = join(temporary(), 'file')
  writeFileSync(path, '')
  await expect(makeFolder(path)).rejects.toMatchObject({ code: 'EEXIST' })
  await expect(makeFolder(join(path, 'below'))).rejects.toMatchObject({ code: 'EEXIST' })
})

test.runIf(process.platform === 'linux')(
  'a place in which no folder can be is an error, and not waited for',
  { timeout: 5_000 },
  async () => {
    await expect(makeFolder('/proc/stagegate/x')).rejects.toMatchObject({ code: 'ENOENT' })
  },
)
