import { existsSync, lstat, realpath, stat } from 'node:fs'
import { readlink, realpath as realPath } from 'node:fs/promises'
import { sep } from 'node:path'
import { UsageError } from '@stagegate/schema'
import { type GlobOptions, glob } from 'tinyglobby'

/**
 * The files that a build left, by the patterns of its target. `build`: the job that left them.
 * @throws {UsageError} a link whose target is not there: a runner keeps links in its artifacts, and not what they lead to
 */
export async function builtFiles(patterns: readonly string[], build: string): Promise<string[]> {
  const all = patterns.map((pattern) => (pattern.endsWith('/') ? `${pattern}**` : pattern))
  const found = await glob(all, { dot: true, expandDirectories: false, onlyFiles: true, fs: withDanglingLinks })
  found.sort()
  const dangling = found.find((path) => !existsSync(path))
  if (dangling === undefined) return found
  const target = await readlink(dangling).catch(() => 'another file')
  throw new UsageError({
    code: 'usage/dangling-link',
    where: dangling,
    what: `it is a link to ${target}, which is not there`,
    next: `${build} must leave the file itself, or what the link leads to, as artifacts; nothing was staged.`,
  })
}

/**
 * Refuses files that a link leads to, out of the job's folder: anything can be a plain file, also what the system shows of this very job,
 * with its credential.
 * @throws {UsageError} then
 */
export async function refuseOutside(files: readonly string[], build: string): Promise<void> {
  const folder = `${await realPath('.')}${sep}`
  for (const file of files) {
    const real = await realPath(file)
    if (real.startsWith(folder)) continue
    throw new UsageError({
      code: 'usage/link-outside',
      where: file,
      what: `a link leads to ${real}, which is not in the job's folder`,
      next: `${build} must leave the file itself; nothing was staged.`,
    })
  }
}

type Adapter = NonNullable<GlobOptions['fs']>

/** By itself the search leaves a link out in silence that leads nowhere. Here it counts as a file, and is found. */
const withDanglingLinks: Adapter = {
  // The casts: of what node's functions can be called with, the search uses a path and a callback.
  realpath: ((path: string, done: (error: Error | null, resolved: string) => void) =>
    realpath(path, (error, resolved) => done(null, error === null ? resolved : path))) as typeof realpath,
  stat: ((path: string, done: (error: Error | null, found: unknown) => void) =>
    stat(path, (error, found) => (error === null ? done(null, found) : lstat(path, done)))) as typeof stat,
}
