import { bytes, instant, sha256 } from '@stagegate/schema'
import { describe, expect, test } from 'vitest'
import { awsSign } from './aws-signature.js'

const keys = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  region: 'us-east-1',
  service: 's3',
}
const at = instant(Date.parse('2013-05-24T00:00:00Z'))
const nothing = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
const url = (path: string) => new URL(path, 'https://examplebucket.s3.amazonaws.com')

describe('signs as the examples of AWS do', () => {
  // https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
  test.each([
    ['/test.txt', { range: 'bytes=0-9' }, 'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41'],
    ['/?lifecycle', {}, 'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543'],
    ['/?max-keys=2&prefix=J', {}, '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7'],
  ])('GET %s', async (path, headers, signature) => {
    const own = await awsSign(keys)({ method: 'GET', url: url(path), headers, body: undefined, at })
    expect(own).toEqual({
      authorization: expect.stringMatching(
        new RegExp(`^AWS4-HMAC-SHA256 Credential=${keys.accessKeyId}/20130524/us-east-1/s3/aws4_request,.*Signature=${signature}$`),
      ),
      'x-amz-content-sha256': nothing,
      'x-amz-date': '20130524T000000Z',
    })
  })
})

test('the digest of the body, conditions and a session are part of the signature; headers that proxies change are not', async () => {
  const content = { sha256: sha256('a'.repeat(64)), size: bytes(3) }
  const body = {
    content,
    stream: () => {
      throw new Error('it is not read')
    },
  }
  const headers = { 'if-none-match': '*', 'accept-encoding': 'identity', 'user-agent': 'stagegate', 'x-amz-meta-a': 'b' }
  const own = await awsSign({ ...keys, sessionToken: 'session' })({ method: 'PUT', url: url('/a'), headers, body, at })
  expect(own).toMatchObject({ 'x-amz-content-sha256': content.sha256, 'x-amz-security-token': 'session' })
  expect(own['authorization']).toContain(
    'SignedHeaders=host;if-none-match;x-amz-content-sha256;x-amz-date;x-amz-meta-a;x-amz-security-token,',
  )
})

test('a text is signed by its digest, and a form is refused', async () => {
  const sign = awsSign(keys)
  const own = await sign({ method: 'POST', url: url('/a?uploads'), headers: {}, body: 'abc', at })
  expect(own['x-amz-content-sha256']).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
  const file = { field: 'f', filename: 'f', body: { content: { sha256: sha256(nothing), size: bytes(0) }, stream: () => process.stdin } }
  await expect(sign({ method: 'POST', url: url('/'), headers: {}, body: { fields: [], file }, at })).rejects.toMatchObject({
    code: 'usage/body',
  })
})
