import { bytes, type Content } from '@stagegate/schema'
import { expect, test } from 'vitest'
import type { ImageRepository } from '../contract/capabilities.js'
import { soon } from '../testing/fixtures.js'
import { Builder, json, type MadeImage, type MemoryRegistry, memoryRegistry } from '../testing/image/memory-registry.js'
import { readGraph } from './graph.js'
import type { Ask } from './persevere.js'
import { waves } from './waves.js'

const ask: Ask = (_operation, run) => run(soon())
const contentOf = ({ digest, size }: MadeImage): Content => ({ sha256: digest, size: bytes(size) })
const read = (registry: ImageRepository, top: MadeImage) => readGraph(ask, registry, 'hello', contentOf(top))

function empty(): { readonly registry: MemoryRegistry; readonly build: Builder } {
  const registry = memoryRegistry('https://registry.example')
  return { registry, build: new Builder(registry, 'hello') }
}

/** An index in an index in an index. */
function nested(build: Builder, depth: number): MadeImage {
  return Array.from({ length: depth }).reduce<MadeImage>((made) => build.index([made]), build.manifest([]))
}

test('a manifest that several refer to is read once, and put before them', async () => {
  const { registry, build } = empty()
  const shared = build.manifest([build.blob(Buffer.from('a'))])
  const inner = build.index([shared])
  const top = build.index([shared, inner])
  const reads: string[] = []
  const counting: ImageRepository = {
    ...registry,
    read: (location, call) => {
      reads.push(location)
      return registry.read(location, call)
    },
  }
  const graph = await read(counting, top)
  expect(reads).toHaveLength(3)
  expect(waves(graph.manifests).map((wave) => wave.map(({ item }) => item.content.sha256))).toEqual([
    [shared.digest],
    [inner.digest],
    [top.digest],
  ])
})

test('referrers of a platform, and of referrers, belong to the image', async () => {
  const { registry, build } = empty()
  const platform = build.manifest([build.blob(Buffer.from('a'))])
  const top = build.index([platform])
  const sbom = build.manifest([build.blob(Buffer.from('b'))], { subject: json(platform) })
  const signature = build.manifest([build.blob(Buffer.from('c'))], { subject: json(sbom) })
  build.tag(`sha256-${sbom.digest}.att`, build.manifest([build.blob(Buffer.from('d'))]))
  build.manifest([build.blob(Buffer.from('of another image'))])
  const graph = await read(registry, top)
  expect(graph.manifests.size).toBe(5)
  expect(graph.referrers.map(({ subject }) => subject)).toEqual([platform.digest, sbom.digest])
  expect(graph.manifests.has(signature.digest)).toBe(true)
  expect(graph.tags.map(({ tag }) => tag)).toEqual([`sha256-${sbom.digest}.att`])
})

test('a manifest is put after the one that it is about, as some registries want it', async () => {
  const { registry, build } = empty()
  const platform = build.manifest([build.blob(Buffer.from('a'))])
  const attestation = build.manifest([build.blob(Buffer.from('b'))], { subject: json(platform) })
  const top = build.index([platform, attestation])
  const sbom = build.manifest([build.blob(Buffer.from('c'))], { subject: json(top) })
  const signature = build.manifest([build.blob(Buffer.from('d'))], { subject: json(sbom) })
  const graph = await read(registry, top)
  expect(waves(graph.manifests).map((wave) => wave.map(({ item }) => item.content.sha256))).toEqual(
    [platform, attestation, top, sbom, signature].map(({ digest }) => [digest]),
  )
})

test('an index may be in an index, but not for ever', async () => {
  const { registry, build } = empty()
  expect((await read(registry, nested(build, 8))).manifests.size).toBe(9)
  await expect(read(registry, nested(build, 9))).rejects.toThrow('nested more than 8 deep')
})

test('referrers may have referrers, but not for ever', async () => {
  const { registry, build } = empty()
  const top = build.manifest([])
  let last = top
  for (let depth = 0; depth < 10; depth++) last = build.manifest([build.blob(Buffer.from(`${depth}`))], { subject: json(last) })
  await expect(read(registry, top)).rejects.toThrow('its referrers are nested more than 8 deep')
})

test('a hostile registry does not fill the memory', async () => {
  const { registry, build } = empty()
  const layer = build.blob(Buffer.from('a'))
  const large = Array.from({ length: 9 }, (_, index) => build.manifest([layer], { annotations: { index, long: 'x'.repeat(4_000_000) } }))
  await expect(read(registry, build.index(large))).rejects.toThrow('or more than 33554432 bytes of them')
  const many = Array.from({ length: 2001 }, (_, index) => build.manifest([layer], { annotations: { index } }))
  await expect(read(registry, build.index(many))).rejects.toThrow('it has more than 2000 manifests')
  const endless = { ...json(large[0] ?? layer), size: 5_000_000 }
  await expect(read(registry, build.index([], { manifests: [endless] }))).rejects.toThrow('a manifest has 5000000 bytes')
  // What is longer than a manifest may be is not read to its end.
  const { digest } = build.manifest([layer], { annotations: { long: 'x'.repeat(4_200_000) } })
  const longer = { ...json(large[0] ?? layer), digest: `sha256:${digest}`, size: 100 }
  const failed = await read(registry, build.index([], { manifests: [longer] })).catch((error: unknown) => error)
  expect(failed).toMatchObject({ code: 'content/mismatch', seen: { sha256: undefined } })
})
