import { instant, later } from '@stagegate/schema'
import { describe, expect, test } from 'vitest'
import { IndexBroken } from '../../contract/capabilities.js'
import { readDigest } from '../../contract/read-digest.js'
import { soon } from '../../testing/fixtures.js'
import { type Hook, MemoryFiles } from '../../testing/memory-store.js'
import { virtualClock } from '../../testing/virtual-clock.js'
import { readSuite } from '../indexed/testing/apt-reader.js'
import { type Built, deb, openSuite, publish, shownBy, signing } from '../indexed/testing/trees.js'

const top = 'dists/stable/InRelease'
const acme = deb('acme', '1.0')

/** The text of a file; `undefined`: it is not there. */
const textOf = (files: MemoryFiles, path: string) => files.files.get(path as never)?.data.toString()

function listed(files: MemoryFiles, index = 'main/binary-amd64', names?: 'plain'): readonly string[] {
  return (readSuite(shownBy(files), '', 'stable', names)?.indices.get(index) ?? []).map(
    ({ name, version, architecture }) => `${name} ${version} ${architecture}`,
  )
}

/** Lets somebody else write a file. */
function write(files: MemoryFiles, path: string, data: Buffer | string, at = instant(0)) {
  files.put(path as never, Buffer.from(data), at)
}

/** A suite with these packages, and the clock of its writers. */
async function suiteWith(debs: readonly Built[], settings = {}) {
  const [files, clock] = [new MemoryFiles(), virtualClock()]
  const outcomes = await publish(openSuite(files, clock, { settings }), debs, { clock })
  expect(outcomes.map(({ verdict }) => verdict)).toEqual(debs.map(() => 'published'))
  return { files, clock }
}

/** Publishes, and tells the verdicts and the codes of problems. */
async function publishInto(
  { files, clock }: Awaited<ReturnType<typeof suiteWith>>,
  debs: readonly Built[],
  options: Parameters<typeof openSuite>[2] = {},
) {
  const outcomes = await publish(openSuite(files, clock, options), debs, { clock })
  return outcomes.map(({ verdict, problem }) => [verdict, problem?.code, problem?.message ?? ''] as const)
}

/** Something that is waited for. */
function gate() {
  let open: () => void = () => undefined
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open: () => open() }
}

const published = [['published', undefined, '']]

describe('a suite', () => {
  test('begins with its first package, and has an index for the usual architectures from the first', async () => {
    const { files } = await suiteWith([acme])
    expect(listed(files)).toEqual(['acme 1.0 amd64'])
    expect(listed(files, 'main/binary-arm64')).toEqual([])
    expect(textOf(files, top)).toContain('Suite: stable\nCodename: stable\n')
  })

  test('lists a package for all architectures in each index, also in one that comes later', async () => {
    const suite = await suiteWith([deb('acme-doc', '1.0', 'all')])
    expect(await publishInto(suite, [deb('acme', '1.0', 'riscv64')])).toEqual(published)
    expect(listed(suite.files, 'main/binary-riscv64')).toEqual(['acme 1.0 riscv64', 'acme-doc 1.0 all'])
  })

  test('has several components, of which a release changes its own alone', async () => {
    const suite = await suiteWith([acme])
    await publishInto(suite, [deb('extra')], { settings: { component: 'contrib' } })
    expect(listed(suite.files)).toEqual(['acme 1.0 amd64'])
    expect(listed(suite.files, 'contrib/binary-amd64')).toEqual(['extra 1.0 amd64'])
    expect(textOf(suite.files, top)).toContain('Components: contrib main\n')
  })

  test('is that of the distribution, or one for all', async () => {
    const [files, clock] = [new MemoryFiles(), virtualClock()]
    await publish(openSuite(files, clock, { settings: { suite: { 'debian/stable': 'bookworm' } } }), [acme], { clock })
    await publish(openSuite(files, clock, { settings: { suite: 'all-of-them', path: 'linux/debian' } }), [acme], { clock })
    expect(readSuite(shownBy(files), '', 'bookworm')).toBeDefined()
    expect(readSuite(shownBy(files), 'linux/debian/', 'all-of-them')).toBeDefined()
  })

  test('without plain names has none', async () => {
    const { files } = await suiteWith([acme], { plainNames: false })
    expect([...files.files.keys()].filter((path) => /Release$|Release\.gpg$|binary-[^/]+\/Packages/.test(path))).toEqual([top])
  })

  test('keeps packages under their digests, if configured', async () => {
    const { files } = await suiteWith([deb('libstdc++', '1:2.0~rc1+b1')], { pool: 'digests' })
    expect(listed(files)).toEqual(['libstdc++ 1:2.0~rc1+b1 amd64'])
    expect([...files.files.keys()].filter((path) => path.startsWith('pool/'))).toEqual([
      expect.stringMatching(/^pool\/[0-9a-f]{2}\/[0-9a-f]{64}\/libstdc___2\.0~rc1_b1_amd64\.deb$/),
    ])
  })
})

