// node scripts/image.mjs: leaves dist/image, an OCI layout with one image for two platforms, in plain Node, so that the
// example needs no daemon. A project of yours would say docker buildx, buildah or kaniko here.
import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { tar } from './deb.mjs'

const folder = 'dist/image'
const version = process.env.CI_COMMIT_TAG?.replace(/^v/, '') || '0.0.0'
mkdirSync(`${folder}/blobs/sha256`, { recursive: true })

const platforms = ['amd64', 'arm64'].map((architecture) => ({ ...image(architecture), platform: { os: 'linux', architecture } }))
const index = json({ schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json', manifests: platforms })
writeFileSync(`${folder}/oci-layout`, '{"imageLayoutVersion": "1.0.0"}\n')
writeFileSync(`${folder}/index.json`, JSON.stringify({ schemaVersion: 2, manifests: [index] }))
console.log(`built ${folder}, ${index.digest}`)

/** One platform's image: a layer with the program, a configuration, and the manifest that names both. */
function image(architecture) {
  const files = tar({ './usr/bin/hello': { text: `#!/bin/sh\necho "hello ${version}, on ${architecture}"\n`, mode: 0o755 } })
  const layer = blob('application/vnd.oci.image.layer.v1.tar+gzip', gzipSync(files))
  const config = json({
    mediaType: 'application/vnd.oci.image.config.v1+json',
    architecture,
    os: 'linux',
    config: { Entrypoint: ['/usr/bin/hello'] },
    rootfs: { type: 'layers', diff_ids: [digestOf(files)] },
  })
  return json({ schemaVersion: 2, mediaType: 'application/vnd.oci.image.manifest.v1+json', config, layers: [layer] })
}

/** Everything in a layout lies under its digest. What refers to it has its descriptor. */
function blob(mediaType, data) {
  const digest = digestOf(data)
  writeFileSync(`${folder}/blobs/${digest.replace(':', '/')}`, data)
  return { mediaType, digest, size: data.length }
}

function json({ mediaType, ...value }) {
  const own = mediaType.includes('config') ? value : { mediaType, ...value }
  return blob(mediaType, Buffer.from(JSON.stringify(own)))
}

function digestOf(data) {
  return `sha256:${createHash('sha256').update(data).digest('hex')}`
}
