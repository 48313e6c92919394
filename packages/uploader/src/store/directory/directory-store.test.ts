import { chmod, link, mkdir, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import { bytesOf, contentOf, sampleBytes, soon, temporaryFolder } from '../../testing/fixtures.js'
import { sendable } from '../../testing/s3-world.js'
import { storePath } from '../path.js'
import { DirectoryStore } from './index.js'

const path = storePath('dists/stable/InRelease')
const chain = `.stagegate/moves/${path}`
const data = sampleBytes(3000)
const other = sampleBytes(3000, 2)

async function opened() {
  const root = join(await temporaryFolder(), 'tree')
  return { root, store: new DirectoryStore(root), shown: async (at: string = path) => readFile(join(root, at)) }
}

describe('a file', () => {
  test('is absent, created once, seen and read', async () => {
    const { store, root } = await opened()
    expect(await store.observe(path, soon())).toEqual({ saw: 'absent' })
    await expect(store.read(path, soon())).rejects.toMatchObject({ code: 'content/not-there' })
    expect(await store.create(path, sendable(data), soon())).toEqual({ outcome: 'accepted' })
    expect(await store.create(path, sendable(other), soon())).toEqual({ outcome: 'exists' })
    const { stream, version } = await store.read(path, soon())
    expect(await bytesOf(stream)).toEqual(data)
    expect(await store.observe(path, soon())).toEqual({ saw: 'present', ...contentOf(data), version })
    expect(await readdir(root)).toEqual(['dists'])
  })

  test('of other bytes than its body says is not created, and does not move', async () => {
    const { store, root } = await opened()
    for (const wrong of [other, data.subarray(1), Buffer.of()]) {
      const lying = () => ({ ...sendable(wrong), content: contentOf(data) })
      await expect(store.create(path, lying(), soon())).rejects.toMatchObject({ code: 'content/mismatch' })
      await expect(store.replaceIf(path, lying(), 'absent', soon())).rejects.toMatchObject({ code: 'content/mismatch' })
    }
    expect(await store.observe(path, soon())).toEqual({ saw: 'absent' })
    expect((await readdir(root, { recursive: true })).filter((name) => name.endsWith('.part'))).toEqual([])
  })

  test('can be read by a web server’s user, and so can its folders, whatever the umask is', async () => {
    const before = process.umask(0o077)
    onTestFinished(() => void process.umask(before))
    const { store, root } = await opened()
    await store.create(storePath('pool/a.deb'), sendable(data), soon())
    await store.replaceIf(path, sendable(data), 'absent', soon())
    const modeOf = async (at: string) => (await stat(join(root, at))).mode & 0o777
    expect(await Promise.all(['', 'pool', 'dists', 'dists/stable'].map(modeOf))).toEqual([0o755, 0o755, 0o755, 0o755])
    expect(await Promise.all(['pool/a.deb', path].map(modeOf))).toEqual([0o644, 0o644])
  })

  test.each(['a link', 'a folder'])('in whose place is %s is refused', async (what) => {
    const { store, root } = await opened()
    await mkdir(root)
    if (what === 'a folder') await mkdir(join(root, 'x'))
    else await symlink('/etc/passwd', join(root, 'x'))
    await expect(store.observe(storePath('x'), soon())).rejects.toMatchObject({ code: 'directory/not-a-file' })
    await expect(store.replaceIf(storePath('x'), sendable(data), 'absent', soon())).rejects.toMatchObject({ code: 'directory/not-a-file' })
  })

  test('is never outside the folder', async () => {
    const { store, root } = await opened()
    await mkdir(root)
    await symlink('/tmp', join(root, 'out'))
    await expect(store.create(storePath('out/x'), sendable(data), soon())).rejects.toMatchObject({ code: 'directory/outside' })
  })
})

test('a list has the files of readers, and none of ours', async () => {
  const { store } = await opened()
  for (const one of ['b/2', 'b/1', 'a', 'b-c']) await store.create(storePath(one), sendable(data), soon())
  await store.replaceIf(path, sendable(data), 'absent', soon())
  const listed = async (folder?: string) => {
    const found: string[] = []
    for await (const entry of store.list(folder === undefined ? undefined : storePath(folder), soon()))
      found.push(`${entry.path} ${entry.size}`)
    return found
  }
  expect(await listed()).toEqual(['a 3000', 'b/1 3000', 'b/2 3000', 'b-c 3000', `${path} 3000`])
  expect(await listed('b')).toEqual(['b/1 3000', 'b/2 3000'])
  expect(await listed('c')).toEqual([])
})

describe('a name that moves', () => {
  test('goes from state to state, as it was seen, and is changed otherwise', async () => {
    const { store, root, shown } = await opened()
    const first = await store.replaceIf(path, sendable(data), 'absent', soon())
    if (first.outcome !== 'replaced') throw new Error('Expected it to be created')
    expect(await store.replaceIf(path, sendable(other), 'absent', soon())).toEqual({ outcome: 'changed' })
    const another = new DirectoryStore(root)
    expect(await another.observe(path, soon())).toEqual({ saw: 'present', ...contentOf(data), version: first.version })
    expect(await another.replaceIf(path, sendable(other), first.version, soon())).toMatchObject({ outcome: 'replaced' })
    expect(await shown()).toEqual(other)
    expect(await store.replaceIf(path, sendable(data), first.version, soon())).toEqual({ outcome: 'changed' })
    expect(await readdir(join(root, chain))).toEqual(['000000000001', '000000000002'])
  })

  test('back to earlier bytes is another state', async () => {
    const { store } = await opened()
    const states: unknown[] = []
    for (const bytes of [data, other, data]) {
      const seen = await store.observe(path, soon())
      await store.replaceIf(path, sendable(bytes), seen.saw === 'absent' ? 'absent' : seen.version, soon())
      const now = await store.observe(path, soon())
      states.push(now.saw === 'present' && now.version)
    }
    expect(new Set(states).size).toBe(3)
  })

  test('can have been there before: a tree of another tool is taken over', async () => {
    const { store, root, shown } = await opened()
    await mkdir(join(root, 'dists/stable'), { recursive: true })
    await writeFile(join(root, path), data)
    const seen = await store.observe(path, soon())
    if (seen.saw === 'absent') throw new Error('Expected it to be there')
    expect(await store.replaceIf(path, sendable(other), 'absent', soon())).toEqual({ outcome: 'changed' })
    expect(await store.replaceIf(path, sendable(other), seen.version, soon())).toMatchObject({ outcome: 'replaced' })
    expect(await shown()).toEqual(other)
  })

  test('that somebody else has replaced, changed or removed is not moved over that', async () => {
    const { store, root, shown } = await opened()
    const first = await store.replaceIf(path, sendable(data), 'absent', soon())
    if (first.outcome !== 'replaced') throw new Error('Expected it to be created')
    await writeFile(join(root, path), other)
    expect(await store.replaceIf(path, sendable(data), first.version, soon())).toEqual({ outcome: 'changed' })
    await writeFile(join(root, 'new'), sampleBytes(10))
    await rename(join(root, 'new'), join(root, path))
    const refused = { code: 'store/changed-outside', final: true }
    await expect(store.replaceIf(path, sendable(data), first.version, soon())).rejects.toMatchObject(refused)
    await rm(join(root, path))
    await expect(store.observe(path, soon())).rejects.toMatchObject(refused)
    // As the message says.
    await link(join(root, chain, '000000000001'), join(root, path))
    expect(await shown()).toEqual(other)
    expect(await store.observe(path, soon())).toMatchObject({ saw: 'present' })
  })

  test.each([1, 2])('whose process dies between state %i and its name is shown by the next look', async (number) => {
    const { store, root, shown } = await opened()
    for (let state = 1; state < number; state++) await store.replaceIf(path, sendable(data), 'absent', soon())
    const folder = join(root, chain)
    await mkdir(folder, { recursive: true })
    const [token, late] = ['0123456789ab', 'ba9876543210'].map((word) => join(folder, `.00000000000${number}.${word}.part`))
    await writeFile(token ?? '', other)
    await writeFile(late ?? '', sampleBytes(10))
    await link(token ?? '', join(folder, `00000000000${number}`))
    expect(await store.observe(path, soon())).toMatchObject({ saw: 'present', ...contentOf(other) })
    expect(await shown()).toEqual(other)
    expect((await readdir(folder)).filter((name) => name.endsWith('.part'))).toEqual([])
  })

  test('and whose token is left behind beside it is not renamed again, to bytes that are old by then', async () => {
    const { store, root, shown } = await opened()
    const first = await store.replaceIf(path, sendable(data), 'absent', soon())
    if (first.outcome !== 'replaced') throw new Error('Expected it to be created')
    const folder = join(root, chain)
    await link(join(folder, '000000000001'), join(folder, '.000000000001.0123456789ab.part'))
    expect(await store.replaceIf(path, sendable(other), first.version, soon())).toMatchObject({ outcome: 'replaced' })
    await store.observe(path, soon())
    expect(await shown()).toEqual(other)
    expect(await readdir(folder)).toEqual(['000000000001', '000000000002'])
  })

  test('in a folder that cannot be written is not moved, which is reported', async () => {
    const { store, root } = await opened()
    await store.replaceIf(path, sendable(data), 'absent', soon())
    await rm(join(root, chain), { recursive: true })
    await writeFile(join(root, chain), 'in the way')
    await expect(store.replaceIf(path, sendable(other), 'absent', soon())).resolves.toEqual({ outcome: 'changed' })
    await chmod(join(root, chain), 0o644)
    const seen = await store.observe(path, soon())
    if (seen.saw === 'absent') throw new Error('Expected it to be there')
    await expect(store.replaceIf(path, sendable(other), seen.version, soon())).rejects.toThrow(/ENOTDIR|EEXIST|ENOENT/)
  })

  test('of many writers at once, each that is told so has replaced what it saw, and readers see states in their order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 2, max: 10 }), async (writers) => {
        const { root, shown } = await opened()
        let writing = writers
        const add = async (writer: number): Promise<void> => {
          const store = new DirectoryStore(root)
          for (;;) {
            const seen = await store.observe(path, soon())
            const before = seen.saw === 'absent' ? '' : String(await bytesOf((await store.read(path, soon())).stream))
            const body = sendable(Buffer.from(`${before}${writer}\n`))
            const { outcome } = await store.replaceIf(path, body, seen.saw === 'absent' ? 'absent' : seen.version, soon())
            if (outcome === 'replaced') break
          }
          writing--
        }
        const watch = async () => {
          let last = ''
          while (writing > 0) {
            const now = String(await shown().catch(() => last))
            expect(now.startsWith(last), `${JSON.stringify(last)} was followed by ${JSON.stringify(now)}`).toBe(true)
            last = now
            await new Promise((resolve) => setImmediate(resolve))
          }
        }
        await Promise.all([watch(), ...Array.from({ length: writers }, (_, writer) => add(writer))])
        const lines = String(await shown())
          .trim()
          .split('\n')
        expect(lines.map(Number).sort((a, b) => a - b)).toEqual(Array.from({ length: writers }, (_, writer) => writer))
      }),
      { numRuns: 5 },
    )
  })
})
