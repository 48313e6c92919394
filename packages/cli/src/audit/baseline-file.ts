import { UsageError } from '@stagegate/schema'
import { readFileIfThere } from '../job/plan-file.js'
import type { AcceptedCount } from './baseline.js'
import { writeText } from './write-text.js'

const version = 1
const again = 'Correct it, or remove it and write it again with --update-baseline.'

/** @throws {UsageError} there is no file, or it is not a baseline */
export async function readBaseline(path: string): Promise<readonly AcceptedCount[]> {
  const text = await readFileIfThere(path)
  if (text === undefined) {
    const next = 'Create it with --update-baseline to accept the current findings, and commit it.'
    throw new UsageError({ code: 'usage/file', where: path, what: 'there is no such baseline', next })
  }
  const problem = (what: string) => new UsageError({ code: 'usage/baseline', where: path, what, next: again })
  const content = parsed(text)
  if (!isObject(content) || !Array.isArray(content['findings'])) throw problem('expected a JSON object with version and findings')
  if (content['version'] !== version)
    throw problem(`expected the version ${version} of a baseline, found ${JSON.stringify(content['version']) ?? 'none'}`)
  return content['findings'].map((entry: unknown, index) => {
    if (!isEntry(entry)) throw problem(`findings.${index} should have code, severity, file, facts and count, and may have job`)
    return entry
  })
}

/** @throws {UsageError} a different file is there, or it cannot be written */
export async function writeBaseline(path: string, findings: readonly AcceptedCount[]): Promise<void> {
  const before = await readFileIfThere(path)
  const content = before === undefined ? undefined : parsed(before)
  if (before !== undefined && !(isObject(content) && Array.isArray(content['findings'])))
    throw new UsageError({
      code: 'usage/baseline',
      where: path,
      what: 'it is not a baseline, so audit does not overwrite it',
      next: 'Name another file, or remove it.',
    })
  await writeText(path, `${JSON.stringify({ version, findings }, undefined, 2)}\n`)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const members = ['code', 'severity', 'file', 'job', 'facts', 'count']

function isEntry(value: unknown): value is AcceptedCount {
  if (!isObject(value) || Object.keys(value).some((key) => !members.includes(key))) return false
  const { code, severity, file, job, facts, count } = value
  const isTold = typeof code === 'string' && typeof file === 'string' && (job === undefined || typeof job === 'string')
  return isTold && (severity === 'error' || severity === 'warning') && isObject(facts) && Number.isSafeInteger(count) && Number(count) > 0
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
