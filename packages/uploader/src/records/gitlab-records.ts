import { describeRef, GateError, type Origin, parseReleaseManifest } from '@stagegate/schema'
import { describeUploader, isFrom } from '../gitlab/uploader.js'
import { type GitlabNotesOptions, gitlabNotes, type StoredNote } from './gitlab-notes.js'
import type { RecordStore } from './record-store.js'
import { recordsIn } from './records.js'

/** Records in the project's own generic packages: a package for each product, a version for each of its versions. */
export function gitlabRecords(options: Omit<GitlabNotesOptions, 'prefix' | 'check'>): RecordStore {
  // No label contains a line break, so no version is mistaken for the supplement of another.
  return recordsIn(gitlabNotes({ ...options, prefix: 'stagegate-seals', check: refuseForged }), (release, version, supplement) => [
    release,
    [version, ...(supplement === undefined ? [] : [supplement])].join('\n'),
  ])
}

/** A seal names its pipeline, and a job of that pipeline must have recorded it. Anything else is a forgery. */
function refuseForged({ text, by, where, removal }: StoredNote): void {
  const origin = originIn(text)
  if (origin !== undefined && !origin.rehearsal && isFrom(by, origin)) return
  const claimed = origin?.rehearsal === false ? `pipeline ${origin.pipeline} for ${describeRef(origin.ref)}` : 'a job without a pipeline'
  const said = origin === undefined ? 'it is not a manifest' : `it claims that ${claimed} sealed this version`
  throw new GateError({
    code: 'gate/forged-record',
    where,
    what: `the record is not a valid seal: ${said}, and ${describeUploader(by)} put it there`,
    next: `Do not publish it. Find out who added the record. ${removal}`,
  })
}

function originIn(text: string): Origin | undefined {
  try {
    return parseReleaseManifest(text, 'the record').origin
  } catch {
    return undefined
  }
}
