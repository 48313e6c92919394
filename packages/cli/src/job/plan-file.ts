import { readFile } from 'node:fs/promises'
import { jobFiles, parseReleasePlan, type ReleasePlan, UsageError } from '@stagegate/schema'
import { canPass, systemCode } from '@stagegate/uploader/gitlab'
import { systemWords } from '../system-error.js'

/** The path of the plan: as `prepare` passes it on, or as it is committed. */
const places = [jobFiles.plan, 'release-plan.json']

/** @throws {UsageError} if there is none */
export async function readPlan(path: string | undefined): Promise<ReleasePlan> {
  for (const place of path === undefined ? places : [path]) {
    const text = await readFileIfThere(place)
    if (text !== undefined) return parseReleasePlan(text, place)
  }
  throw new UsageError({
    code: 'usage/no-plan',
    what: `there is no release plan: ${path ?? places.join(', or ')}`,
    next: 'Create it with stagegate synth. In a job it comes from prepare, which the job must need.',
  })
}

export async function readFileIfThere(path: string): Promise<string | undefined> {
  return (await readBytesIfThere(path))?.toString('utf8')
}

/** @throws {UsageError} if it may not be read */
export async function readBytesIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path)
  } catch (error) {
    const code = systemCode(error)
    if (code === 'ENOENT') return undefined
    if (code === undefined || canPass(code)) throw error
    throw new UsageError({ code: 'usage/unreadable', where: path, what: `it cannot be read: ${systemWords(code)}`, cause: error })
  }
}
