import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../testing/fixtures.js'
import { directoryNotes } from './directory-notes.js'

test('the first note stays, and every writer gets it back', async () => {
  const root = await temporaryFolder()
  const notes = directoryNotes(root)
  expect(await notes.find('acme-1.2.3', '0.json')).toBeUndefined()
  expect(await notes.keep('acme-1.2.3', '0.json', 'first')).toBe('first')
  expect(await notes.keep('acme-1.2.3', '0.json', 'second')).toBe('first')
  expect(await directoryNotes(root).find('acme-1.2.3', '0.json')).toBe('first')
  expect(await notes.find('acme-1.2.3', '1.json')).toBeUndefined()
})

test('one of many simultaneous writers is first, and all get the same note', async () => {
  const notes = directoryNotes(await temporaryFolder())
  const kept = await Promise.all(Array.from({ length: 20 }, (_, number) => notes.keep('acme', '0.json', `text ${number}`)))
  expect(new Set(kept).size).toBe(1)
  expect(await notes.find('acme', '0.json')).toBe(kept[0])
})

test('a symbolic link leads nowhere: nothing is read or written through it', async () => {
  const [root, elsewhere] = [await temporaryFolder(), await temporaryFolder()]
  await writeFile(join(elsewhere, '0.json'), 'somebody else’s')
  await symlink(elsewhere, join(root, 'acme'))
  await mkdir(join(root, 'other'))
  await symlink(join(elsewhere, '0.json'), join(root, 'other', '0.json'))
  await symlink(join(elsewhere, 'new.json'), join(root, 'other', '1.json'))
  const notes = directoryNotes(root)
  for (const [folder, file] of [
    ['acme', '0.json'],
    ['acme', '1.json'],
    ['other', '0.json'],
    ['other', '1.json'],
  ] as const) {
    await expect(notes.find(folder, file)).rejects.toMatchObject({ code: 'directory/outside' })
    await expect(notes.keep(folder, file, 'a note')).rejects.toMatchObject({ code: 'directory/outside' })
  }
  expect(await readdir(elsewhere)).toEqual(['0.json'])
})
