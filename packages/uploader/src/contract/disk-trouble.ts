import { dirname } from 'node:path'
import { isStagegateError, StagegateError } from '@stagegate/schema'
import { systemCode } from './system-error.js'

/** Why a disk does not take a file now. It can take the file later, but not at the next try. */
const troubles: ReadonlyMap<string, { readonly what: string; readonly step: string }> = new Map([
  ['ENOSPC', { what: 'the disk is full', step: 'Free space on' }],
  ['EDQUOT', { what: 'the disk quota is used up', step: 'Free space on' }],
  ['EIO', { what: 'the disk failed', step: 'Check' }],
])

/** Names the path and the next step in an error of a disk that does not take a file now. Returns any other error as it is. */
export function namedTrouble(error: unknown, path: string): unknown {
  const code = systemCode(error) ?? ''
  const trouble = troubles.get(code)
  if (trouble === undefined) return error
  return new StagegateError({
    code: 'place/unwritable',
    where: path,
    what: `${trouble.what} (${code})`,
    next: `${trouble.step} the file system of ${dirname(path)}, then run the job again.`,
    cause: error,
  })
}

/**
 * Whether a disk did not take a file: a clear answer, and sending the bytes again at once cannot help. A disk that fails while it is read is
 * the source's.
 */
export function isDiskTrouble(error: unknown): boolean {
  if (isStagegateError(error)) return error.code === 'place/unwritable'
  const isRead = error instanceof Error && 'syscall' in error && error.syscall === 'read'
  return !isRead && troubles.has(systemCode(error) ?? '')
}
