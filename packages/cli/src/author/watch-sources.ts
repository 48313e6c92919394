import { type FSWatcher, readdirSync, watch } from 'node:fs'
import { join } from 'node:path'

/**
 * Tells of each change of a source file below a folder, until the returned function is called. Folders are watched, and not files: an editor
 * that saves by renaming puts another file in the place of the one that a watcher of files would hold.
 */
export function watchSources(folder: string, onChange: () => void): () => void {
  const watchers = new Map<string, FSWatcher>()
  const add = (path: string) => {
    if (watchers.has(path)) return
    const watcher = watch(path, (_, name) => {
      if (name === null || isSource(name)) onChange()
      // It may be a folder that is new, with files in it, or one that has gone.
      if (refresh()) onChange()
    })
    watcher.on('error', () => remove(path))
    watchers.set(path, watcher)
  }
  const remove = (path: string) => {
    watchers.get(path)?.close()
    watchers.delete(path)
  }
  const refresh = (): boolean => {
    const now = new Set(foldersIn(folder))
    const [gone, fresh] = [[...watchers.keys()].filter((path) => !now.has(path)), [...now].filter((path) => !watchers.has(path))]
    gone.forEach(remove)
    fresh.forEach(add)
    return gone.length + fresh.length > 0
  }
  refresh()
  return () => {
    for (const path of [...watchers.keys()]) remove(path)
  }
}

/** The folder and all below it, without hidden ones and those of packages. Links are not followed. */
function foldersIn(folder: string): readonly string[] {
  try {
    const below = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory() && isOwn(entry.name))
    return [folder, ...below.flatMap(({ name }) => foldersIn(join(folder, name)))]
  } catch {
    // It has just gone.
    return []
  }
}

const isOwn = (name: string): boolean => name !== 'node_modules' && !name.startsWith('.')

/** Code, and YAML that may be included; what synth writes is the same the next time, and changes nothing. */
function isSource(name: string): boolean {
  return isOwn(name) && /\.(?:[cm]?[jt]s|ya?ml)$/.test(name)
}
