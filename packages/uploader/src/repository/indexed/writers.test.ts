import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import type { PublicRepository } from '../../contract/capabilities.js'
import type { Clock } from '../../contract/clock.js'
import { type Hook, MemoryFiles } from '../../testing/memory-store.js'
import { virtualClock } from '../../testing/virtual-clock.js'
import { readSuite } from './testing/apt-reader.js'
import { type Built, deb, openSuite, openYum, publish, rpm, shownBy } from './testing/trees.js'
import { readYum } from './testing/yum-reader.js'

/** One layout, as its writers and its readers know it. */
interface World {
  /** The file that moves. */
  readonly top: string
  open(files: MemoryFiles, clock: Clock, options?: { readonly hook?: Hook }): PublicRepository
  /** A package for one architecture, for another, or for all. */
  build(name: string, version: string, architecture?: 'other' | 'all'): Built
  /** A line for each package that each of its lists has; throws where a client would find an index broken. */
  read(files: MemoryFiles, names?: 'plain'): { readonly lines: readonly string[]; readonly date: number } | undefined
  /** The files that packages lie in. */
  readonly pool: RegExp
}

const apt: World = {
  top: 'dists/stable/InRelease',
  open: openSuite,
  build: (name, version, architecture) => deb(name, version, { other: 'arm64', all: 'all', usual: 'amd64' }[architecture ?? 'usual']),
  read(files, names) {
    const suite = readSuite(shownBy(files), '', 'stable', names)
    const lines = [...(suite?.indices ?? [])].flatMap(([index, packages]) =>
      packages.map(({ name, version, architecture, sha256 }) => `${name} ${version} ${architecture} ${index} ${sha256}`),
    )
    return suite && { lines: lines.sort(), date: suite.date }
  },
  pool: /^pool\//,
}

const yum: World = {
  top: 'el/9/repodata/repomd.xml',
  open: (files, clock, options) => openYum(files, clock, { ...options, settings: { indexSignature: true } }),
  build: (name, version, architecture) =>
    rpm(name, `${version}-1`, { other: 'aarch64', all: 'noarch', usual: 'x86_64' }[architecture ?? 'usual']),
  read(files, names) {
    const signature = files.files.get('el/9/repodata/repomd.xml.asc' as never)?.data.toString()
    const signed = files.files.get('el/9/repodata/repomd.xml' as never)?.data.toString('base64')
    if (names === 'plain' && signature !== `signature of ${signed}`) throw new Error('The signature beside it is that of another index')
    const found = readYum(shownBy(files), 'el/9')
    return (
      found && {
        date: found.date,
        lines: found.packages.map(({ name, version, architecture, sha256 }) => `${name} ${version} ${architecture} ${sha256}`).sort(),
      }
    )
  },
  pool: /^el\/9\/Packages\//,
}

