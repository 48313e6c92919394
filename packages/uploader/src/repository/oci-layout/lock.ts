import { randomBytes } from 'node:crypto'
import { open, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { StagegateError } from '@stagegate/schema'
import { isMissing } from '../../store/directory/below.js'

const prefix = '.index.lock.'
/** A change takes milliseconds, so an older lock was left by a crash. */
const stale = 30_000
const patience = 60_000

/**
 * Lets one process at a time work in a folder. Each creates a lock with a unique name, then looks for others: of two, the later one sees
 * the earlier. Since no name is ever reused, removing the lock of a crashed process never removes somebody else's.
 *
 * @param run gets a function to call right before each change: it throws if the lock was lost because of its age
 */
export async function alone<T>(folder: string, run: (stillAlone: () => Promise<void>) => Promise<T>): Promise<T> {
  const name = `${prefix}${randomBytes(8).toString('hex')}`
  const path = join(folder, name)
  await acquire(folder, name)
  try {
    return await run(async () => {
      if ((await madeAt(path)) === undefined) throw locked('the change took so long that another process considered it crashed', folder)
    })
  } finally {
    await rm(path, { force: true })
  }
}

async function acquire(folder: string, name: string): Promise<void> {
  for (const deadline = performance.now() + patience; performance.now() < deadline; ) {
    if (await put(folder, name)) return
    await setTimeout(5 + 45 * Math.random())
  }
  throw locked('another process has been changing the layout for a minute', folder)
}

/** Creates the lock, and removes it again if there is another one. */
async function put(folder: string, name: string): Promise<boolean> {
  const path = join(folder, name)
  await (await open(path, 'wx')).close()
  try {
    if (!(await hasOthers(folder, name))) return true
  } catch (error) {
    await rm(path, { force: true })
    throw error
  }
  await rm(path, { force: true })
  return false
}

/**
 * Whether somebody else holds a lock. Locks that a crash left are removed: those much older than our own. Both times are from the file
 * system's clock.
 */
async function hasOthers(folder: string, own: string): Promise<boolean> {
  const now = await madeAt(join(folder, own))
  // Somebody thought that a crash had left ours.
  if (now === undefined) return true
  const names = (await readdir(folder)).filter((name) => name.startsWith(prefix) && name !== own)
  const held = await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name)
      const made = await madeAt(path)
      if (made === undefined) return false
      if (now - made <= stale) return true
      await rm(path, { force: true })
      return false
    }),
  )
  return held.includes(true)
}

/** In milliseconds, by the file system's clock; `undefined` if it no longer exists. */
async function madeAt(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).mtimeMs
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

function locked(what: string, where: string): StagegateError {
  return new StagegateError({ code: 'layout/locked', what, where, next: 'Run it again.' })
}
