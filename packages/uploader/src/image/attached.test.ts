import { describe, expect, onTestFinished, test } from 'vitest'
import { tls } from '../testing/authority.js'
import { publishImage, registryAt } from '../testing/image/publish-image.js'
import { type Shape, type StoredRelease, storeImage, wrongIn } from '../testing/image/stored-image.js'
import { digestOf } from '../testing/registry/image.js'
import { type RegistryOptions, type RegistryServer, type StoredImage, startRegistry } from '../testing/registry/index.js'

/*
 * What is attached to an image (signatures, SBOMs, attestations), between registries that know of it in their own ways.
 */

const ways = {
  'with the API': {},
  'without the API': { referrers: false },
  'that takes tags for digests': { referrers: false, tagsAreDigests: true },
} as const satisfies Readonly<Record<string, RegistryOptions>>
type Way = keyof typeof ways
const names = Object.keys(ways) as Way[]
const shapes: readonly Shape[] = ['of one platform', 'of two platforms', 'attested']

async function start(options: RegistryOptions): Promise<RegistryServer> {
  const server = await startRegistry({ tls, maxPerPage: 1, closesOnError: true, ...options })
  onTestFinished(async () => {
    await server.close()
    expect(server.violations).toEqual([])
  })
  return server
}

async function worldOf(from: RegistryOptions, to: RegistryOptions) {
  const [staging, stable] = await Promise.all([start(from), start(to)])
  const ends = { source: registryAt(staging.url, 'builds'), to: registryAt(stable.url, 'acme') }
  return {
    build: staging.image('builds/app'),
    there: stable.image('acme/app'),
    publish: (content: StoredRelease['content']) => publishImage({ ...ends, content }),
    sent: () => stable.requests.filter(({ method }) => method !== 'GET' && method !== 'HEAD'),
  }
}

/** What an index under the tag of the list says, on a registry without the API. */
function listUnderTag(image: StoredImage, { content }: StoredRelease): readonly string[] {
  const found = image.manifests.get(image.tags.get(`sha256-${content.sha256}`) ?? '')
  return JSON.parse(found?.data.toString() ?? '{"manifests":[]}').manifests.map(({ digest }: { digest: string }) => digest)
}

describe.each(shapes)('an image %s', (shape) => {
  describe.each(names)('from a registry %s', (from) => {
    test.each(names)('to one %s is published whole, and once', async (to) => {
      const { build, there, publish, sent } = await worldOf(ways[from], ways[to])
      const release = storeImage(build, 1, 5000, { signed: false, shape })
      expect(await publish(release.content)).toMatchObject({ verdict: 'published' })
      expect([...there.manifests.keys()].sort()).toEqual([...build.manifests.keys()].sort())
      expect(wrongIn(there)).toEqual([])
      const before = sent().length
      expect(await publish(release.content)).toMatchObject({ verdict: 'already-public', bytesSent: 0 })
      expect(sent().slice(before)).toEqual([])
      // What is in the index needs no list, though the registry that has the API lists it.
      expect([...there.tags.keys()].sort()).toEqual(['1.0.0', 'latest'])
    })

    test.each(names)('to one %s goes with its SBOM and its signature', async (to) => {
      const { build, there, publish } = await worldOf(ways[from], ways[to])
      const release = storeImage(build, 1, 5000, { signed: true, shape })
      const [sbom = ''] = [...build.manifests].find(([, { data }]) => data.includes('application/spdx+json')) ?? []
      const outcome = await publish(release.content)
      // GitLab's registry lists nothing, so that nobody knows of the SBOM; and has no place for a list.
      const known = from === 'with the API'
      const place = to !== 'that takes tags for digests'
      expect(there.tags.has(`sha256-${release.content.sha256}.sig`)).toBe(place || !known)
      if (known && !place) {
        const next = expect.stringContaining('It is not part of the build')
        expect(outcome).toMatchObject({ verdict: 'failed', problem: { code: 'repository/no-referrers', message: next } })
        expect([...there.tags.keys()].filter((tag) => !tag.endsWith('.sig'))).toEqual([])
        return
      }
      expect(outcome).toMatchObject({ verdict: 'published' })
      expect(there.manifests.has(sbom)).toBe(known)
      expect(listUnderTag(there, release)).toEqual(known && to === 'without the API' ? [sbom] : [])
    })
  })
})

