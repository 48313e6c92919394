import { UsageError } from '@stagegate/schema'
import { resolveCredential } from '../../../packages/uploader/src/http/credential.js'
import { ImageRefused, mostBlobs, parseManifest, platformOf } from '../../../packages/uploader/src/image/manifest.js'
import { bytesOf, mustHold, type Target } from '../target.js'

const digest = `sha256:${'0123456789abcdef'.repeat(4)}`
const descriptor = { mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest, size: 5 }
const oci = 'application/vnd.oci.image.manifest.v1+json'
const list = 'application/vnd.docker.distribution.manifest.list.v2+json'
const platform = { os: 'linux', architecture: 'arm64', variant: 'v8' }
const words = ['{', '}', '[', ']', ',', ':', '"', 'null', '-1', '1e999', '"__proto__":', '"urls":["x"]', '\\u0000', '\xff']

export const images: readonly Target[] = [
  {
    name: 'manifest',
    seeds: bytesOf(
      JSON.stringify({ schemaVersion: 2, mediaType: oci, config: descriptor, layers: [descriptor], subject: descriptor }),
      JSON.stringify({ schemaVersion: 2, mediaType: list, manifests: [{ ...descriptor, mediaType: oci, platform }] }),
      JSON.stringify({ schemaVersion: 2, config: descriptor, layers: [{ ...descriptor, urls: ['https://licensed.example'] }] }),
    ),
    dictionary: [
      ...words,
      '"config":',
      '"layers":',
      '"manifests":',
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
        mustHold(!/[^!-~]/.test(one.mediaType), `a media type, got ${one.mediaType}`)
      }
      mustHold(manifests.length === 0 || blobs.length === 0, 'an index or an image')
      mustHold(manifests.length <= mostBlobs && blobs.length <= mostBlobs + 1, 'a bounded number of parts')
      return `${mediaType} ${Math.min(3, manifests.length)} ${Math.min(3, blobs.length)} ${manifests[0] && platformOf(manifests[0])}`
    },
    refuses: (error) => error instanceof ImageRefused && error.message.length < 1000 && !/[\p{Cc}]/u.test(error.what),
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
