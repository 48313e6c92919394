import { type Brand, StagegateError } from '@stagegate/schema'

/** A path in a store, which leads to one file in every store: `storePath()` makes one. */
export type StorePath = string & Brand<'StorePath'>

/** The folder of a store whose files are ours: no path leads into it. */
export const ownFolder = '.stagegate'

/** The longest key of an object (S3 user guide, "Creating object key names"), less the part before the path. */
const longest = 900

/**
 * Checks that a text is a path: names between single slashes, none of them `.` or `..`. Servers normalize other paths in different ways, so
 * two of them could lead to one file.
 * @throws {StagegateError} `store/path`: another text
 * @example
 * const path = storePath('releases/1.2.3/acme.tar.gz')
 */
export function storePath(text: string): StorePath {
  const why = faultOf(text)
  // The cast: the text was checked.
  if (why === undefined) return text as StorePath
  throw new StagegateError({
    code: 'store/path',
    what: `a path in a store ${why}`,
    where: JSON.stringify(String(text).slice(0, 200)),
    next: 'Publish the file under another path.',
    final: true,
  })
}

function faultOf(text: string): string | undefined {
  if (typeof text !== 'string' || text === '') return 'is a text, and not empty'
  if (Buffer.byteLength(text) > longest) return `has at most ${longest} bytes`
  if (/[\p{Cc}\p{Cs}\\]/u.test(text)) return 'has no control characters and no backslashes'
  const names = text.split('/')
  if (names.includes('')) return 'has one slash between two names, and none at its ends'
  if (names.includes('.') || names.includes('..')) return 'has no name that is . or ..'
  if (names[0] === ownFolder) return `is not inside ${ownFolder}/, where Stagegate keeps its own files`
  return undefined
}

/**
 * Checks that no path is a folder of another one: some stores cannot have both.
 * @throws {StagegateError} `store/path`: two that collide
 */
export function expectFilesAlone(paths: readonly StorePath[]): void {
  const files = new Set<string>(paths)
  for (const path of paths)
    for (let end = path.indexOf('/'); end !== -1; end = path.indexOf('/', end + 1)) {
      const folder = path.slice(0, end)
      if (!files.has(folder)) continue
      throw new StagegateError({
        code: 'store/path',
        what: `${JSON.stringify(folder)} would be both a file and the folder of this one`,
        where: JSON.stringify(path),
        next: 'Publish one of the two under another path.',
        final: true,
      })
    }
}
