import { existsSync, lstat, realpath, stat } from 'node:fs'
import { readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { UsageError } from '@stagegate/schema'
import type { GlobOptions } from 'tinyglobby'

/** The options of `findFiles`. */
export interface FindOptions {
  /** Where patterns begin, and what paths are relative to. @default the working directory */
  readonly folder?: string | undefined
  /** Finds hidden files by patterns that do not name them. @default false */
  readonly hidden?: boolean | undefined
  /** Ends the advice where a link leads nowhere. */
  readonly next: string
}

/**
 * The files that patterns find, sorted; links are followed.
 * @throws {UsageError} a link whose target is not there: a search by itself leaves it out in silence
 */
export async function findFiles(
  patterns: readonly string[],
  { folder = '.', hidden = false, next }: FindOptions,
): Promise<readonly string[]> {
  const options = { cwd: folder, dot: hidden, expandDirectories: false, onlyFiles: true, fs: withDanglingLinks }
  const { glob } = await import('tinyglobby')
  const found = await glob([...patterns], options)
  found.sort()
  const dangling = found.find((path) => !existsSync(join(folder, path)))
  if (dangling === undefined) return found
  const target = await readlink(join(folder, dangling)).catch(() => 'another file')
  throw new UsageError({ code: 'usage/dangling-link', where: dangling, what: `it is a link to ${target}, which does not exist`, next })
}

type Adapter = NonNullable<GlobOptions['fs']>

/** A link that leads nowhere counts as a file, and is found. */
const withDanglingLinks: Adapter = {
  // The casts: of what node's functions can be called with, the search uses a path and a callback.
  realpath: ((path: string, done: (error: Error | null, resolved: string) => void) =>
    realpath(path, (error, resolved) => done(null, error === null ? resolved : path))) as typeof realpath,
  stat: ((path: string, done: (error: Error | null, found: unknown) => void) =>
    stat(path, (error, found) => (error === null ? done(null, found) : lstat(path, done)))) as typeof stat,
}