describe('dates', () => {
  test('two changes have dates of different seconds, though no time passes between them: apt ignores one that is not newer', async () => {
    const suite = await suiteWith([acme])
    const first = readSuite(shownBy(suite.files), '', 'stable')?.date ?? 0
    const waits = suite.clock.waits.length
    expect(await publishInto(suite, [deb('second')])).toEqual(published)
    expect(readSuite(shownBy(suite.files), '', 'stable')?.date).toBeGreaterThanOrEqual(first + 1000)
    expect(Math.max(...suite.clock.waits.slice(waits))).toBeGreaterThanOrEqual(1000)
  })

  test('an index whose writer had a fast clock is waited for', async () => {
    const suite = await suiteWith([acme])
    const ahead = virtualClock(later(suite.clock.now(), 60))
    await publish(openSuite(suite.files, ahead), [deb('second')], { clock: ahead })
    const date = readSuite(shownBy(suite.files), '', 'stable')?.date ?? 0
    expect(await publishInto(suite, [deb('third')])).toEqual(published)
    expect(Date.parse(suite.clock.now())).toBeGreaterThan(date)
  })

  test('one that is dated tomorrow is not: a person must investigate', async () => {
    const suite = await suiteWith([acme])
    const ahead = virtualClock(later(suite.clock.now(), 86_400))
    await publish(openSuite(suite.files, ahead), [deb('second')], { clock: ahead })
    expect(await publishInto(suite, [deb('third')])).toEqual([
      ['failed', 'repository/index-ahead', expect.stringContaining('has the date')],
    ])
    expect(listed(suite.files)).toEqual(['acme 1.0 amd64', 'second 1.0 amd64'])
  })
})

describe('several writers', () => {
  test('statement 6: one that is slow to bring the files under plain names leaves them to the next one', async () => {
    const suite = await suiteWith([acme])
    const [stopped, waiting] = [gate(), gate()]
    const slow: Hook = async (what, when) => {
      if (when !== 'before' || what !== 'observe dists/stable/main/binary-amd64/Packages.gz') return
      waiting.open()
      await stopped.opened
    }
    // Clocks of their own: no time passes for the one that is stopped.
    const first = virtualClock(later(suite.clock.now(), 60))
    const publishing = publish(openSuite(suite.files, first, { hook: slow }), [deb('slow')], { clock: first })
    await waiting.opened
    const second = virtualClock(later(suite.clock.now(), 120))
    expect((await publish(openSuite(suite.files, second), [deb('quick')], { clock: second })).map(({ verdict }) => verdict)).toEqual([
      'published',
    ])
    stopped.open()
    expect((await publishing).map(({ verdict }) => verdict)).toEqual(['published'])
    expect(listed(suite.files, undefined, 'plain')).toEqual(['acme 1.0 amd64', 'quick 1.0 amd64', 'slow 1.0 amd64'])
  })

  test('another package of the same name, version and architecture is a conflict, before anything is sent', async () => {
    const suite = await suiteWith([acme])
    expect(await publishInto(suite, [deb('acme', '1.0', 'amd64', 'other')])).toEqual([['conflict', 'content/conflict', expect.any(String)]])
    expect(listed(suite.files)).toEqual(['acme 1.0 amd64'])
  })

  test('an unlisted file in the place is a conflict if it differs, and is listed otherwise', async () => {
    const suite = await suiteWith([acme])
    const [mine, other] = [deb('new'), deb('new', '1.0', 'amd64', 'other')]
    write(suite.files, 'pool/stable/main/new_1.0_amd64.deb', other.data)
    const elsewhere = { ...mine, at: { ...mine.at, distribution: 'debian/testing' } }
    expect((await publishInto(suite, [mine, elsewhere])).map(([verdict]) => verdict)).toEqual(['conflict', 'published'])
    expect(await publishInto(suite, [other])).toEqual(published)
  })
})

