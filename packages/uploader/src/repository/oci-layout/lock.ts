import { randomBytes } from 'node:crypto'
import { open, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { StagegateError } from '@stagegate/schema'
import { isMissing } from '../../store/directory/below.js'

const prefix = '.index.lock.'
/** A change takes milliseconds; a lock that is older is what a crash left. */
const stale = 30_000
const patience = 60_000

/**
 * Lets one at a time do something in a folder, of all processes. Everybody puts up a lock of a name of its own, then looks
 * whether there is another: of two, the later to put theirs up sees the other's. As no name comes twice, what removes the
 * lock of one that crashed can never hit that of somebody else.
 *
 * @param run is given what it is to call right before it changes something: it throws when the lock was lost for its age
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

/** Puts the lock up, and takes it down again where there is another. */
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
 * Whether somebody else holds a lock. Those that a crash left are removed: what is much older than our own, which the same
 * clock has dated, that of the file system.
 */
async function hasOthers(folder: string, own: string): Promise<boolean> {
  const now = await madeAt(join(folder, own))
  // Somebody took ours for one that a crash left.
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

/** In milliseconds, by the file system's clock; `undefined` of what is no longer there. */
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
