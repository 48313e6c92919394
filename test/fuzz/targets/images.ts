import { sha256, UsageError } from '@stagegate/schema'
import { resolveCredential } from '../../../packages/uploader/src/http/credential.js'
import { issuedToken } from '../../../packages/uploader/src/http/issued-token.js'
import { parseReferrers } from '../../../packages/uploader/src/repository/oci/attachment.js'
import { platformOf } from '../../../packages/uploader/src/repository/oci/descriptor.js'
import { ImageRefused, isManifest, mostBlobs, parseManifest, subjectOf } from '../../../packages/uploader/src/repository/oci/manifest.js'
import { bytesOf, mustHold, type Target } from '../target.js'

const digest = `sha256:${'0123456789abcdef'.repeat(4)}`
const descriptor = { mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest, size: 5 }
const oci = 'application/vnd.oci.image.manifest.v1+json'
const list = 'application/vnd.docker.distribution.manifest.list.v2+json'
const artifact = 'application/vnd.oci.artifact.manifest.v1+json'
const platform = { os: 'linux', architecture: 'arm64', variant: 'v8' }
const words = ['{', '}', '[', ']', ',', ':', '"', 'null', '-1', '1e999', '"__proto__":', '"urls":["x"]', '\\u0000', '\xff']

export const images: readonly Target[] = [
  {
    name: 'manifest',
    seeds: bytesOf(
      JSON.stringify({ schemaVersion: 2, mediaType: oci, config: descriptor, layers: [descriptor], subject: descriptor }),
      JSON.stringify({ schemaVersion: 2, mediaType: list, manifests: [{ ...descriptor, mediaType: oci, platform }] }),
      JSON.stringify({ mediaType: artifact, blobs: [descriptor], subject: descriptor }),
      JSON.stringify({ schemaVersion: 2, config: descriptor, layers: null }),
      JSON.stringify({ schemaVersion: 2, config: descriptor, layers: [{ ...descriptor, urls: ['https://licensed.example'] }] }),
    ),
    dictionary: [
      ...words,
      '"config":',
      '"layers":',
      '"manifests":',
      '"blobs":',
      '"subject":',
      ';version=0.2',
      artifact,
      '"mediaType":',
      '"digest":',
      '"size":',
      digest,
      oci,
      list,
      '.foreign.',
    ],
    read: (input) => {
      const { mediaType, manifests, blobs } = parseManifest(input)
      for (const one of [...manifests, ...blobs]) {
        mustHold(/^[0-9a-f]{64}$/.test(one.digest) && Number.isSafeInteger(one.size) && one.size >= 0, 'a digest and a size')
        mustHold(/^[!-~](?:[ -~]{0,253}[!-~])?$/.test(one.mediaType), `a media type, got ${one.mediaType}`)
      }
      mustHold(manifests.length === 0 || blobs.length === 0, 'an index or an image')
      mustHold(isManifest(input), 'a manifest')
      mustHold(/^[0-9a-f]{64}$/.test(subjectOf(input) ?? digest.slice(7)), 'a digest of the subject')
      mustHold(manifests.length <= mostBlobs && blobs.length <= mostBlobs + 1, 'a bounded number of parts')
      return `${mediaType} ${Math.min(3, manifests.length)} ${Math.min(3, blobs.length)} ${manifests[0] && platformOf(manifests[0])}`
    },
    refuses: (error) => error instanceof ImageRefused && error.message.length < 1000 && !/[\p{Cc}]/u.test(error.what),
  },
  {
    name: 'referrers',
    seeds: bytesOf(JSON.stringify([descriptor, { digest }]), JSON.stringify([{ ...descriptor, digest: 'sha512:0' }])),
    dictionary: [...words, '"digest":', digest, 'sha512:'],
    read: (input) => {
      let list: unknown
      try {
        list = JSON.parse(input.toString('utf8'))
      } catch {
        // Others read it before.
      }
      const found = parseReferrers(Array.isArray(list) ? list : [], 'hello', sha256(digest.slice(7)))
      for (const one of found) mustHold(one.json['digest'] === `sha256:${one.digest}`, 'the digest that the list has')
      return `${Math.min(3, found.length)}`
    },
    refuses: (error) => error instanceof ImageRefused && error.message.length < 1000 && !/[\p{Cc}]/u.test(error.what),
  },
  {
    name: 'issued-token',
    seeds: bytesOf('{"token":"T","expires_in":300}', '{"token":null,"access_token":"A","expires_in":"60"}'),
    dictionary: [...words, '"token":', '"access_token":', '"expires_in":', '"x"', '1e308'],
    read: (input) => {
      const issued = issuedToken(input.toString('utf8'))
      if ('wrong' in issued) return issued.wrong
      mustHold(/^[!-~]+$/.test(issued.token), `a token that can be sent, got ${issued.token}`)
      mustHold(issued.life >= 0 && issued.life <= 86_400, `a life of at most a day, got ${issued.life}`)
      return 'issued'
    },
    refuses: () => false,
  },
  {
    name: 'docker-config',
    seeds: bytesOf(
      JSON.stringify({ auths: { 'registry.example': { auth: Buffer.from('name:password').toString('base64') } } }),
      JSON.stringify({ auths: { 'https://registry.example/v2/': { username: 'name', password: 'pass:word' } }, credsStore: 'x' }),
    ),
    dictionary: [...words, '"auths":', '"registry.example":', '"auth":', '"username":', '"password":', 'bmFtZTpwYXNz', 'https://', '/v1/'],
    read: (input) => {
      const account = { config: { variable: 'CONFIG' } }
      const { basic = '', header } = resolveCredential({ scheme: 'registry', account }, () => input.toString('utf8'), 'registry.example')
      mustHold(header === undefined && /^Basic [A-Za-z0-9+/]+=*$/.test(basic), `a header, got ${basic}`)
      mustHold(/^[^\p{Cc}:]+:[^\p{Cc}]+$/u.test(Buffer.from(basic.slice(6), 'base64').toString()), 'a name and a password')
      return 'account'
    },
    refuses: (error) => error instanceof UsageError,
  },
]
