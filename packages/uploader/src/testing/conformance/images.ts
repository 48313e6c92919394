import { bytes, type ImageCoordinates, type Sha256 } from '@stagegate/schema'
import type { Descriptor } from '../../contract/capabilities.js'
import { contentOf } from '../bytes.js'
import { type Artifact, blobOf } from './artifacts.js'
import type { Bench } from './bench.js'
import { causeOf, type Ended, saidOf } from './calls.js'
import type { Trial } from './case.js'

const image = 'conformance/hello'
const manifestType = 'application/vnd.oci.image.manifest.v1+json'
const at = (tag: string): ImageCoordinates => ({ format: 'image', image, tag })

/** What a repository of images promises beside blobs: manifests, tags, and what refers to others. */
export const imageTrials: readonly Trial[] = [
  {
    name: 'image: a manifest by its digest, and by a tag once it points there',
    promise: 'A manifest is found by its digest, and by a tag once that points to it.',
    needs: ['tags'],
    async run(bench) {
      const manifest = await pushed(bench, 1)
      await bench.there(manifest)
      await tagIs(bench, '1.0.0', undefined)
      await points(bench, '1.0.0', digestOf(manifest), undefined)
      await tagIs(bench, '1.0.0', digestOf(manifest))
      await bench.there({ ...manifest, item: { ...manifest.item, coordinates: at('1.0.0') } })
    },
  },
  {
    name: 'image: a tag moves only from where it was seen',
    promise: 'A tag moves only if it still is where it was seen.',
    needs: ['tags'],
    async run(bench) {
      const [first, second] = [await pushed(bench, 1), await pushed(bench, 2)]
      await points(bench, 'latest', digestOf(first), undefined)
      for (const expected of [undefined, digestOf(second)]) {
        const ended = await point(bench, 'latest', digestOf(second), expected)
        if (ended.how === 'returned' && ended.answer.outcome === 'accepted')
          bench.fail(
            'point(latest)',
            saidOf(ended),
            `{ outcome: 'exists' }, for the tag is not where ${expected ?? 'nothing'} was expected`,
          )
        await tagIs(bench, 'latest', digestOf(first))
      }
      await points(bench, 'latest', digestOf(second), digestOf(first))
      await tagIs(bench, 'latest', digestOf(second))
    },
  },
  {
    name: 'image: a tag points to nothing that is not there',
    promise: 'A tag points only to a manifest that is there.',
    needs: ['tags'],
    async run(bench) {
      const ended = await point(bench, '1.0.0', contentOf(Buffer.from('nothing')).sha256, undefined)
      if (ended.how === 'returned' && ended.answer.outcome !== 'refused')
        bench.fail('point(1.0.0)', saidOf(ended), 'a thrown NotThere, or a refusal')
      await tagIs(bench, '1.0.0', undefined)
    },
  },
  {
    name: 'image: all tags are listed, on however many pages',
    promise: 'The list of tags has every tag.',
    needs: ['tags'],
    async run(bench) {
      const manifest = await pushed(bench, 1)
      const all = Array.from({ length: 12 }, (_, index) => `1.0.${index}`)
      for (const tag of all) await points(bench, tag, digestOf(manifest), undefined)
      const ended = await bench.ended(`tags(${image})`, bench.method('tags')(image, bench.call()))
      const listed = ended.how === 'returned' ? ended.answer : []
      if (all.some((tag) => !listed.includes(tag)))
        bench.fail(`tags(${image})`, `${saidOf(ended)}`, `all of ${all.join(', ')}`, causeOf(ended))
    },
  },
  {
    name: 'image: referrers are listed once they are attached',
    promise: 'The manifests that are attached to another one are listed.',
    needs: ['referrers', 'attachments'],
    run: attached,
  },
  {
    name: 'image: bytes of another image are copied on the server',
    promise: 'A copy on the server brings the bytes, or says that it did not.',
    needs: ['copy'],
    run: copied,
  },
]

/** A manifest with its parts, written. */
async function pushed(bench: Bench, number: number, more: object = {}): Promise<Artifact> {
  const config = blobOf(image, Buffer.from(JSON.stringify({ architecture: 'amd64', number, more })))
  const descriptor = {
    mediaType: 'application/vnd.oci.image.config.v1+json',
    digest: `sha256:${digestOf(config)}`,
    size: config.data.length,
  }
  const data = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: manifestType, config: descriptor, layers: [], ...more }))
  const content = contentOf(data)
  const coordinates = { format: 'manifest', image, mediaType: manifestType, digest: content.sha256 } as const
  const manifest = { item: { coordinates, content }, data }
  await bench.put(config)
  await bench.put(manifest)
  return manifest
}

