import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { type Hook, MemoryFiles } from '../../testing/memory-store.js'
import { virtualClock } from '../../testing/virtual-clock.js'
import { readSuite } from './testing/reader.js'
import { type Deb, deb, openSuite, publish, shownBy } from './testing/suite.js'

const top = 'dists/stable/InRelease'
const three = [deb('acme', '1.0'), deb('acme', '1.0', 'arm64'), deb('acme-doc', '1.0', 'all')]

/** What the suite lists, each with the indices that list it; it throws where a client would find an index broken. */
function listed(files: MemoryFiles, names?: 'plain'): readonly string[] {
  const suite = readSuite(shownBy(files), '', 'stable', names)
  return [...(suite?.indices ?? [])]
    .flatMap(([index, packages]) => packages.map(({ name, version, sha256 }) => `${index} ${name} ${version} ${sha256}`))
    .sort()
}

/** A reader that looks after each change: no state is broken, nothing vanishes, and each is dated later than the one before. */
function watch(files: MemoryFiles): Hook & { readonly violations: readonly string[] } {
  // An error that is thrown here would only be one more of the store.
  const violations: string[] = []
  let before: readonly string[] = []
  let date = 0
  const look = () => {
    const now = listed(files)
    const then = readSuite(shownBy(files), '', 'stable')?.date ?? 0
    if (now.join() === before.join()) return
    for (const one of before) if (!now.includes(one)) violations.push(`${one} has vanished`)
    if (then < date + 1000) violations.push(`${then} is less than a second after ${date}`)
    ;[before, date] = [now, then]
  }
  const hook: Hook = (what, when) => {
    try {
      if (when === 'after' && what === `replace ${top}`) look()
    } catch (error) {
      violations.push(String(error))
    }
  }
  return Object.assign(hook, { violations })
}

class Killed extends Error {}

/** Ends a process before or after its request of that number. */
function killedAt(number: number, abort: AbortController, also: Hook = () => undefined): Hook & { readonly asked: () => number } {
  let count = 0
  const hook: Hook = async (what, when) => {
    await also(what, when)
    if (count++ < number) return
    abort.abort(new Killed())
    throw new Killed()
  }
  return Object.assign(hook, { asked: () => count })
}

const names = (debs: readonly Deb[]) => debs.map(({ at }) => `${at.name} ${at.version} ${at.architecture}`)

test('twenty jobs publish into one suite at the same time: all of it is listed, once, and no reader ever saw less or a broken index', async () => {
  const [files, clock] = [new MemoryFiles(), virtualClock()]
  const look = watch(files)
  const hook: Hook = async (what, when) => {
    await turn()
    look(what, when)
  }
  const debs = Array.from({ length: 20 }, (_, number) => deb(`acme-${number}`, '1.0', number % 5 === 0 ? 'all' : 'amd64'))
  const outcomes = await Promise.all(debs.map((one) => publish(openSuite(files, clock, { hook }), [one], { clock })))
  expect(new Set(outcomes.flat().map(({ verdict }) => verdict))).toEqual(new Set(['published']))
  expect(listed(files).filter((one) => one.startsWith('main/binary-amd64'))).toHaveLength(20)
  expect(listed(files).filter((one) => one.startsWith('main/binary-arm64'))).toHaveLength(4)
  expect(look.violations).toEqual([])
  // And under plain names, for mirrors.
  expect(listed(files, 'plain')).toEqual(listed(files))
})

test('a job is killed before and after each request: run again, it completes the suite, and sends nothing twice', async () => {
  const before = [deb('old', '0.9'), deb('old-doc', '0.9', 'all')]
  let points = 0
  for (let number = 0; ; number++) {
    const [files, clock] = [new MemoryFiles(), virtualClock()]
    await publish(openSuite(files, clock), before, { clock })
    const abort = new AbortController()
    const look = watch(files)
    const hook = killedAt(number, abort, look)
    const outcomes = await publish(openSuite(files, clock, { hook }), three, { clock, signal: abort.signal })
    points = number
    const wasKilled = abort.signal.aborted
    const again = await publish(openSuite(files, clock, { hook: look }), three, { clock })
    expect(
      again.every(({ verdict }) => verdict === 'published' || verdict === 'already-public'),
      `killed at ${number}`,
    ).toBe(true)
    expect(new Set(listed(files).map((one) => one.split(' ').slice(1, 3).join(' '))).size).toBe(4)
    expect(listed(files), `killed at ${number}`).toHaveLength(2 + 2 + 2 + 2 - 1)
    expect(listed(files, 'plain'), `killed at ${number}`).toEqual(listed(files))
    expect(files.history.filter(([path]) => path.startsWith('pool/'))).toHaveLength(5)
    expect(look.violations).toEqual([])
    if (!wasKilled) {
      expect(outcomes.map(({ verdict }) => verdict)).toEqual(['published', 'published', 'published'])
      break
    }
  }
  expect(points).toBeGreaterThan(80)
}, 300_000)

test('two releases at once, one of which is killed at any point and run again, and answers that are lost: all is there in the end', async () => {
  let seed = 7
  const random = () => {
    seed = (seed * 48271) % 2147483647
    return seed / 2147483647
  }
  for (let round = 0; round < 100; round++) {
    const [files, clock] = [new MemoryFiles(), virtualClock()]
    const look = watch(files)
    const busy: Hook = async (what, when) => {
      if (random() < 0.5) await turn()
      look(what, when)
      if (random() < 0.02) throw new Error('ECONNRESET')
    }
    const abort = new AbortController()
    const mine = [deb('mine', '2.0'), deb('mine-doc', '2.0', 'all')]
    const yours = [deb('yours', '3.0'), deb('yours', '3.0', 'arm64')]
    const kill = killedAt(Math.floor(random() * 80), abort, busy)
    await Promise.all([
      publish(openSuite(files, clock, { hook: kill }), mine, { clock, signal: abort.signal }),
      publish(openSuite(files, clock, { hook: busy }), yours, { clock }),
    ])
    for (const debs of [mine, yours]) {
      const outcomes = await publish(openSuite(files, clock, { hook: look }), debs, { clock })
      expect(
        outcomes.map(({ verdict }) => verdict).filter((verdict) => verdict !== 'published' && verdict !== 'already-public'),
        names(debs).join(),
      ).toEqual([])
    }
    expect(look.violations).toEqual([])
    expect(listed(files)).toHaveLength(1 + 1 + 1 + 1 + 1)
    expect(listed(files, 'plain')).toEqual(listed(files))
  }
}, 300_000)