describe('a suite that is not as it should be stays as it is', () => {
  const broken: readonly (readonly [string, (files: MemoryFiles) => void | Promise<void>, string])[] = [
    [
      'an index is gone',
      ({ files }) =>
        void [...files.keys()].filter((path) => /binary-amd64\/(by-hash|Packages)/.test(path)).map((path) => files.delete(path)),
      'repository/index-broken',
    ],
    [
      'an index has other bytes',
      (files) =>
        [...files.files.keys()].filter((path) => /binary-amd64\/by-hash/.test(path)).forEach((path) => void write(files, path, 'other')),
      'repository/index-broken',
    ],
    ['somebody else signed it', (files) => write(files, top, 'Suite: stable'), 'repository/unexpected'],
    ['the InRelease is gone', ({ files }) => void files.delete(top as never), 'repository/index-old'],
    [
      'its fields cannot be read',
      async (files) => write(files, top, await signing.clearsign('Suite stable\nSHA256:\n', instant(0))),
      'repository/index-broken',
    ],
    [
      'it lists no digests',
      async (files) => write(files, top, await signing.clearsign('Suite: stable\nMD5Sum:\n', instant(0))),
      'repository/index-broken',
    ],
    [
      'it has no date that can be read',
      async (files) => write(files, top, await signing.clearsign('Date: soon\nSHA256:\n', instant(0))),
      'repository/index-broken',
    ],
  ]
  test.each(broken)('%s', async (_, breakIt, code) => {
    const suite = await suiteWith([acme])
    await breakIt(suite.files)
    const before = new Map(suite.files.files)
    const [outcome] = await publishInto(suite, [deb('new')])
    expect(outcome?.[0]).toMatch(/failed|undetermined/)
    if (code !== 'repository/unexpected') expect(outcome?.[1]).toBe(code)
    for (const [path, file] of before) expect(suite.files.files.get(path), path).toBe(file)
    expect([...suite.files.files.keys()].filter((path) => !before.has(path) && !path.startsWith('pool/'))).toEqual([])
  })

  test('the InRelease is gone, and nothing has a plain name: a former one tells that there was one', async () => {
    const suite = await suiteWith([acme], { plainNames: false })
    await publishInto(suite, [deb('second')], { settings: { plainNames: false } })
    suite.files.files.delete(top as never)
    expect(await publishInto(suite, [deb('third')], { settings: { plainNames: false } })).toEqual([
      ['failed', 'repository/index-gone', expect.stringContaining('an earlier version of it')],
    ])
  })

  test.each(['origin', 'label'])('its %s would be another one, which clients refuse', async (field) => {
    const suite = await suiteWith([acme], { [field]: 'Acme' })
    expect(await publishInto(suite, [deb('second')], { settings: { [field]: 'Other' } })).toEqual([
      ['failed', 'repository/index-fixed', expect.stringContaining('Acme')],
    ])
    expect(await publishInto(suite, [deb('second')], { settings: { [field]: 'Acme' } })).toEqual(published)
    expect(await publishInto(suite, [deb('third')])).toEqual(published)
    expect(textOf(suite.files, top)?.toLowerCase()).toContain(`${field}: acme`)
  })
})

