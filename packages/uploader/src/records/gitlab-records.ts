import { type GitlabNotesOptions, gitlabNotes } from './gitlab-notes.js'
import type { RecordStore } from './record-store.js'
import { recordsIn } from './records.js'

/** Records in the project's own generic packages: a package for each product, a version for each of its versions. */
export function gitlabRecords(options: Omit<GitlabNotesOptions, 'prefix'>): RecordStore {
  // No label has a line break in it, so that no version is taken for the supplement of another.
  return recordsIn(gitlabNotes({ ...options, prefix: 'stagegate-seals' }), (release, version, supplement) => [
    release,
    [version, ...(supplement === undefined ? [] : [supplement])].join('\n'),
  ])
}
