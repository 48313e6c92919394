/** Why the system did not do something with a file or a folder, in words. */
const words: ReadonlyMap<string, string> = new Map([
  ['EACCES', 'permission denied'],
  ['EPERM', 'permission denied'],
  ['EROFS', 'the file system is read-only'],
  ['ENOTDIR', 'a part of the path is no folder'],
  ['EEXIST', 'there is a file where a folder should be'],
  ['EISDIR', 'it is a folder'],
  ['ELOOP', 'its links go round in a circle'],
  ['ENAMETOOLONG', 'its name is too long'],
  ['ENOENT', 'its folder is gone'],
  ['ENOSPC', 'no space is left on the disk'],
  ['EDQUOT', 'the quota of the disk is used up'],
  ['EMFILE', 'too many files are open'],
  ['ENFILE', 'too many files are open on this machine'],
  ['EIO', 'the disk failed'],
])

/** Errors that may be gone when the same job runs again, on another machine or later. */
const passing: readonly string[] = ['ENOENT', 'ENOSPC', 'EDQUOT', 'EMFILE', 'ENFILE', 'EIO', 'EAGAIN', 'EBUSY']

/** The code of an error of the system's; `undefined` of any other error. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error && 'syscall' in error && 'code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

/** `permission denied (EACCES)` */
export function systemWords(code: string): string {
  const known = words.get(code)
  return known === undefined ? code : `${known} (${code})`
}

export function canPass(code: string): boolean {
  return passing.includes(code) || !words.has(code)
}
