// Images to measure with, and our way of publishing them.
import { createCipheriv, createHash } from 'node:crypto'
import { createWriteStream, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { Layout } from '../../tasks/layout.mjs'
import { fail } from '../../tasks/shell.mjs'
import { mebibyte, timed } from '../contest.mjs'

const publisher = new URL('publish.mjs', import.meta.url).pathname

/** Writes an image of one platform, whose layers are all different, in gzip's own frames. Returns its manifest's descriptor. */
export async function writeImage(folder, sizes) {
  const layout = new Layout(folder)
  const layers = []
  for (const [index, size] of sizes.entries()) layers.push(await layer(layout, folder, index, size))
  const manifest = layout.manifest(layers)
  layout.tag('app', manifest)
  return manifest
}

/** Brings the image to a registry, as a build does. */
export async function push(folder, { port }) {
  const flags = ['--insecure-policy', 'copy', '--all', '--preserve-digests', '--quiet', '--dest-tls-verify=false']
  await timed(['skopeo', ...flags, `oci:${folder}:app`, `docker://127.0.0.1:${port}/app:staged`])
}

/** Publishes it from the start of node to its end. `waits`: how often something was waited for, whoever asked for that. */
export async function publishImage(folder, from, to, { digest, size }) {
  const repository = (role, { url }) => ({ role, type: 'registry', origin: url, settings: {}, credentials: { read: [], write: [] } })
  const file = join(folder, 'publishing.json')
  const publishing = {
    artifact: {
      coordinates: { format: 'image', image: 'app', tag: 'staged' },
      content: { sha256: digest.slice(7), size },
      location: `app/manifests/${digest}`,
    },
    repositories: { staging: repository('staging', from), stable: repository('public', to) },
    destinations: ['stable'],
    tags: [{ tag: '1.0.0', moves: false }],
  }
  writeFileSync(file, JSON.stringify(publishing))
  const { stdout, ...figures } = await timed([process.execPath, publisher, file])
  const lines = stdout.trim().split('\n')
  if (!lines.includes('published ')) fail(stdout)
  const waits = lines.filter((line) => line.startsWith('waiting '))
  return { ...figures, peak: Math.ceil(Number(lines.at(-1)) / 1024), waits }
}

async function layer(layout, folder, seed, size) {
  const cipher = createCipheriv('aes-128-ctr', Buffer.alloc(16, seed), Buffer.alloc(16))
  const hash = createHash('sha256')
  let written = 0
  const counted = new Transform({
    transform(chunk, _, done) {
      hash.update(chunk)
      written += chunk.length
      done(undefined, chunk)
    },
  })
  const file = join(folder, 'layer')
  const bytes = function* () {
    for (let left = size; left > 0; left -= mebibyte) yield cipher.update(Buffer.alloc(Math.min(left, mebibyte)))
  }
  await pipeline(bytes, createGzip({ level: 0 }), counted, createWriteStream(file))
  const digest = `sha256:${hash.digest('hex')}`
  renameSync(file, layout.path(digest))
  return { mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest, size: written }
}