function digestOf({ item }: Artifact): Sha256 {
  return item.content.sha256
}

function point(bench: Bench, tag: string, to: Sha256, expected: Sha256 | undefined) {
  const { point: method } = bench.repository
  if (method === undefined) return bench.fail('point()', 'is not there', 'a method, beside tags()')
  return bench.ended(`point(${tag})`, method({ image, tag }, to, expected, bench.call()))
}

async function points(bench: Bench, tag: string, to: Sha256, expected: Sha256 | undefined): Promise<void> {
  const ended = await point(bench, tag, to, expected)
  if (ended.how !== 'returned' || ended.answer.outcome !== 'accepted')
    bench.fail(`point(${tag})`, saidOf(ended), "{ outcome: 'accepted' }, for the tag is where it was expected", causeOf(ended))
}

async function tagIs(bench: Bench, tag: string, digest: Sha256 | undefined): Promise<void> {
  const { resolve } = bench.repository
  if (resolve === undefined) return bench.fail('resolve()', 'is not there', 'a method, beside tags()')
  const ended = await bench.ended(`resolve(${tag})`, resolve({ image, tag }, bench.call()))
  if (ended.how !== 'returned' || ended.answer !== digest) bench.fail(`resolve(${tag})`, saidOf(ended), String(digest), causeOf(ended))
  const seen = await bench.observe(at(tag))
  const isRight = seen.how === 'returned' && (digest === undefined ? seen.answer.saw === 'absent' : seen.answer.saw === 'present')
  if (!isRight)
    bench.fail(`observe(${image}:${tag})`, saidOf(seen), digest === undefined ? "{ saw: 'absent' }" : "{ saw: 'present' }", causeOf(seen))
}

async function attached(bench: Bench): Promise<void> {
  const subject = await pushed(bench, 1)
  const listed = async (): Promise<Ended<readonly { readonly digest: Sha256 }[]>> =>
    bench.ended('referrers()', bench.method('referrers')(image, digestOf(subject), bench.call()))
  const before = await listed()
  if (before.how !== 'returned' || before.answer.length > 0)
    bench.fail('referrers()', saidOf(before), 'an empty list, for nothing is attached', causeOf(before))
  const about = { mediaType: manifestType, digest: `sha256:${digestOf(subject)}`, size: subject.data.length }
  const signature = await pushed(bench, 2, { subject: about, artifactType: 'application/vnd.example.signature' })
  const json = { mediaType: manifestType, digest: `sha256:${digestOf(signature)}`, size: signature.data.length }
  const descriptor: Descriptor = { mediaType: manifestType, digest: digestOf(signature), size: bytes(signature.data.length), json }
  const { attach } = bench.repository
  if (attach === undefined) return bench.fail('attach()', 'is not there', 'a method, beside referrers()')
  const done = await bench.ended('attach()', attach(image, digestOf(subject), [descriptor], bench.call()))
  if (done.how === 'threw') bench.fail('attach()', saidOf(done), 'that it attaches a manifest that is there', done.error)
  const after = await listed()
  if (after.how !== 'returned' || !after.answer.some(({ digest }) => digest === digestOf(signature)))
    bench.fail('referrers()', saidOf(after), `a list with ${digestOf(signature)}`, causeOf(after))
}

async function copied(bench: Bench): Promise<void> {
  const here = blobOf(image, Buffer.from('the bytes of a layer'))
  const there = blobOf('conformance/other', here.data)
  await bench.put(here)
  const from = bench.repository.nameOnHost?.(image) ?? image
  const ended = await bench.ended('copy()', bench.method('copy')(there.item, from, bench.call()))
  if (ended.how === 'threw') bench.fail('copy()', saidOf(ended), "{ outcome: 'accepted' } or { outcome: 'unsupported' }", ended.error)
  if (ended.how === 'returned' && ended.answer.outcome === 'accepted') return void (await bench.there(there))
  await bench.absent(there)
  await bench.put(there)
  await bench.there(there)
}
