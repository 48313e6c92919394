import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { documentText, parseReleaseManifest, type ReleaseManifest, StagegateError } from '@stagegate/schema'
import { createFile } from '../repository/directory/create-file.js'
import { isMissing } from '../repository/directory/path.js'
import { type RecordStore, supplementOf } from './record-store.js'

/** Records in a directory: `PRODUCT/VERSION.json`, and `PRODUCT/VERSION+TARGET.json` for a supplement; created whole or not at all, never replaced. */
export function directoryRecords(root: string): RecordStore {
  const pathFor = (release: string, ...names: readonly (string | undefined)[]) =>
    join(root, fileName(release), `${names.flatMap((name) => (name === undefined ? [] : [fileName(name)])).join('+')}.json`)
  const find = async (release: string, version: string, supplement?: string): Promise<ReleaseManifest | undefined> => {
    const path = pathFor(release, version, supplement)
    try {
      return parseReleaseManifest(await readFile(path, 'utf8'), path)
    } catch (error) {
      if (isMissing(error)) return undefined
      throw error
    }
  }
  return {
    find,
    async record(manifest) {
      const supplement = supplementOf(manifest)
      const path = pathFor(manifest.release, manifest.version, supplement)
      if (await createFile(path, [Buffer.from(documentText(manifest))])) return manifest
      const first = await find(manifest.release, manifest.version, supplement)
      if (first === undefined)
        throw new StagegateError({ code: 'records/unreadable', what: 'a record that was there is gone', where: path })
      return first
    },
  }
}

/** Labels can hold any printable character; file names cannot. The escape keeps different labels different. */
function fileName(label: string): string {
  return encodeURIComponent(label).replace(/^\./, '%2E')
}
