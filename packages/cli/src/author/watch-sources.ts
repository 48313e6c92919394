import { type FSWatcher, readdirSync, watch } from 'node:fs'
import { join } from 'node:path'

/**
 * Reports each change of a source file below a folder, until the returned function is called. It watches folders instead of files: an
 * editor that saves by renaming replaces the watched file with another one.
 */
export function watchSources(folder: string, onChange: () => void): () => void {
  const watchers = new Map<string, FSWatcher>()
  const add = (path: string) => {
    if (watchers.has(path)) return
    const watcher = watch(path, (_, name) => {
      if (name === null || isSource(name)) onChange()
      // It may be a new folder with files in it, or a deleted one.
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

/** The folder and all folders below it, except hidden ones and those of packages. Links are not followed. */
function foldersIn(folder: string): readonly string[] {
  try {
    const below = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory() && isOwn(entry.name))
    return [folder, ...below.flatMap(({ name }) => foldersIn(join(folder, name)))]
  } catch {
    // It was just deleted.
    return []
  }
}

const isOwn = (name: string): boolean => name !== 'node_modules' && !name.startsWith('.')

/** Code, and YAML that may be included. Files that synth writes are the same the next time, so they change nothing. */
function isSource(name: string): boolean {
  return isOwn(name) && /\.(?:[cm]?[jt]s|ya?ml)$/.test(name)
}
