import { instant, later } from '@stagegate/schema'
import { describe, expect, test } from 'vitest'
import { type Hook, MemoryFiles } from '../../testing/memory-store.js'
import { makeRpm } from '../../testing/packages/index.js'
import { virtualClock } from '../../testing/virtual-clock.js'
import { type Built, openYum, publish, rpm, shownBy, signing } from '../indexed/testing/trees.js'
import { readYum } from '../indexed/testing/yum-reader.js'
import { bytesOf, listed, published, publishInto, remove, repositoryWith, top, write } from './testing/memory-tree.js'

const acme = rpm('acme')

/** Something that is waited for. */
function gate() {
  let open: () => void = () => undefined
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open: () => open() }
}

const inDistribution = (built: Built, distribution: string): Built => ({ ...built, at: { ...built.at, distribution } })

describe('a repository', () => {
  test('has a folder for each distribution, with an index of its own', async () => {
    const { files } = await repositoryWith([acme, inDistribution(rpm('acme', '1.0-1.fc'), 'fedora/41')])
    expect(listed(files)).toEqual(['acme 1.0-1 x86_64'])
    expect(listed(files, 'fedora/41')).toEqual(['acme 1.0-1.fc x86_64'])
  })

  test('has the folder that a distribution is given, and the usual one for others', async () => {
    const folder = { 'el/9': 'rhel9/stable' }
    const both = [acme, inDistribution(rpm('other'), 'fedora/41')]
    const { files } = await repositoryWith(both, { folder, path: 'linux/rpm' })
    expect(listed(files, 'linux/rpm/rhel9/stable')).toEqual(['acme 1.0-1 x86_64'])
    expect(listed(files, 'linux/rpm/fedora/41')).toEqual(['other 1.0-1 x86_64'])
  })

  test('has one folder for all distributions, if configured', async () => {
    const { files } = await repositoryWith([acme, inDistribution(rpm('other'), 'fedora/41')], { folder: 'all' })
    expect(listed(files, 'all')).toEqual(['acme 1.0-1 x86_64', 'other 1.0-1 x86_64'])
  })

  test('lists versions with ~, ^, + and an epoch, for any architecture and for all, each as it is', async () => {
    const versions = ['1.0~rc1-1', '1.0^git7-1', '1.0+b1-1', '2:0.5-1']
    const { files } = await repositoryWith([...versions.map((one) => rpm('acme', one)), rpm('acme', '1.0-1', 'noarch')])
    expect(listed(files)).toEqual([...versions.map((one) => `acme ${one} x86_64`), 'acme 1.0-1 noarch'].sort())
    expect(bytesOf(files, 'el/9/Packages/acme-1.0~rc1-1.x86_64.rpm')).toBeDefined()
  })

  test('keeps packages under their digests, if configured', async () => {
    const { files } = await repositoryWith([rpm('libstdc++', '2:2.0~rc1-1')], { pool: 'digests' })
    expect(listed(files)).toEqual(['libstdc++ 2:2.0~rc1-1 x86_64'])
    expect([...files.files.keys()].filter((path) => path.endsWith('.rpm'))).toEqual([
      expect.stringMatching(/^el\/9\/Packages\/[0-9a-f]{2}\/[0-9a-f]{64}\/libstdc__-2\.0~rc1-1\.x86_64\.rpm$/),
    ])
  })

  test('lists source packages beside those that were built of them', async () => {
    const options = { name: 'acme', version: '1.0', release: '1', architecture: 'x86_64', source: true }
    const at = { ...acme.at, architecture: 'src', file: 'acme-1.0-1.src.rpm' }
    const { files } = await repositoryWith([acme, { at, data: Buffer.from(makeRpm(options)) }])
    expect(listed(files)).toEqual(['acme 1.0-1 src', 'acme 1.0-1 x86_64'])
  })

  test('takes no package that names itself otherwise than its coordinates', async () => {
    const [files, clock] = [new MemoryFiles(), virtualClock()]
    const other = { ...acme, data: rpm('other').data }
    const [outcome] = await publish(openYum(files, clock), [other], { clock })
    expect(outcome).toMatchObject({ verdict: 'failed', problem: { code: 'repository/other-package' } })
    expect(bytesOf(files, top)).toBeUndefined()
  })

  test('is written once for all packages of a run', async () => {
    const { files } = await repositoryWith([acme, rpm('second'), rpm('third', '1.0-1', 'noarch')])
    expect(files.history.filter(([path]) => path === top)).toHaveLength(1)
  })
})

describe('dates', () => {
  test('two changes have dates of different seconds, though no time passes between them', async () => {
    const repository = await repositoryWith([acme])
    const first = readYum(shownBy(repository.files), 'el/9')?.date ?? 0
    const waits = repository.clock.waits.length
    expect(await publishInto(repository, [rpm('second')])).toEqual(published)
    expect(readYum(shownBy(repository.files), 'el/9')?.date).toBeGreaterThanOrEqual(first + 1000)
    expect(Math.max(...repository.clock.waits.slice(waits))).toBeGreaterThanOrEqual(1000)
  })

  test('an index whose writer had a fast clock is waited for', async () => {
    const repository = await repositoryWith([acme])
    const ahead = virtualClock(later(repository.clock.now(), 60))
    await publish(openYum(repository.files, ahead), [rpm('second')], { clock: ahead })
    const date = readYum(shownBy(repository.files), 'el/9')?.date ?? 0
    expect(await publishInto(repository, [rpm('third')])).toEqual(published)
    expect(Date.parse(repository.clock.now())).toBeGreaterThan(date)
  })

  test('one that is dated tomorrow is not: a person must investigate', async () => {
    const repository = await repositoryWith([acme])
    const ahead = virtualClock(later(repository.clock.now(), 86_400))
    await publish(openYum(repository.files, ahead), [rpm('second')], { clock: ahead })
    expect(await publishInto(repository, [rpm('third')])).toEqual([
      ['failed', 'repository/index-ahead', expect.stringContaining('has the date')],
    ])
    expect(listed(repository.files)).toEqual(['acme 1.0-1 x86_64', 'second 1.0-1 x86_64'])
  })
})

