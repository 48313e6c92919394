import { directoryNotes } from './directory-notes.js'
import type { RecordStore } from './record-store.js'
import { recordsIn } from './records.js'

/**
 * Records in a directory: `PRODUCT/VERSION.json`, and `PRODUCT/VERSION+TARGET.json` for a supplement; created completely or not at all,
 * never replaced.
 */
export function directoryRecords(root: string): RecordStore {
  return recordsIn(directoryNotes(root), (release, version, supplement) => {
    const names = [version, ...(supplement === undefined ? [] : [supplement])]
    return [fileName(release), `${names.map(fileName).join('+')}.json`]
  })
}

/** Labels may contain any printable character; file names may not. The escape keeps different labels different. */
function fileName(label: string): string {
  return encodeURIComponent(label).replace(/^\./, '%2E')
}
