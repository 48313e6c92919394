import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ReleaseManifest } from '@stagegate/schema'
import { expect, test } from 'vitest'
import { itemOf, manifestOf, temporaryFolder } from '../testing/fixtures.js'
import { directoryRecords } from './directory-records.js'

const manifest = manifestOf([itemOf(Buffer.from('a package'))])

test('a version that was not recorded has no record', async () => {
  expect(await directoryRecords(join(await temporaryFolder(), 'not', 'made', 'yet')).find('acme', '1.2.3')).toBeUndefined()
})

test('of several that record one version at once, one is recorded and all get it', async () => {
  const root = await temporaryFolder()
  const records = directoryRecords(root)
  const candidates = [1, 2, 3, 4, 5].map((pipeline): ReleaseManifest => ({ ...manifest, origin: { ...manifest.origin, pipeline } }))
  const got = await Promise.all(candidates.map((candidate) => records.record(candidate)))
  expect(new Set(got.map(({ origin }) => origin.pipeline)).size).toBe(1)
  expect(await records.find('acme', '1.2.3')).toEqual(got[0])
  expect(await readdir(join(root, 'acme'))).toEqual(['1.2.3.json'])
})

test('labels that are no file names keep to their own files', async () => {
  const root = await temporaryFolder()
  const records = directoryRecords(root)
  const versions = ['../1.2.3', '..', '.', '1/2', '1%2F2', 'ä']
  for (const version of versions) await records.record({ ...manifest, version })
  for (const version of versions) expect(await records.find('acme', version)).toMatchObject({ version })
  expect(await records.record({ ...manifest, release: '..' })).toMatchObject({ release: '..' })
  expect(await readdir(join(root, 'acme'))).toHaveLength(versions.length)
  expect((await readdir(root)).sort()).toEqual(['%2E.', 'acme'])
})

test.each([
  ['half a document', '{"apiVersion": "stag'],
  ['another document', '{"apiVersion": "stagegate/v1", "kind": "Receipt"}'],
  ['nothing', ''],
])('a record that holds %s is an error, and is not replaced', async (_what, text) => {
  const root = await temporaryFolder()
  const records = directoryRecords(root)
  await records.record(manifest)
  const path = join(root, 'acme', '1.2.3.json')
  await writeFile(path, text)
  await expect(records.find('acme', '1.2.3')).rejects.toMatchObject({ code: 'document/invalid', file: 'acme/1.2.3.json' })
  await expect(records.record(manifest)).rejects.toMatchObject({ code: 'document/invalid' })
})
