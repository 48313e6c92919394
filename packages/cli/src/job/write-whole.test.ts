import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { StagegateError, UsageError } from '@stagegate/schema'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { provePlace, writeAfterwards, writeWhole } from './write-whole.js'

let folder = ''
beforeEach(() => {
  const made = mkdtempSync(join(tmpdir(), 'stagegate-write-'))
  onTestFinished(() => rmSync(made, { recursive: true, force: true }))
  folder = made
})

test('a file is written into folders that are not there yet, over what was there, and nothing else is left', async () => {
  const path = join(folder, 'a/b/c.json')
  await provePlace(path)
  expect(readdirSync(join(folder, 'a/b'))).toEqual([])
  await writeWhole(path, 'one')
  await writeWhole(path, 'two')
  await provePlace(path)
  expect([readFileSync(path, 'utf8'), readdirSync(join(folder, 'a/b'))]).toEqual(['two', ['c.json']])
})

test('many at once for one place leave one of their texts, whole', async () => {
  const path = join(folder, 'a.json')
  const texts = Array.from({ length: 50 }, (_, index) => String(index).repeat(10_000))
  await Promise.all(texts.map((text) => writeWhole(path, text)))
  expect(texts).toContain(readFileSync(path, 'utf8'))
  expect(readdirSync(folder)).toEqual(['a.json'])
})

describe('a place that cannot be written to', () => {
  test.each<[string, (path: string) => void, string]>([
    ['where a folder is', (path) => mkdirSync(path, { recursive: true }), 'it is a folder (EISDIR)'],
    ['below a file', () => writeFileSync(join(folder, 'a'), ''), 'EEXIST|ENOTDIR'],
    ['below links that go round', () => symlinkSync(join(folder, 'a'), join(folder, 'a')), 'ELOOP|EEXIST'],
  ])('%s is told in a sentence, and nothing is left there', async (_what, happen, word) => {
    const path = join(folder, 'a/b.json')
    happen(path)
    for (const attempt of [provePlace, (place: string) => writeWhole(place, 'text')]) {
      const error = await attempt(path).catch((reason: unknown) => reason)
      expect(error).toBeInstanceOf(UsageError)
      expect(error).toMatchObject({ code: 'usage/unwritable', where: `${path} cannot be written` })
      expect(String(error)).toMatch(new RegExp(word.replaceAll(/[()]/g, '\\$&')))
    }
    expect(existsSync(join(folder, 'a/b.json')) && readdirSync(join(folder, 'a/b.json')).length).toBe(word.startsWith('it is') ? 0 : false)
  })

  test('a name that is too long is reported, too', async () => {
    await expect(writeWhole(join(folder, 'x'.repeat(300)), '')).rejects.toMatchObject({
      code: 'usage/unwritable',
      what: expect.stringContaining('ENAMETOOLONG'),
    })
  })
})

describe('a write after the work', () => {
  test('is no error where it is written', async () => {
    expect(await writeAfterwards('3 published', 'receipt', () => writeWhole(join(folder, 'a'), ''))).toBeUndefined()
  })

  test('takes nothing back where it is not', async () => {
    mkdirSync(join(folder, 'a'))
    const error = await writeAfterwards('3 published', 'receipt', () => writeWhole(join(folder, 'a'), ''))
    expect(error).toBeInstanceOf(StagegateError)
    expect(error).toMatchObject({
      code: 'place/unwritten',
      what: expect.stringMatching(/^3 published, but the receipt could not be written\. .*a cannot be written: it is a folder/),
    })
  })

  test('hides no other error', async () => {
    await expect(writeAfterwards('done', 'receipt', () => Promise.reject(new TypeError('a fault')))).rejects.toThrow('a fault')
  })
})