describe('users', () => {
  const read = (files: MemoryFiles, clock = virtualClock(), { at } = acme) => openSuite(files, clock).served(at, soon())

  test('get the bytes that the index names', async () => {
    const { files } = await suiteWith([acme])
    const stream = await read(files)
    expect(stream && (await readDigest(stream)).size).toBe(acme.data.length)
  })

  test('get nothing that is not listed', async () => {
    const { files } = await suiteWith([acme])
    expect(await read(files, undefined, deb('other'))).toBeUndefined()
    expect(await read(new MemoryFiles())).toBeUndefined()
  })

  test('are told where the index leads nowhere, or to other bytes', async () => {
    const suite = await suiteWith([acme])
    write(suite.files, 'pool/stable/main/acme_1.0_amd64.deb', 'other')
    const stream = await read(suite.files)
    await expect(stream && readDigest(stream)).rejects.toThrow(IndexBroken)
    suite.files.files.delete('pool/stable/main/acme_1.0_amd64.deb' as never)
    await expect(read(suite.files)).rejects.toThrow('cannot get it')
  })

  test('get it though the indices of the state before are gone: cleaned up, or written by another tool under plain names alone', async () => {
    const suite = await suiteWith([deb('old')])
    const former = [...suite.files.files.keys()].filter((path) => /binary-[^/]+\/by-hash\//.test(path))
    await publishInto(suite, [acme])
    for (const path of former) suite.files.files.delete(path)
    const stream = await read(suite.files)
    expect(stream && (await readDigest(stream)).size).toBe(acme.data.length)
  })

  test('are told so by each package, whichever was read first', async () => {
    const suite = await suiteWith([deb('old', '1.0', 'arm64')])
    await publishInto(suite, [acme, deb('acme', '1.0', 'arm64')])
    const careless = await suiteWith([acme, deb('acme', '1.0', 'arm64')])
    const former = /X-Stagegate-Former: .*\n/.exec(textOf(suite.files, top) ?? '')?.[0] ?? ''
    for (const [path, { data }] of careless.files.files)
      if (!path.startsWith('pool/'))
        write(suite.files, path, path === top ? data.toString().replace('SHA256:\n', `${former}SHA256:\n`) : data)
    const users = openSuite(suite.files, virtualClock())
    expect(await users.served(acme.at, soon())).toBeDefined()
    await expect(users.served(deb('acme', '1.0', 'arm64').at, soon())).rejects.toThrow(
      'old 1.0 arm64 was listed before and has disappeared',
    )
  })

  test('get it after a look that was stopped in the middle', async () => {
    const { files } = await suiteWith([acme])
    const stop = new AbortController()
    const hook: Hook = (what) => {
      if (what.startsWith('users') && what.includes('by-hash')) stop.abort(new Error('too late'))
    }
    const users = openSuite(files, virtualClock(), { hook })
    await expect(users.served(acme.at, soon(stop.signal))).rejects.toThrow('too late')
    expect(await users.served(acme.at, soon())).toBeDefined()
  })

  test('statement 11: are told where something has vanished since this release came', async () => {
    const suite = await suiteWith([deb('old')])
    await publishInto(suite, [acme])
    await publishInto(suite, [deb('new')])
    // A careless tool, which goes on from the last state.
    const careless = await suiteWith([acme])
    const former = /X-Stagegate-Former: .*\n/.exec(textOf(suite.files, top) ?? '')?.[0] ?? ''
    for (const [path, { data }] of careless.files.files)
      if (!path.startsWith('pool/'))
        write(suite.files, path, path === top ? data.toString().replace('SHA256:\n', `${former}SHA256:\n`) : data)
    await expect(read(suite.files)).rejects.toThrow('old 1.0 amd64 was listed before and has disappeared')
  })
})