describe('an attachment', () => {
  const plain = 'application/vnd.oci.image.manifest.v1+json'
  const artifact = 'application/vnd.oci.artifact.manifest.v1+json'

  /** An image, and something about it, as the registry lists it. */
  async function attached(
    mediaType: string,
    json: (subject: object, layer: object) => object,
    listed: object = {},
    to: RegistryOptions = {},
  ) {
    const world = await worldOf({ referrers: false }, to)
    const { build } = world
    const release = storeImage(build, 1, 5000, { signed: false })
    const subject = { mediaType: plain, digest: `sha256:${release.content.sha256}`, size: release.content.size }
    const data = Buffer.from('an SBOM')
    build.blobs.set(digestOf(data), data)
    const layer = { mediaType: 'application/spdx+json', digest: digestOf(data), size: data.length }
    const manifest = Buffer.from(JSON.stringify({ mediaType, ...json(subject, layer) }))
    const digest = build.add(mediaType, manifest)
    const entry = { mediaType, digest, size: manifest.length, annotations: { kept: 'as it is' }, ...listed }
    const list = Buffer.from(JSON.stringify({ schemaVersion: 2, manifests: [entry] }))
    build.add('application/vnd.oci.image.index.v1+json', list, `sha256-${release.content.sha256}`)
    return { ...world, release, digest, entry }
  }
  const config = { mediaType: 'application/vnd.oci.empty.v1+json', digest: digestOf(Buffer.from('{}')), size: 2 }
  const about = { schemaVersion: 2, config }

  test.each<[string, string, (subject: object, layer: object) => object]>([
    ['without layers', plain, (subject) => ({ ...about, subject })],
    ['with layers that are null', plain, (subject) => ({ ...about, subject, layers: null })],
    [
      'with a media type that has a parameter',
      plain,
      (subject, layer) => ({
        ...about,
        subject,
        layers: [{ ...layer, mediaType: 'application/vnd.dev.sigstore.bundle+json;version=0.2' }],
      }),
    ],
    ['that is an artifact manifest', artifact, (subject, layer) => ({ subject, artifactType: 'x/y', blobs: [layer] })],
    ['that is an artifact manifest without blobs', artifact, (subject) => ({ subject })],
  ])('%s goes with the image', async (_what, mediaType, json) => {
    const { there, publish, release, digest } = await attached(mediaType, json)
    expect(await publish(release.content)).toMatchObject({ verdict: 'published' })
    expect(there.manifests.has(digest)).toBe(true)
    expect(wrongIn(there)).toEqual([])
  })

  test.each<[string, object]>([
    ['no size', { size: undefined }],
    ['another size', { size: 7 }],
    ['no media type', { mediaType: undefined }],
    ['another media type', { mediaType: artifact }],
  ])('that is listed with %s is listed rightly then, and else as it was', async (_what, listed) => {
    const { there, publish, release, digest, entry } = await attached(plain, (subject) => ({ ...about, subject }), listed, {
      referrers: false,
    })
    expect(await publish(release.content)).toMatchObject({ verdict: 'published' })
    const list = JSON.parse(there.manifest(`sha256-${release.content.sha256}`)?.data.toString() ?? '{}')
    const size = there.manifests.get(digest)?.data.length
    expect(list.manifests).toEqual([{ ...entry, mediaType: plain, size }])
  })

  test('that is listed, and about something else, is none', async () => {
    const other = { mediaType: plain, digest: `sha256:${'0'.repeat(64)}`, size: 5 }
    for (const subject of [undefined, null, other]) {
      const { there, publish, release, digest } = await attached(plain, () => ({ ...about, subject }))
      expect(await publish(release.content)).toMatchObject({ verdict: 'published' })
      expect(there.manifests.has(digest)).toBe(false)
    }
  })

  test('that is listed, and gone, is left out, and the receipt says so', async () => {
    const { build, publish, release, digest } = await attached(plain, (subject) => ({ ...about, subject }))
    build.manifests.delete(digest)
    expect(await publish(release.content)).toMatchObject({ verdict: 'published', image: { leftOut: [digest.slice(7)] } })
    expect((await publish(release.content)).image?.leftOut).toEqual([digest.slice(7)])
  })

  /** Each is said with the manifest that it is, and with a way out. */
  const refused: readonly (readonly [string, string, (subject: object, layer: object) => object, object, string])[] = [
    ['of a kind that nobody knows', 'application/x', (subject) => ({ ...about, subject }), {}, 'the unknown type "application/x"'],
    [
      'with a layer of sha512',
      plain,
      (subject, layer) => ({ ...about, subject, layers: [{ ...layer, digest: 'sha512:0' }] }),
      {},
      'sha512:0',
    ],
    [
      'with a layer without a size',
      plain,
      (subject, layer) => ({ ...about, subject, layers: [{ ...layer, size: undefined }] }),
      {},
      'has no size',
    ],
    ['that is listed by sha512', plain, (subject) => ({ ...about, subject }), { digest: 'sha512:0' }, 'the digest "sha512:0"'],
  ]
  test.each(refused)('%s cannot be copied: the message names it, and says what to do', async (_what, mediaType, json, listed, what) => {
    const { publish, release, digest } = await attached(mediaType, json, listed)
    const outcome = await publish(release.content)
    expect(outcome).toMatchObject({ verdict: 'failed', bytesSent: 0, problem: { code: 'content/image-refused' } })
    const { message = '' } = outcome.problem ?? {}
    expect(message).toContain('digest' in listed ? `app@sha256:${release.content.sha256}: ` : `app@${digest}: `)
    expect(message).toContain(what)
    expect(message).toContain(`It is not part of the build: somebody attached it to sha256:${release.content.sha256}. Delete it`)
  })

  test('among too many to be read is refused, with what to do', async () => {
    const { build, publish, release, entry } = await attached(plain, (subject) => ({ ...about, subject }))
    const listed = Array.from({ length: 2100 }, (_, number) => {
      const data = Buffer.from(JSON.stringify({ ...about, mediaType: plain, annotations: { number } }))
      return { ...entry, digest: build.add(plain, data), size: data.length }
    })
    const list = Buffer.from(JSON.stringify({ schemaVersion: 2, manifests: listed }))
    build.add('application/vnd.oci.image.index.v1+json', list, `sha256-${release.content.sha256}`)
    const { verdict, problem } = await publish(release.content)
    expect([verdict, problem?.code]).toEqual(['failed', 'content/image-refused'])
    expect(problem?.message).toContain('it has more than 2000 manifests')
    expect(problem?.message).toContain('It is not part of the build')
  })

  test('of which a layer is gone is missing, and can be deleted', async () => {
    const { build, publish, release } = await attached(plain, (subject, layer) => ({ ...about, subject, layers: [layer] }))
    build.blobs.delete(digestOf(Buffer.from('an SBOM')))
    const { verdict, problem } = await publish(release.content)
    expect(verdict).toBe('missing')
    expect(problem?.message).toContain('It is not part of the build')
    expect(problem?.message).not.toContain('Stage and seal')
  })

  test('that the other registry does not take can be deleted', async () => {
    const { publish, release, digest, there: _ } = await attached(artifact, (subject) => ({ subject }), {}, { refusesArtifacts: true })
    const { verdict, problem } = await publish(release.content)
    expect([verdict, problem?.code]).toEqual(['failed', 'repository/refused'])
    expect(problem?.message).toContain(`The manifest ${digest}: The registry does not accept it (400). Its answer: MANIFEST_INVALID`)
    expect(problem?.message).toContain('It is not part of the build')
  })

  test('that is deleted lets the image through', async () => {
    const { build, publish, release, digest } = await attached('application/x', (subject) => ({ ...about, subject }))
    expect(await publish(release.content)).toMatchObject({ verdict: 'failed' })
    build.manifests.delete(digest)
    expect(await publish(release.content)).toMatchObject({ verdict: 'published' })
  })
})
