// Jobs of two releases publish into one suite at once, as processes of their own that are killed and run again, while its users read it.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readSuite } from '../../packages/uploader/src/repository/indexed/testing/apt-reader.js'
import { type Key, yesterdaysKey } from '../tasks/keys.mjs'
import { clientOf, deb } from './apt-trees.js'
import { Poller, seed } from './polling.js'
import { servers, type Trees } from './trees.js'
import { kills, type Named, timeLimit, writeAtOnce } from './writing.js'

const jobs = 20

let key: Key
beforeAll(async () => {
  key = await yesterdaysKey('acme')
})

const pollerOf = (url: string) => new Poller({ url, isKept: (path) => /^pool\/|\/by-hash\//.test(path), absent: [404] })

/** What the suite lists: each package with the index that lists it. */
function look(poller: Poller, names?: 'plain'): Promise<readonly string[]> {
  return poller.look((get) => {
    const suite = readSuite(get, '', 'stable', names)
    return [...(suite?.indices ?? [])]
      .flatMap(([index, all]) => all.map(({ name, version, sha256 }) => `${index} ${name} ${version} ${sha256}`))
      .sort()
  })
}

const architectureOf = ([name]: Named) => (name.endsWith('-doc') ? 'all' : 'amd64')

describe.concurrent.each(servers)('on %s', (_, start) => {
  let trees: Trees
  beforeAll(async () => {
    trees = await start()
  })
  afterAll(() => trees?.stop())

  test(`${jobs} jobs of a release, and one of another, at once, ${kills} killed and run again: each package is listed once, and no reader ever saw less or a broken index`, {
    timeout: timeLimit,
  }, async () => {
    const [poller, client] = [pollerOf(trees.url), clientOf(trees.url, [key])]
    const { packages, killed } = await writeAtOnce({
      type: 'apt',
      repository: { on: trees.on, signWith: { value: key.secret }, ...trees.trust },
      distribution: 'debian/stable',
      jobs,
      build: (named) => deb(...named, architectureOf(named)),
      look: () => look(poller),
      async use() {
        await client.update()
        await client.download('acme')
      },
    })
    expect(killed, `seed ${seed}`).toBeGreaterThan(0)
    await client.update()
    const versions = await client.run('apt-cache', 'madison', ...new Set(packages.map(([name]) => name)))
    const known = versions
      .trim()
      .split('\n')
      .map((line) =>
        line
          .split('|', 2)
          .map((word) => word.trim())
          .join(' '),
      )
    expect([...new Set(known)].sort()).toEqual(packages.map((named) => named.join(' ')).sort())
    // Anew, so that each file is asked for; and under plain names, for mirrors.
    const listed = await look(pollerOf(trees.url))
    const expected = packages.flatMap((named) => {
      const indices = architectureOf(named) === 'all' ? ['amd64', 'arm64'] : ['amd64']
      return indices.map((architecture) => `main/binary-${architecture} ${named.join(' ')}`)
    })
    expect(listed.map((line) => line.replace(/ \w+$/, ''))).toEqual(expected.sort())
    expect(await look(pollerOf(trees.url), 'plain')).toEqual(listed)
  })
})
