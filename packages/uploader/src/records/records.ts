import { documentText, parseReleaseManifest, type ReleaseManifest } from '@stagegate/schema'
import type { Notes } from './notes.js'
import { type RecordStore, supplementOf } from './record-store.js'

/** The folder and the file of a record. */
export type PlaceOf = (release: string, version: string, supplement: string | undefined) => readonly [folder: string, file: string]

/** Records as notes: whole manifests. */
export function recordsIn(notes: Notes, placeOf: PlaceOf): RecordStore {
  return {
    async find(release, version, supplement) {
      const place = placeOf(release, version, supplement)
      const text = await notes.find(...place)
      return text === undefined ? undefined : parseReleaseManifest(text, place.join('/'))
    },
    async record(manifest: ReleaseManifest) {
      const place = placeOf(manifest.release, manifest.version, supplementOf(manifest))
      const text = documentText(manifest)
      const kept = await notes.keep(...place, text)
      return kept === text ? manifest : parseReleaseManifest(kept, place.join('/'))
    },
  }
}
