// Twenty programs publish into one suite at once, as processes of their own that are killed and run again, while its users read it.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readSuite } from '../../packages/uploader/src/repository/indexed/testing/apt-reader.js'
import { type Key, yesterdaysKey } from '../tasks/keys.mjs'
import { capture } from '../tasks/rehearsal.mjs'
import { clientOf, deb } from './apt-trees.js'
import { Poller, random, seed } from './polling.js'
import { type Built, built, servers, type Trees } from './trees.js'

const program = new URL('tree-program.mjs', import.meta.url).pathname
const dieAt = new URL('../release/die-at.mjs', import.meta.url).pathname
const programs = 20

let key: Key
beforeAll(async () => {
  key = await yesterdaysKey('acme')
})

const pollerOf = (url: string) => new Poller({ url, isKept: (path) => /^pool\/|\/by-hash\//.test(path), absent: [404] })

/** What the suite lists: each package with the index that lists it. */
function look(poller: Poller, names?: 'plain'): Promise<readonly string[]> {
  return poller.look((get) => {
    const suite = readSuite(get, '', 'stable', names)
    return [...(suite?.indices ?? [])].flatMap(([index, all]) => all.map(({ name, sha256 }) => `${index} ${name} ${sha256}`)).sort()
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
    const folder = built(packages, 'debian/stable')
    const file = join(folder, 'program.json')
    writeFileSync(
      file,
      JSON.stringify({ from: folder, type: 'apt', repository: { on: trees.on, signWith: { value: key.secret }, ...trees.trust } }),
    )
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
    const [poller, client] = [pollerOf(trees.url), clientOf(trees.url, [key])]
    const using = (async () => {
      for (let before: readonly string[] = []; !ended; ) {
        const now = await look(poller)
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
    const listed = await look(pollerOf(trees.url))
    expect(listed).toHaveLength(1 + 3 * programs)
    expect(await look(pollerOf(trees.url), 'plain')).toEqual(listed)
    expect(killed).toBeGreaterThan(0)
  })
})
