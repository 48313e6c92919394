import { IndexBroken } from '../../contract/capabilities.js'
import { shown } from '../../contract/shown.js'

/** An index that is not written again, since entries that cannot be read would be lost. */
export function broken(document: string, seen: string): IndexBroken {
  return new IndexBroken(
    `${document} cannot be read: ${shown(seen)}`,
    'Rebuild the index with the tool that wrote it, for example createrepo_c --update. Then run this again.',
  )
}

/** @throws {IndexBroken} for any failure of the reading */
export function reading<T>(document: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof IndexBroken || !(error instanceof Error)) throw error
    throw broken(document, error.message)
  }
}
