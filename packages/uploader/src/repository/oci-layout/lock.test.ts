import { readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { contentOf, temporaryFolder } from '../../testing/fixtures.js'
import { IndexFile } from './index-file.js'
import { alone } from './lock.js'

const locks = async (folder: string) => (await readdir(folder)).filter((name) => name.startsWith('.index.lock'))

/** A lock as a process left it that crashed so many milliseconds ago. */
async function leaveLock(folder: string, age: number): Promise<string> {
  const path = join(folder, `.index.lock.crashed-${age}`)
  await writeFile(path, '')
  const then = new Date(Date.now() - age)
  await utimes(path, then, then)
  return path
}

test('many that find the lock of a crash at the same moment have it one after the other', async () => {
  const folder = await temporaryFolder()
  for (const age of [31_000, 40_000]) await leaveLock(folder, age)
  let inside = 0
  await Promise.all(
    Array.from({ length: 20 }, () =>
      alone(folder, async () => {
        expect(++inside).toBe(1)
        // Long enough for all the others to look.
        await readdir(folder)
        await readFile(new URL(import.meta.url))
        inside--
      }),
    ),
  )
  expect(await locks(folder)).toEqual([])
})

test('none of many changes is lost to another that came with it', async () => {
  const folder = await temporaryFolder()
  await leaveLock(folder, 31_000)
  const tags = Array.from({ length: 12 }, (_, index) => `1.0.${index}`)
  const { sha256: digest, size } = contentOf(Buffer.from('a manifest'))
  const mediaType = 'application/vnd.oci.image.manifest.v1+json'
  const descriptor = { mediaType, digest, size, json: { mediaType, digest: `sha256:${digest}`, size } }
  await Promise.all(tags.map((tag) => new IndexFile(folder).change((entries) => [...entries, { descriptor, tag }])))
  expect((await new IndexFile(folder).entries()).map(({ tag }) => tag).sort()).toEqual([...tags].sort())
})

test.each([0, 3_600_000])('the lock of one that may still be at work is waited for, also with a clock %i ms ahead', async (ahead) => {
  const folder = await temporaryFolder()
  const { now } = Date
  vi.spyOn(Date, 'now').mockImplementation(() => now() + ahead)
  onTestFinished(() => void vi.restoreAllMocks())
  const lock = await leaveLock(folder, 1000 + ahead)
  let entered = false
  const waiting = alone(folder, async () => {
    entered = true
  })
  // Whoever comes looks first: when the folder has been read so often, it has been seen.
  for (let look = 0; look < 50; look++) await readdir(folder)
  expect(entered).toBe(false)
  await rm(lock)
  await waiting
  expect(entered).toBe(true)
})

test('one that was taken for crashed changes nothing any more', async () => {
  const folder = await temporaryFolder()
  const slow = alone(folder, async (stillAlone) => {
    const [lock = ''] = await locks(folder)
    await utimes(join(folder, lock), new Date(0), new Date(0))
    await alone(folder, (other) => other())
    await stillAlone()
  })
  await expect(slow).rejects.toMatchObject({ code: 'layout/locked' })
})
