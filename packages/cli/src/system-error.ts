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

/** `permission denied (EACCES)` */
export function systemWords(code: string): string {
  const known = words.get(code)
  return known === undefined ? code : `${known} (${code})`
}
