import { describe, expect, test } from 'vitest'
import { bucketPlace, isBucketName, isKeyPrefix, isOfAws, parseReadAddress } from './s3.js'

describe('a bucket answers', () => {
  test.each([
    [{ bucket: 'acme', region: 'eu-central-1' }, 'https://acme.s3.eu-central-1.amazonaws.com', 'host'],
    [{ bucket: 'acme', region: 'cn-north-1' }, 'https://acme.s3.cn-north-1.amazonaws.com.cn', 'host'],
    [{ bucket: 'get.acme.example', region: 'eu-central-1' }, 'https://s3.eu-central-1.amazonaws.com', 'path'],
    [{ bucket: 'acme', region: 'x', addressing: 'path' }, 'https://s3.x.amazonaws.com', 'path'],
    [{ bucket: 'acme', region: 'auto', endpoint: 'https://id.r2.cloudflarestorage.com' }, 'https://id.r2.cloudflarestorage.com', 'path'],
    [{ bucket: 'acme', region: 'x', endpoint: 'http://127.0.0.1:9000/' }, 'http://127.0.0.1:9000', 'path'],
    [{ bucket: 'acme', region: 'x', endpoint: 'https://s3.example:9000', addressing: 'host' }, 'https://acme.s3.example:9000', 'host'],
  ] as const)('%j at %s', (name, origin, addressing) => {
    expect(bucketPlace(name)).toEqual({ origin, addressing })
  })

  test.each([
    { bucket: 'Acme', region: 'x' },
    { bucket: 'ac', region: 'x' },
    { bucket: 'acme/x', region: 'x' },
    { bucket: 'a..b', region: 'x' },
    { bucket: 'acme', region: 'EU' },
    { bucket: 'acme', region: 'a.example/' },
    { bucket: 'acme', region: '' },
    { bucket: 'acme', region: 'x', endpoint: 's3.example' },
    { bucket: 'acme', region: 'x', endpoint: 'https://key:secret@s3.example' },
    { bucket: 'acme', region: 'x', endpoint: 'https://s3.example/path' },
    { bucket: 'acme', region: 'x', endpoint: 'ftp://s3.example' },
  ])('nowhere for %j', (name) => {
    expect(bucketPlace(name)).toBeUndefined()
  })
})

test('only texts are names, and only hosts of AWS are of AWS', () => {
  expect(isBucketName(undefined as never)).toBe(false)
  expect(['s3.amazonaws.com', 'A.S3.EU-West-1.AMAZONAWS.COM.', 's3.cn-north-1.amazonaws.com.cn'].every(isOfAws)).toBe(true)
  expect(['amazonaws.com.example', 'xamazonaws.com', 's3.example'].some(isOfAws)).toBe(false)
})

test('the folder of a repository has names between single slashes', () => {
  for (const text of ['linux', 'linux/stable', '.well-known/a', 'a..b', 'a+b~c@d=e-f_g']) expect(isKeyPrefix(text)).toBe(true)
  for (const text of ['', '/', 'a/', '/a', 'a//b', '.', '..', 'a/..', './a', 'a b', 'a%2Fb', 'a?b', 'x'.repeat(301), undefined as never])
    expect(isKeyPrefix(text)).toBe(false)
})

test('readers have an address with a path, and nothing else', () => {
  expect(parseReadAddress('https://downloads.example')).toEqual({ origin: 'https://downloads.example', path: '' })
  expect(parseReadAddress('https://downloads.example:8443/linux/')).toEqual({ origin: 'https://downloads.example:8443', path: '/linux' })
  for (const text of [
    'downloads.example',
    'ftp://a.example',
    'https://a.example/?b',
    'https://a:b@c.example',
    'https://a.example#b',
    undefined as never,
  ])
    expect(parseReadAddress(text)).toBeUndefined()
})
