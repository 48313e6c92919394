import { placesIn } from '../check/include/reader.js'
import { filesStartedBy } from '../gitlab/parent.js'
import { lintText, type ReadFile, type ReadLocal } from '../lint/index.js'
import { documentOf } from '../lint/resolve/document.js'
import type { SourceLocation } from '../source-location.js'
import type { FileText } from './guess/place.js'
import { linesOfKeys } from './marks.js'

/** The files of a pipeline as people wrote them. */
export interface WrittenFiles {
  readonly texts: readonly FileText[]
  /** The lines of their jobs and keywords. */
  readonly places: ReadonlyMap<string, SourceLocation>
}

export function filesIn(text: string, file: string, read: readonly ReadFile[]): WrittenFiles {
  const own = [...linesOfKeys(text)].map(([key, line]): [string, SourceLocation] => [key, { file, line, column: 1 }])
  return {
    texts: [{ file, text }, ...read.map((one) => ({ file: one.path, text: one.text }))],
    places: new Map([...placesIn(read, ''), ...own]),
  }
}

/** A file with the local ones that it includes, those with rules too: their comments count. */
export function filesOf(text: string, readLocal: ReadLocal | undefined, file: string): WrittenFiles {
  const options = readLocal === undefined ? {} : { readLocal }
  const { conditional } = lintText(text, options)
  return filesIn(text, file, lintText(text, { ...options, taken: new Set(conditional) }).read)
}

/** The files that a pipeline includes: none if it is merged. */
export function includesIn(yaml: string): readonly string[] {
  return lintText(yaml).unread
}

/** The local files that its jobs start child pipelines with. */
export function childFilesIn(yaml: string, readLocal?: ReadLocal): readonly string[] {
  const { resolved } = lintText(yaml, readLocal === undefined ? {} : { readLocal })
  const jobs = resolved === undefined ? [] : Object.values(documentOf(resolved).jobs)
  return [...new Set(jobs.flatMap(filesStartedBy).filter((path) => path !== undefined))]
}
