import { isCoordinates, isFileName, type ReleaseManifest, sha256 } from '@stagegate/schema'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseSha256Sums } from '../file/sha256sums.js'
import { isAssetPath } from '../gitlab/release-entry.js'
import { bytesOf, contentOf, itemOf, manifestOf, soon } from '../testing/fixtures.js'
import { documentNames, documentsOf, soundPart } from './documents.js'

const manifest = manifestOf([itemOf(Buffer.from('a'))])
const listed = ['hello~1.deb', 'ubuntu/jammy/hello.deb'].map((name) => ({ name, content: contentOf(Buffer.from(name)) }))
const supplement = (target: string): ReleaseManifest => ({
  ...manifest,
  supplements: sha256('5'.repeat(64)),
  targets: manifest.targets.map((one) => ({ ...one, target })),
})

test('the list has a line for each file, and is next to the manifest in packages of the release', async () => {
  const documents = documentsOf(manifest, listed)
  expect(documents.map(({ item }) => item.coordinates)).toEqual([
    { format: 'file', path: 'acme-release/1.2.3/SHA256SUMS' },
    { format: 'file', path: 'acme-release/1.2.3/release-manifest.json' },
  ])
  const [sums] = documents
  if (sums === undefined) throw new Error('Expected a list')
  const data = await bytesOf(await sums.open(soon()))
  expect(contentOf(data)).toEqual(sums.item.content)
  expect(parseSha256Sums(data.toString())).toEqual(listed.map(({ name, content }) => ({ file: name, sha256: content.sha256 })))
})

test('a supplement’s two files have its target in their names, and addresses below the entry', () => {
  expect(documentNames(manifest)).toEqual({ sums: 'SHA256SUMS', manifest: 'release-manifest.json' })
  expect(documentNames(supplement('noble'))).toEqual({ sums: 'SHA256SUMS-noble', manifest: 'release-manifest-noble.json' })
  for (const name of Object.values(documentNames(supplement('ubuntu/noble')))) expect(isAssetPath(`/${name}`)).toBe(true)
})

test.each([
  ['hello', 'hello'],
  ['1.2.3~rc1+git', '1.2.3~rc1+git'],
  ['ubuntu/jammy', /^ubuntu-jammy-[0-9a-f]{8}$/],
  ['..', /^[0-9a-f]{8}$/],
  ['über/1', /^ber-1-[0-9a-f]{8}$/],
])('the label %j is the part %s of a path', (label, part) => {
  expect(soundPart(label)).toMatch(typeof part === 'string' ? new RegExp(`^${part.replaceAll(/[.+]/g, '\\$&')}$`) : part)
})

test('every label is a part of a path, and labels that differ stay different', () => {
  const label = fc.string({ minLength: 1, maxLength: 255, unit: fc.constantFrom('a', '/', '-', '.', ' ', 'ü', '~', '+', '%') })
  fc.assert(
    fc.property(label, label, (one, other) => {
      expect(isFileName(soundPart(one))).toBe(true)
      if (one !== other) expect(soundPart(one)).not.toBe(soundPart(other))
      for (const { item } of documentsOf({ ...supplement(one), release: one, version: other }, listed))
        expect(isCoordinates(item.coordinates), JSON.stringify(item.coordinates)).toBe(true)
    }),
  )
})
