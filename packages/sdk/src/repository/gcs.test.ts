import { describe, expect, test } from 'vitest'
import { Secret } from '../secret.js'
import { placeOf, type RepositoryAddress } from './address.js'
import { aptRepository } from './apt.js'
import { files } from './files.js'
import { type GcsOptions, gcs } from './gcs.js'
import { overlapOf } from './place.js'
import { s3 } from './s3.js'

const credentials = { accessId: Secret.variable('GCS_ACCESS_ID'), secret: Secret.variable('GCS_SECRET') }
const token = { token: Secret.variable('GCS_TOKEN') }
const at = (bucket: string, more: Partial<GcsOptions> = {}) => gcs(bucket, { credentials, ...more })
const s3Keys = { accessKeyId: Secret.variable('A'), secretAccessKey: Secret.variable('B') }
const names = (secrets: readonly Secret[]) => secrets.map(({ variable }) => variable)

test('a bucket is at Google, with the key that writes', () => {
  const { read, write, ...address } = at('acme', { prefix: 'linux', readAt: 'https://downloads.example' })
  expect(address).toEqual({
    type: 'gcs',
    origin: 'https://storage.googleapis.com',
    formats: ['deb', 'rpm', 'file'],
    settings: { bucket: 'acme', prefix: 'linux', readAt: 'https://downloads.example' },
  })
  expect([names(read), names(write)]).toEqual([
    ['GCS_ACCESS_ID', 'GCS_SECRET'],
    ['GCS_ACCESS_ID', 'GCS_SECRET'],
  ])
  expect(names(at('acme', { readCredentials: token }).read)).toEqual(['GCS_TOKEN'])
})

test('files and an index lie on it', () => {
  const on = { type: 'gcs', bucket: 'acme', prefix: 'linux' }
  expect(files({ on: at('acme', { prefix: 'linux' }), path: 'releases' }).settings).toEqual({ on, path: 'releases' })
  const tree = aptRepository({ on: at('acme', { prefix: 'linux' }), signWith: Secret.variable('KEY') })
  expect(tree.settings).toMatchObject({ on })
})

describe('two places overlap', () => {
  const endpoint = 'https://gcs.acme.example'
  test.each<[string, RepositoryAddress, RepositoryAddress, 'same' | 'perhaps' | undefined]>([
    ['in one bucket', at('acme'), at('acme', { credentials: token }), 'same'],
    [
      'in one bucket by a region’s address',
      at('acme'),
      at('acme', { endpoint: 'https://storage.europe-west3.rep.googleapis.com' }),
      'same',
    ],
    ['in a folder of the other', at('acme', { prefix: 'linux' }), at('acme', { prefix: 'linux/staging' }), 'same'],
    ['below files and beside them', files({ on: at('acme'), path: 'linux' }), at('acme', { prefix: 'linux' }), 'same'],
    ['not in folders side by side', at('acme', { prefix: 'linux' }), at('acme', { prefix: 'linux-staging' }), undefined],
    ['not in two buckets', at('acme'), at('acme-staging'), undefined],
    ['not on two servers', at('acme'), at('acme', { endpoint }), undefined],
    ['not at Google and AWS', at('acme'), s3('acme', { region: 'eu-central-1', credentials: s3Keys }), undefined],
  ])('%s', (_, one, other, expected) => {
    expect([overlapOf(one, other), overlapOf(other, one)]).toEqual([expected, expected])
  })
})

test('the place in words does not depend on credentials', () => {
  const words = placeOf(at('acme', { prefix: 'linux' }))
  expect(words).toBe('gcs https://storage.googleapis.com bucket="acme" prefix="linux"')
  expect(placeOf(at('acme', { prefix: 'linux', credentials: token, readAt: 'https://downloads.example' }))).toBe(words)
})

test.each<[string, Partial<GcsOptions>, string]>([
  ['Acme', {}, 'the name of a bucket'],
  ['acme', { prefix: '/linux' }, 'a folder such as'],
  ['acme', { prefix: 'a/../b' }, 'a folder such as'],
  ['acme', { endpoint: 'storage.googleapis.com' }, 'the address of a server'],
  ['acme', { endpoint: 'https://storage.googleapis.com/acme' }, 'the address of a server'],
  ['acme', { readAt: 'downloads.example' }, 'the address that readers use'],
  ['acme', { region: 'eu' } as never, 'no option region'],
  ['acme', { credentials: { accessId: 'GOOG1SECRET' } as never }, 'a Secret'],
  ['acme', { credentials: { accessId: credentials.accessId } as never }, 'secret'],
  ['acme', { credentials: {} as never }, 'an object with accessId or token'],
])('gcs(%j, %j) is refused', (bucket, more, words) => {
  expect(() => at(bucket, more)).toThrow(words)
  expect(() => at(bucket, more)).not.toThrow('GOOG1SECRET')
})
