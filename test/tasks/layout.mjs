// Writes OCI layouts, as builds leave them and skopeo reads them: what tests and measurements publish.
import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const media = (name) => `application/vnd.oci.image.${name}`

/** See layout.d.mts. */
export class Layout {
  #folder
  #tags = new Map()

  constructor(folder) {
    this.#folder = folder
    mkdirSync(join(folder, 'blobs', 'sha256'), { recursive: true })
    writeFileSync(join(folder, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}')
  }

  blob(data, mediaType = media('layer.v1.tar+gzip')) {
    const digest = `sha256:${createHash('sha256').update(data).digest('hex')}`
    writeFileSync(this.path(digest), data)
    return { mediaType, digest, size: data.length }
  }

  manifest(layers, { architecture = 'amd64', ...more } = {}) {
    const platform = { os: 'linux', architecture }
    const rootfs = { type: 'layers', diff_ids: layers.map(({ digest }) => digest) }
    const config = this.blob(Buffer.from(JSON.stringify({ ...platform, config: {}, rootfs })), media('config.v1+json'))
    return { ...this.#json(media('manifest.v1+json'), { config, layers, ...more }), platform }
  }

  index(manifests, more = {}) {
    return this.#json(media('index.v1+json'), { manifests, ...more })
  }

  tag(name, { mediaType, digest, size }) {
    this.#tags.set(name, { mediaType, digest, size, annotations: { 'org.opencontainers.image.ref.name': name } })
    writeFileSync(join(this.#folder, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [...this.#tags.values()] }))
  }

  path(digest) {
    return join(this.#folder, 'blobs', digest.replace(':', '/'))
  }

  #json(mediaType, value) {
    // Indented, and with a line break at its end: whoever writes it again gets another digest.
    return this.blob(Buffer.from(`${JSON.stringify({ schemaVersion: 2, mediaType, ...value }, undefined, 2)}\n`), mediaType)
  }
}
