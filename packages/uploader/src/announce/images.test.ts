import { sha256 } from '@stagegate/schema'
import { describe, expect, test } from 'vitest'
import { memoryRepository } from '../testing/fixtures.js'
import { memoryRegistry } from '../testing/image/memory-registry.js'
import { describeRelease, pulled } from './images.js'

const digest = sha256('a'.repeat(64))
const at = { format: 'image', image: 'hello', tag: '1.2.3' } as const
const registryAt = (host: string, prefix = '') => ({ ...memoryRegistry(host), nameOnHost: (image: string) => `${prefix}${image}` })

describe('an image', () => {
  test.each([
    [
      'by the name that people know, at the server that answers',
      { repository: registryAt('https://registry-1.docker.io', 'acme/'), registry: 'docker.io/acme' },
      ['docker.io/acme/hello', 'https://registry-1.docker.io/v2/acme/hello'],
    ],
    [
      'by its host without a name',
      { repository: registryAt('https://registry.example:5000', 'acme/') },
      ['registry.example:5000/acme/hello', 'https://registry.example:5000/v2/acme/hello'],
    ],
    [
      'on Docker Hub without a name, as people write it',
      { repository: registryAt('https://registry-1.docker.io', 'acme/') },
      ['docker.io/acme/hello', 'https://registry-1.docker.io/v2/acme/hello'],
    ],
    [
      'of a repository without a server, by its name',
      { repository: memoryRepository(), registry: 'registry.example' },
      ['registry.example/hello', 'https://registry.example/v2/hello'],
    ],
  ] as const)('is pulled %s', (_, place, [name, url]) => {
    expect(pulled({ at, digest, ...place })).toEqual({
      byTag: `${name}:1.2.3`,
      byDigest: `${name}@sha256:${digest}`,
      url: `${url}/manifests/sha256:${digest}`,
    })
  })

  test('without a server and a name is pulled from nowhere', () => {
    expect(pulled({ at, digest, repository: memoryRepository() })).toBeUndefined()
  })
})

test.each([
  ['', 0, ''],
  [' \n', 0, ''],
  ['News.', 0, 'News.\n'],
  ['', 1, '### Images\n\n```text\na:1\na@1\n```\n'],
  ['News.\n\n', 2, 'News.\n\n### Images\n\n```text\na:1\na@1\na:1\na@1\n```\n'],
])('notes %j and %i images are described as %j', (notes, count, text) => {
  const image = { byTag: 'a:1', byDigest: 'a@1', url: 'https://registry.example' }
  expect(
    describeRelease(
      notes,
      Array.from({ length: count }, () => image),
    ),
  ).toBe(text)
})
