import { expect, test } from 'vitest'
import { Secret } from '../index.js'
import { aptRepository, directory, overlapOf, s3, type YumRepositoryOptions, yumRepository } from './index.js'

const credentials = { accessKeyId: Secret.variable('S3_KEY_ID'), secretAccessKey: Secret.variable('S3_SECRET_KEY') }
const bucket = s3('acme-packages', { region: 'eu-central-1', credentials })
const signWith = Secret.file('RPM_KEY')
const at = (more: Partial<YumRepositoryOptions> = {}) => yumRepository({ on: bucket, path: 'rpm', signWith, ...more })

test('an address has its store, and the names of the variables with the keys', () => {
  expect(at({ folder: { 'el/9': 'el9' }, indexSignature: true, pool: 'digests' })).toEqual({
    type: 'yum',
    origin: 'https://acme-packages.s3.eu-central-1.amazonaws.com',
    formats: ['rpm'],
    read: [credentials.accessKeyId, credentials.secretAccessKey],
    write: [credentials.accessKeyId, credentials.secretAccessKey, signWith],
    settings: {
      on: { type: 's3', bucket: 'acme-packages', region: 'eu-central-1', addressing: 'host' },
      path: 'rpm',
      folder: { 'el/9': 'el9' },
      indexSignature: true,
      pool: 'digests',
      signWith: ['RPM_KEY'],
    },
  })
})

test.each<[Partial<YumRepositoryOptions>, string]>([
  [{ on: at() }, 's3(…), gcs(…) or directory(…)'],
  [{ folder: '/el' }, 'a folder such as el/9'],
  [{ folder: { el9: 'el9' } }, 'distributions such as el/9'],
  [{ indexSignature: 'yes' as never }, 'true or false'],
  [{ suite: 'stable' } as never, 'no option suite'],
])('yumRepository(%j) is refused', (more, words) => {
  expect(() => at(more)).toThrow(words)
})

test('apt and yum have a bucket for two, each in a folder of its own', () => {
  expect(overlapOf(at(), aptRepository({ on: bucket, path: 'debian', signWith }))).toBeUndefined()
  expect(overlapOf(at(), aptRepository({ on: bucket, path: 'rpm/debian', signWith }))).toBe('same')
  expect(overlapOf(yumRepository({ on: directory('a'), signWith }), directory('a/el/9'))).toBe('same')
})
