// Twenty programs publish into one suite at once, as processes of their own that are killed and run again, while its users read it.
import { mkdirSync, writeFileSync } from 'node:fs'
import { get } from 'node:https'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readSuite } from '../../packages/uploader/src/repository/indexed/testing/apt-reader.js'
import { ca } from '../authority.js'
import { temporaryFolder } from '../release/files.js'
import { type Key, yesterdaysKey } from '../tasks/keys.mjs'
import { capture } from '../tasks/rehearsal.mjs'
import { type Built, clientOf, deb, servers, type Trees } from './apt-trees.js'

const program = new URL('apt-program.mjs', import.meta.url).pathname
const dieAt = new URL('../release/die-at.mjs', import.meta.url).pathname
const programs = 20

let key: Key
beforeAll(async () => {
  key = await yesterdaysKey('acme')
})

/** The seed of this run: SEED repeats one. */
const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31)
let state = seed
function random(below: number): number {
  state = (Math.imul(state, 1103515245) + 12345) >>> 0
  return Math.floor(((state >>> 8) / 2 ** 24) * below)
}

class Wanted extends Error {
  readonly path: string

  constructor(path: string) {
    super(path)
    this.path = path
  }
}

/** Reads suites as apt does. A file that is named by its digest is asked for once. */
class Poller {
  readonly #url: string
  readonly #kept = new Map<string, Buffer | undefined>()

  constructor(url: string) {
    this.#url = url
  }

  /** What the suite lists: each package with the index that lists it. Throws where a client would find it broken. */
  async look(names?: 'plain'): Promise<readonly string[]> {
    const now = new Map<string, Buffer | undefined>()
    for (;;) {
      try {
        const suite = readSuite((path) => this.#read(path, now), '', 'stable', names)
        return [...(suite?.indices ?? [])].flatMap(([index, all]) => all.map(({ name, sha256 }) => `${index} ${name} ${sha256}`)).sort()
      } catch (error) {
        if (!(error instanceof Wanted)) throw error
        const kept = /^pool\/|\/by-hash\//.test(error.path) ? this.#kept : now
        kept.set(error.path, await fetched(`${this.#url}/${error.path}`))
      }
    }
  }

  #read(path: string, now: ReadonlyMap<string, Buffer | undefined>): Buffer | undefined {
    for (const files of [this.#kept, now]) if (files.has(path)) return files.get(path)
    throw new Wanted(path)
  }
}

function fetched(url: string): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    get(url, { ca, agent: false }, (answer) => {
      if (answer.statusCode === 200) return void buffer(answer).then(resolve, reject)
      answer.resume()
      if (answer.statusCode === 404) resolve(undefined)
      else reject(new Error(`${url} answered ${answer.statusCode}`))
    }).once('error', reject)
  })
}

describe.concurrent.each(servers)('on %s', (_, start) => {
  let trees: Trees
  beforeAll(async () => {
    trees = await start()
  })
  afterAll(() => trees?.stop())

  /** The program for some packages; each run of it has a process of its own. */
  function programFor(packages: readonly Built[]) {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'debian/stable'), { recursive: true })
    for (const { file, data } of packages) writeFileSync(join(folder, 'debian/stable', file), data)
    const file = join(folder, 'program.json')
    writeFileSync(file, JSON.stringify({ from: folder, repository: { on: trees.on, signWith: { value: key.secret }, ...trees.trust } }))
    return (step = -1) =>
      capture(process.execPath, ['--import', dieAt, program, file], {
        cwd: folder,
        timeout: 200_000,
        variables: { DIE_AT: String(step), DIE_COUNT: '' },
      })
  }

  test(`${programs} programs at once, some killed and run again: all is listed, and no reader ever saw less or a broken index`, async () => {
    const first = await programFor([deb('acme', '0.9')])()
    expect(first.exitCode, first.output).toBe(0)
    const debs = Array.from({ length: programs }, (_, number) => [deb(`acme-${number}`), deb(`acme-${number}-doc`, '1.0', 'all')])
    let ended = false
    let killed = 0
    const writing = Promise.all(
      debs.map(async (packages, number) => {
        const run = programFor(packages)
        if (number % 4 === 0 && (await run(1 + random(300))).exitCode !== 0) killed++
        const result = await run()
        expect(result.exitCode, `seed ${seed}: ${result.output}`).toBe(0)
      }),
    ).finally(() => {
      ended = true
    })
    const [poller, client] = [new Poller(trees.url), clientOf(trees.url, [key])]
    const using = (async () => {
      for (let before: readonly string[] = []; !ended; ) {
        const now = await poller.look()
        expect(
          before.filter((one) => !now.includes(one)),
          `seed ${seed}: vanished`,
        ).toEqual([])
        before = now
        await client.update()
        await client.download('acme')
      }
    })()
    await Promise.all([writing, using])
    const all = ['acme 0.9 amd64', ...debs.flatMap((_, number) => [`acme-${number} 1.0 amd64`, `acme-${number}-doc 1.0 all`])]
    await client.update()
    expect(await client.available()).toEqual(all.sort())
    // Anew, so that each file is asked for; and under plain names, for mirrors.
    const listed = await new Poller(trees.url).look()
    expect(listed).toHaveLength(1 + 3 * programs)
    expect(await new Poller(trees.url).look('plain')).toEqual(listed)
    expect(killed).toBeGreaterThan(0)
  })
})
