import { expect, test } from 'vitest'
import { contentOf } from '../../testing/fixtures.js'
import { parseReferrers } from './attachment.js'

const { sha256: subject } = contentOf(Buffer.from('image'))
const { sha256: digest } = contentOf(Buffer.from('sbom'))

test.each([{}, { size: 5 }, { size: -1, mediaType: 7 }, { annotations: { a: 'b' }, artifactType: 'x/y' }])(
  'a list need say no more than the digest (%j)',
  (more) => {
    const json = { digest: `sha256:${digest}`, ...more }
    expect(parseReferrers([json], 'hello', subject)).toEqual([{ digest, json }])
  },
)

test.each([
  [{ digest: `sha512:${'0'.repeat(128)}` }, 'has the digest "sha512:'],
  [{ mediaType: 'a/b', size: 5 }, 'has no digest'],
  [null, 'is not an object'],
] as const)('%j cannot be copied, and is not left out in silence', (json, wrong) => {
  expect(() => parseReferrers([json], 'hello', subject)).toThrow(
    expect.objectContaining({
      code: 'content/image-refused',
      where: `hello@sha256:${subject}`,
      what: expect.stringContaining(wrong),
      next: expect.stringMatching(/^It is not part of the build: .*Delete it in staging and run the job again/),
    }),
  )
})

test('a list without end is not read', () => {
  expect(() => parseReferrers(Array(20_001).fill({ digest: `sha256:${digest}` }), 'hello', subject)).toThrow('20001 manifests')
})