describe('what is there already', () => {
  test.each([['1.0-1'], ['2:1.0~rc1-1']])(
    'another package of the name, version %s and architecture is a conflict, before anything is sent',
    async (version) => {
      const repository = await repositoryWith([rpm('acme', version)])
      const before = new Map(repository.files.files)
      const other = rpm('acme', version, 'x86_64', 100)
      expect(await publishInto(repository, [other])).toEqual([['conflict', 'content/conflict', expect.any(String)]])
      expect(new Map(repository.files.files)).toEqual(before)
    },
  )

  test('the same version for another architecture, and with another epoch, is another package', async () => {
    // The names of files have no epoch, so under names the second would take the place of the first.
    const pool = { settings: { pool: 'digests' } } as const
    const repository = await repositoryWith([acme], pool.settings)
    expect(await publishInto(repository, [rpm('acme', '1.0-1', 'aarch64'), rpm('acme', '1:1.0-1')], pool)).toEqual([
      ...published,
      ...published,
    ])
    expect(listed(repository.files)).toEqual(['acme 1.0-1 aarch64', 'acme 1.0-1 x86_64', 'acme 1:1.0-1 x86_64'])
  })

  test('under names, a package whose file name another epoch has taken is a conflict', async () => {
    const repository = await repositoryWith([acme])
    expect((await publishInto(repository, [rpm('acme', '1:1.0-1')])).map(([verdict]) => verdict)).toEqual(['conflict'])
    expect(listed(repository.files)).toEqual(['acme 1.0-1 x86_64'])
  })

  test('an unlisted file in the place is a conflict if it differs, and is listed otherwise', async () => {
    const repository = await repositoryWith([acme])
    const [mine, other] = [rpm('new'), rpm('new', '1.0-1', 'x86_64', 100)]
    write(repository.files, 'el/9/Packages/new-1.0-1.x86_64.rpm', other.data)
    expect((await publishInto(repository, [mine])).map(([verdict]) => verdict)).toEqual(['conflict'])
    expect(await publishInto(repository, [other])).toEqual(published)
    expect(listed(repository.files)).toEqual(['acme 1.0-1 x86_64', 'new 1.0-1 x86_64'])
  })
})

describe('the signature beside the index', () => {
  const beside = `${top}.asc`
  const isInStep = async (files: MemoryFiles) =>
    bytesOf(files, beside)?.toString() === (await signing.detached(bytesOf(files, top) ?? Buffer.alloc(0), instant(0)))

  test('is written only if configured', async () => {
    expect(bytesOf((await repositoryWith([acme])).files, beside)).toBeUndefined()
    expect(await isInStep((await repositoryWith([acme], { indexSignature: true })).files)).toBe(true)
  })

  test.each([
    ['it is stale', (files: MemoryFiles) => write(files, beside, 'signature of another one')],
    ['it is gone', (files: MemoryFiles) => remove(files, beside)],
  ])('%s: the next run heals it, though it lists nothing new', async (_, breakIt) => {
    const settings = { indexSignature: true }
    const repository = await repositoryWith([acme], settings)
    breakIt(repository.files)
    const index = bytesOf(repository.files, top)
    expect((await publishInto(repository, [acme], { settings })).map(([verdict]) => verdict)).toEqual(['already-public'])
    expect(await isInStep(repository.files)).toBe(true)
    expect(bytesOf(repository.files, top)).toBe(index)
  })

  test('one that is there is kept in step by writers who do not want it: clients ask for it', async () => {
    const repository = await repositoryWith([acme], { indexSignature: true })
    expect(await publishInto(repository, [rpm('second')])).toEqual(published)
    expect(await isInStep(repository.files)).toBe(true)
    write(repository.files, beside, 'signature of another one')
    expect((await publishInto(repository, [acme])).map(([verdict]) => verdict)).toEqual(['already-public'])
    expect(await isInStep(repository.files)).toBe(true)
  })

  test('a writer that is late with it does not leave it behind the index of the next one', async () => {
    const settings = { indexSignature: true }
    const { files, clock } = await repositoryWith([acme], settings)
    const [stopped, waiting] = [gate(), gate()]
    // The first one has looked at the index for the last time; the second has looked at the signature when the first one writes it.
    const first: Hook = async (what, when) => {
      if (when !== 'before' || what !== `replace ${beside}`) return
      waiting.open()
      await stopped.opened
    }
    const clocks = [60, 120].map((seconds) => virtualClock(later(clock.now(), seconds)))
    const [one = clock, two = clock] = clocks
    const publishing = publish(openYum(files, one, { settings, hook: first }), [rpm('slow')], { clock: one })
    await waiting.opened
    const second: Hook = async (what, when) => {
      if (when !== 'before' || what !== `replace ${beside}`) return
      stopped.open()
      await publishing
    }
    await publish(openYum(files, two, { settings, hook: second }), [rpm('quick')], { clock: two })
    expect(listed(files)).toEqual(['acme 1.0-1 x86_64', 'quick 1.0-1 x86_64', 'slow 1.0-1 x86_64'])
    expect(await isInStep(files)).toBe(true)
  })
})
