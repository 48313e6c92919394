import { realpath } from 'node:fs/promises'
import { sep } from 'node:path'
import { UsageError } from '@stagegate/schema'
import { findFiles } from '@stagegate/uploader/gitlab'

/**
 * The files that a build left, by the patterns of its target. `build`: the job that left them.
 * @throws {UsageError} a broken link: a runner keeps links in artifacts, but not their targets
 */
export async function builtFiles(patterns: readonly string[], build: string): Promise<string[]> {
  const all = patterns.map((pattern) => (pattern.endsWith('/') ? `${pattern}**` : pattern))
  const next = `Nothing was staged. ${build} must leave the file itself, or the target of the link, as artifacts.`
  return [...(await findFiles(all, { hidden: true, next }))]
}

/**
 * Refuses files behind a link that leads out of the job's folder: a plain file can be anything, including the system's view of this job
 * with its credential.
 * @throws {UsageError} for such a link
 */
export async function refuseOutside(files: readonly string[], build: string): Promise<void> {
  const folder = `${await realpath('.')}${sep}`
  for (const file of files) {
    const real = await realpath(file)
    if (real.startsWith(folder)) continue
    throw new UsageError({
      code: 'usage/link-outside',
      where: file,
      what: `a link leads to ${real}, which is not in the job's folder`,
      next: `Nothing was staged. ${build} must leave the file itself.`,
    })
  }
}
