import { chmod, mkdir, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'

/**
 * Makes a folder, and those above it. Node's own `recursive` tries for ever where a file system says of a folder that it is not there while
 * the one above it is: in `/proc`, and below a folder that was deleted.
 * @param forEverybody whether everybody may look into those that are made, whatever the umask is. @default false
 * @throws the system's error: no permission, a file in its place, no such place
 */
export async function makeFolder(path: string, forEverybody = false): Promise<void> {
  const folder = resolve(path)
  if (await isFolder(folder)) return
  if (dirname(folder) !== folder) await makeFolder(dirname(folder), forEverybody)
  try {
    await mkdir(folder)
    if (forEverybody) await chmod(folder, 0o755)
  } catch (error) {
    // Another process made it meanwhile.
    if (!(await isFolder(folder))) throw error
  }
}

async function isFolder(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined)
  return found?.isDirectory() === true
}
