import { instant } from '@stagegate/schema'
import { describe, expect, test } from 'vitest'
import { IndexBroken } from '../../contract/capabilities.js'
import { readDigest } from '../../contract/read-digest.js'
import { soon } from '../../testing/fixtures.js'
import { type Hook, MemoryFiles } from '../../testing/memory-store.js'
import { virtualClock } from '../../testing/virtual-clock.js'
import { openYum, rpm, signing } from '../indexed/testing/trees.js'
import { formerIn, signRepomd } from './signed-repomd.js'
import { bytesOf, pathOf, publishInto, remove, repositoryWith, resign, top, unsigned, write } from './testing/memory-tree.js'

const acme = rpm('acme')

describe('a repository that is not as it should be stays as it is', () => {
  const broken: readonly (readonly [string, (files: MemoryFiles) => void | Promise<void>, string])[] = [
    ...['primary', 'filelists', 'other'].flatMap((kind): typeof broken => [
      [`its ${kind} is gone`, (files) => remove(files, pathOf(files, new RegExp(`-${kind}\\.xml`))), 'repository/index-broken'],
      [
        `its ${kind} has other bytes`,
        (files) => write(files, pathOf(files, new RegExp(`-${kind}\\.xml`)), 'other'),
        'repository/index-broken',
      ],
    ]),
    ['somebody else signed it', (files) => write(files, top, `${unsigned(files)}<!-- stagegate-signature: AAAA -->\n`), 'repository/threw'],
    [
      'somebody changed it behind its signature',
      (files) => write(files, top, bytesOf(files, top)?.toString().replace('<revision>', '<revision>1') ?? ''),
      'repository/threw',
    ],
    [
      'something follows its signature',
      (files) => write(files, top, `${bytesOf(files, top)}<!-- and more -->\n`),
      'repository/index-unsigned',
    ],
    ['it has no signature', (files) => write(files, top, unsigned(files)), 'repository/index-unsigned'],
    ['it is empty', (files) => write(files, top, ''), 'repository/index-unsigned'],
    ['it cannot be parsed', (files) => resign(files, (text) => text.replace('</repomd>', '')), 'repository/index-broken'],
    [
      'it names no filelists',
      (files) => resign(files, (text) => text.replace(/ *<data type="filelists">[\s\S]*?<\/data>\n/, '')),
      'repository/index-broken',
    ],
    [
      'it names a document at another address',
      (files) => resign(files, (text) => text.replace('<location ', '<location xml:base="https://example.com/" ')),
      'repository/index-broken',
    ],
  ]
  test.each(broken)('%s', async (_, breakIt, code) => {
    const repository = await repositoryWith([acme])
    await breakIt(repository.files)
    const before = new Map(repository.files.files)
    const [outcome] = await publishInto(repository, [rpm('new')])
    expect(outcome?.[0]).toMatch(/failed|undetermined/)
    expect(outcome?.[1]).toBe(code)
    for (const [path, file] of before) expect(repository.files.files.get(path), path).toBe(file)
    expect([...repository.files.files.keys()].filter((path) => !before.has(path) && !path.startsWith('el/9/Packages/'))).toEqual([])
  })

  test.each([
    ['after its first change', [rpm('second')]],
    ['after the run that it began with', []],
  ])('its repomd.xml is gone %s: a former one tells that there was one', async (_, more) => {
    const repository = await repositoryWith([acme])
    if (more.length > 0) await publishInto(repository, more)
    remove(repository.files, top)
    expect(await publishInto(repository, [rpm('third')])).toEqual([
      ['failed', 'repository/index-gone', expect.stringContaining('repodata/former/')],
    ])
    expect(bytesOf(repository.files, top)).toBeUndefined()
  })

  test.each(['primary', 'filelists', 'other'])(
    'its new %s is lost right after it was written: nobody is told that the package is public',
    async (kind) => {
      const repository = await repositoryWith([acme])
      const before = new Set(repository.files.files.keys())
      const hook: Hook = (what, when) => {
        if (when !== 'after' || what !== `replace ${top}`) return
        const path = [...repository.files.files.keys()].find((one) => !before.has(one) && one.endsWith(`-${kind}.xml.gz`))
        write(repository.files, path ?? '', 'other bytes')
      }
      const [outcome] = await publishInto(repository, [rpm('new')], { hook })
      expect(outcome?.[0]).toBe('undetermined')
      expect(outcome?.[2]).toContain('repomd.xml')
    },
  )

  test('a package that it lists is gone, or has other bytes: it is not brought again in its place', async () => {
    const repository = await repositoryWith([acme])
    const path = 'el/9/Packages/acme-1.0-1.x86_64.rpm'
    for (const breakIt of [() => write(repository.files, path, 'other'), () => remove(repository.files, path)]) {
      breakIt()
      const there = bytesOf(repository.files, path)
      const [outcome] = await publishInto(repository, [acme])
      expect(outcome?.[0]).toMatch(/failed|undetermined/)
      expect(outcome?.[1]).toBe('repository/index-broken')
      expect(bytesOf(repository.files, path)).toBe(there)
    }
  })
})

describe('users', () => {
  const read = (files: MemoryFiles, clock = virtualClock(), { at } = acme) => openYum(files, clock).served(at, soon())

  test('get the bytes that the index names', async () => {
    const { files } = await repositoryWith([acme])
    const stream = await read(files)
    expect(stream && (await readDigest(stream)).size).toBe(acme.data.length)
  })

  test('get nothing that is not listed', async () => {
    const { files } = await repositoryWith([acme])
    expect(await read(files, undefined, rpm('other'))).toBeUndefined()
    expect(await read(files, undefined, rpm('acme', '1:1.0-1'))).toBeUndefined()
    expect(await read(new MemoryFiles())).toBeUndefined()
  })

  test('are told where the index leads nowhere, or to other bytes', async () => {
    const { files } = await repositoryWith([acme])
    write(files, 'el/9/Packages/acme-1.0-1.x86_64.rpm', 'other')
    const stream = await read(files)
    await expect(stream && readDigest(stream)).rejects.toThrow(IndexBroken)
    remove(files, 'el/9/Packages/acme-1.0-1.x86_64.rpm')
    await expect(read(files)).rejects.toThrow('cannot get it')
  })

  test('are told where a document is gone', async () => {
    const { files } = await repositoryWith([acme])
    remove(files, pathOf(files, /-other\.xml/))
    await expect(read(files)).rejects.toThrow('is gone')
  })

  test('are told where something has vanished since this release came', async () => {
    const repository = await repositoryWith([rpm('old')])
    await publishInto(repository, [acme])
    await publishInto(repository, [rpm('new')])
    // A careless tool, which goes on from the last state.
    const careless = await repositoryWith([acme])
    const former = formerIn(bytesOf(repository.files, top) ?? Buffer.alloc(0))
    const text = unsigned(careless.files)
    for (const [path, { data }] of careless.files.files) if (/repodata\/\w+-/.test(path)) write(repository.files, path, data)
    write(repository.files, top, await signRepomd(Buffer.from(text), former, signing, instant(0)))
    await expect(read(repository.files)).rejects.toThrow('old 1.0-1 x86_64 was listed before and has disappeared')
  })
})
