import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { type Content, type PlannedFiles, type StagingRecord, UsageError } from '@stagegate/schema'
import type { Item } from '../contract/capabilities.js'
import { readDigest } from '../contract/read-digest.js'
import { publishedPath } from '../file/published-path.js'
import { versionOf } from '../version.js'
import { stageBuilt } from './stage-built.js'
import type { Staging } from './staging.js'

/** Uploads a target's plain files. Each keeps its own name, below the target's folder of this version. */
export function stageFiles(staging: Staging, what: PlannedFiles): Promise<StagingRecord> {
  const version = versionIn(staging)
  return stageBuilt(staging, {
    patterns: what.files,
    itemOf: async (path): Promise<Item> => ({
      coordinates: { format: 'file', path: publishedPath(what, version, { name: basename(path), from: path }) },
      content: await contentOfFile(path),
    }),
    twice: {
      code: 'usage/same-file-twice',
      next: 'All files of a target go into one folder. Give them different names, or use a FileTarget with its own path for each. Nothing was staged.',
    },
  })
}

function versionIn({ plan, options, target }: Staging): string {
  const { pipelineKind, ref } = options.origin
  const kind = plan.kinds[pipelineKind]
  if (kind !== undefined) return versionOf(pipelineKind, kind, ref, options.variables ?? {})
  throw new UsageError({
    code: 'usage/kind',
    what: `the plan has no kind ${pipelineKind}, so ${target.id} has no version`,
    next: `Its kinds are: ${Object.keys(plan.kinds).join(', ')}.`,
  })
}

/**
 * The size and digest of a complete file. Files that the system generates while they are read, such as those of /proc, have no size, and no
 * build makes them.
 * @throws {UsageError} if the file is not complete
 */
export async function contentOfFile(path: string, nothing = 'Nothing was staged.'): Promise<Content> {
  const { size, isFile } = await statOf(path, nothing)
  if (!isFile)
    throw new UsageError({
      code: 'usage/unreadable',
      where: path,
      what: 'it is not a regular file',
      next: `Exclude it from the files. ${nothing}`,
    })
  if (size === 0)
    throw new UsageError({
      code: 'usage/file-empty',
      where: path,
      what: 'it is empty, perhaps because a build step failed silently',
      next: `Correct the build, or exclude the file. ${nothing}`,
    })
  const content = await readDigest(createReadStream(path, { highWaterMark: 256 * 1024 }))
  if (content.size === size) return content
  throw new UsageError({
    code: 'usage/unreadable',
    where: path,
    what: `it had ${size} bytes, but ${content.size} were read, so something is still writing it`,
    next: `Make sure that the build has ended. ${nothing}`,
  })
}

async function statOf(path: string, nothing: string): Promise<{ readonly size: number; readonly isFile: boolean }> {
  try {
    const found = await stat(path)
    return { size: found.size, isFile: found.isFile() }
  } catch (cause) {
    if (!(cause instanceof Error && 'syscall' in cause && 'code' in cause)) throw cause
    throw new UsageError({
      code: 'usage/unreadable',
      where: path,
      what: `it cannot be read (${String(cause.code)})`,
      next: `Check that the build created it. ${nothing}`,
      cause,
    })
  }
}
