import { join } from 'node:path'
import type { ReadFile, ReadLocal } from '../../lint/index.js'
import type { SourceLocation } from '../../source-location.js'

export interface Reader {
  readonly readLocal: ReadLocal | undefined
  /** The project's folder, to which paths are relative. */
  readonly folder: string
  /** The local files with rules that are included; without it none of them counts as read. */
  readonly taken?: ReadonlySet<string> | undefined
}

/** The lines of the files' jobs and keywords. */
export function placesIn(read: readonly ReadFile[], folder: string): ReadonlyMap<string, SourceLocation> {
  const places = read.flatMap(({ path, lines }) =>
    [...lines].map(([key, line]) => [key, { file: join(folder, path), line, column: 1 }] as const),
  )
  return new Map(places)
}