/** A reader that looks after each change: no state is broken, nothing vanishes, and each is dated later than the one before. */
function watch({ top, read }: World, files: MemoryFiles): Hook & { readonly violations: readonly string[] } {
  // An error that is thrown here would only be one more of the store.
  const violations: string[] = []
  let before: readonly string[] = []
  let date = 0
  const look = () => {
    const { lines: now, date: then } = read(files) ?? { lines: [], date: 0 }
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

/** The packages that are listed, each once. */
const packagesIn = (world: World, files: MemoryFiles) => [
  ...new Set((world.read(files)?.lines ?? []).map((line) => line.split(' ').slice(0, 3).join(' '))),
]
const names = (built: readonly Built[]) => built.map(({ at }) => `${at.name} ${at.version} ${at.architecture}`).sort()

describe.each([
  ['a suite of apt', apt],
  ['a repository for yum', yum],
])('%s', (_, world) => {
  const { open, build } = world

  test('statement 11: twenty jobs publish into it at the same time: all of it is listed, once, and no reader ever saw less or a broken index', async () => {
    const [files, clock] = [new MemoryFiles(), virtualClock()]
    const look = watch(world, files)
    const hook: Hook = async (what, when) => {
      await turn()
      look(what, when)
    }
    const built = Array.from({ length: 20 }, (_, number) => build(`acme-${number}`, '1.0', number % 5 === 0 ? 'all' : undefined))
    const outcomes = await Promise.all(built.map((one) => publish(open(files, clock, { hook }), [one], { clock })))
    expect(new Set(outcomes.flat().map(({ verdict }) => verdict))).toEqual(new Set(['published']))
    expect(packagesIn(world, files).sort()).toEqual(names(built))
    expect(look.violations).toEqual([])
    // And for those who read by plain names, or with a signature beside it.
    expect(world.read(files, 'plain')).toEqual(world.read(files))
  })

  test('statement 4: a job that is killed before or after each request, and runs again, completes the index, and sends nothing twice', async () => {
    const before = [build('old', '0.9'), build('old-doc', '0.9', 'all')]
    const three = [build('acme', '1.0'), build('acme', '1.0', 'other'), build('acme-doc', '1.0', 'all')]
    let points = 0
    for (let wasKilled = true; wasKilled; points++) {
      const [files, clock] = [new MemoryFiles(), virtualClock()]
      await publish(open(files, clock), before, { clock })
      const abort = new AbortController()
      const look = watch(world, files)
      const outcomes = await publish(open(files, clock, { hook: killedAt(points, abort, look) }), three, { clock, signal: abort.signal })
      wasKilled = abort.signal.aborted
      const again = await publish(open(files, clock, { hook: look }), three, { clock })
      const because = `killed at ${points}`
      expect(new Set(again.map(({ verdict }) => verdict.replace('already-public', 'published'))), because).toEqual(new Set(['published']))
      expect(packagesIn(world, files).sort(), because).toEqual(names([...before, ...three]))
      expect(world.read(files, 'plain'), because).toEqual(world.read(files))
      expect(
        files.history.filter(([path]) => world.pool.test(path)),
        because,
      ).toHaveLength(5)
      expect(look.violations, because).toEqual([])
      if (!wasKilled) expect(outcomes.map(({ verdict }) => verdict)).toEqual(['published', 'published', 'published'])
    }
    expect(points).toBeGreaterThan(60)
  }, 300_000)

  test('statement 11: two releases at once, one of them killed at any point and run again, and lost answers: all is there in the end', async () => {
    let seed = 7
    const random = () => {
      seed = (seed * 48271) % 2147483647
      return seed / 2147483647
    }
    for (let round = 0; round < 50; round++) {
      const [files, clock] = [new MemoryFiles(), virtualClock()]
      const look = watch(world, files)
      const busy: Hook = async (what, when) => {
        if (random() < 0.5) await turn()
        look(what, when)
        if (random() < 0.02) throw new Error('ECONNRESET')
      }
      const abort = new AbortController()
      const mine = [build('mine', '2.0'), build('mine-doc', '2.0', 'all')]
      const yours = [build('yours', '3.0'), build('yours', '3.0', 'other')]
      const kill = killedAt(Math.floor(random() * 80), abort, busy)
      await Promise.all([
        publish(open(files, clock, { hook: kill }), mine, { clock, signal: abort.signal }),
        publish(open(files, clock, { hook: busy }), yours, { clock }),
      ])
      for (const built of [mine, yours]) {
        const outcomes = await publish(open(files, clock, { hook: look }), built, { clock })
        const because = `round ${round}: ${names(built).join()}`
        expect(new Set(outcomes.map(({ verdict }) => verdict.replace('already-public', 'published'))), because).toEqual(
          new Set(['published']),
        )
      }
      expect(packagesIn(world, files).sort()).toEqual(names([...mine, ...yours]))
      expect(look.violations).toEqual([])
      expect(world.read(files, 'plain')).toEqual(world.read(files))
    }
  }, 300_000)
})
