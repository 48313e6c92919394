/** System errors of a file or folder that we may not use, or that is something else. A full disk can have room the next time. */
const refusals: readonly unknown[] = ['EACCES', 'EEXIST', 'EPERM', 'EROFS', 'ENOTDIR', 'EISDIR', 'ELOOP', 'ENAMETOOLONG']

/** The code of an error of the system's; `undefined` of any other error. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error && 'syscall' in error && 'code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

/** Whether a system error may be gone when the same is done again, on another machine or later. */
export function canPass(code: string): boolean {
  return !refusals.includes(code)
}

/** Whether the system refuses a file or a folder. */
export function isSystemRefusal(error: unknown): boolean {
  // Errors of sockets have an address.
  return error instanceof Error && !('address' in error) && refusals.includes(systemCode(error))
}
