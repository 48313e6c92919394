import type { IConstruct } from 'constructs'
import type { Recorded } from '../issue/facts.js'
import type { ReadLocal } from '../lint/index.js'
import { PublicRepo } from '../release/repositories.js'
import { allOf } from '../release/route.js'

/** Finds release notes that `prepare` would not find. Without a reader nothing is reported. */
export function checkNotes(root: IConstruct, readLocal: ReadLocal | undefined): readonly Recorded[] {
  if (readLocal === undefined) return []
  return allOf(root, PublicRepo).flatMap((at): Recorded[] => {
    const file = at.at.page?.notes
    return file === undefined || readLocal(file) !== undefined ? [] : [{ at, facts: { code: 'routes/notes', repository: at.label, file } }]
  })
}
