// Images from one docker-registry to another, in turn with `skopeo copy --all`, and beside the upload of the local files with curl:
// one layer of 1 GiB, and 200 layers of 1 MiB.
import { spawn } from 'node:child_process'
import { createCipheriv, createHash } from 'node:crypto'
import { createWriteStream, existsSync, mkdtempSync, renameSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { Layout } from '../tasks/layout.mjs'
import { startRegistry } from '../tasks/servers.mjs'
import { fail, isInstalled } from '../tasks/shell.mjs'

const [mebibyte, gibibyte] = [1024 ** 2, 1024 ** 3]
const rounds = 5
const publisher = new URL('images/publish.mjs', import.meta.url).pathname

for (const tool of ['docker-registry', 'skopeo', 'curl']) if (!isInstalled(tool)) fail(`This needs ${tool}.`)
// Where there is room in memory, no disk is measured.
const parent = existsSync('/dev/shm') && free('/dev/shm') > 5 ? '/dev/shm' : tmpdir()
const large = await copies('one layer of 1 GiB', [gibibyte], ['ours', 'skopeo', 'curl'])
const small = await copies('200 layers of 1 MiB', Array(200).fill(mebibyte), ['ours', 'skopeo', 'curl'])
const [ratio, floor, ofSmall] = [large.ours / large.skopeo, large.curl / large.skopeo, small.ours / small.skopeo]
const peak = Math.max(large.peak, small.peak)
console.log(
  `What the receiving registry alone needs of skopeo's time: ${floor.toFixed(2)}, of small layers ${(small.curl / small.skopeo).toFixed(2)}`,
)
console.log(`images: ratio ${ratio.toFixed(2)}, floor ${floor.toFixed(2)}, small layers ${ofSmall.toFixed(2)}, peak ${peak} MiB`)

/** The medians of each way, in seconds; and our peak memory, in MiB. */
async function copies(name, sizes, names) {
  if (free(parent) < 5) fail(`This needs 5 GiB of free space in ${parent}.`)
  const folder = mkdtempSync(join(parent, 'stagegate-bench-'))
  const servers = []
  try {
    const quiet = { log: { level: 'error', accesslog: { disabled: true } } }
    for (const place of ['a', 'b']) servers.push(await startRegistry(join(folder, place), quiet))
    const [a, b] = servers
    const image = await build(join(folder, 'layout'), sizes)
    await skopeo(`oci:${folder}/layout:app`, `docker://127.0.0.1:${a.port}/app:staged`)
    let peak = 0
    const ways = {
      ours: async () => {
        peak = Math.max(peak, await ours(folder, a, b, image))
      },
      skopeo: () => skopeo(`docker://127.0.0.1:${a.port}/app:staged`, `docker://127.0.0.1:${b.port}/app:1.0.0`),
      curl: () => curl(b, image),
    }
    const times = Object.fromEntries(names.map((way) => [way, []]))
    console.log(`${name}, in seconds`)
    for (let round = 0; round < rounds; round++) {
      for (let turn = 0; turn < names.length; turn++) {
        const way = names[(round + turn) % names.length]
        rmSync(join(folder, 'b', 'registry'), { recursive: true, force: true })
        const started = performance.now()
        await ways[way]()
        times[way].push((performance.now() - started) / 1000)
      }
      console.log(`  ${names.map((way) => `${way} ${times[way].at(-1).toFixed(2)}`).join('   ')}   peak ${peak} MiB`)
    }
    return { ...Object.fromEntries(names.map((way) => [way, median(times[way])])), peak }
  } finally {
    await Promise.all(servers.map((server) => server.stop()))
    rmSync(folder, { recursive: true, force: true })
  }
}

/** From the start of node to its end. Returns its peak memory, in MiB. */
async function ours(folder, a, b, { manifest }) {
  const repository = (role, { url }) => ({ role, type: 'registry', origin: url, settings: {}, credentials: { read: [], write: [] } })
  const file = join(folder, 'publishing.json')
  const publishing = {
    artifact: {
      coordinates: { format: 'image', image: 'app', tag: 'staged' },
      content: { sha256: manifest.digest.slice(7), size: manifest.size },
      location: `app/manifests/${manifest.digest}`,
    },
    repositories: { staging: repository('staging', a), stable: repository('public', b) },
    destinations: ['stable'],
    tags: [{ tag: '1.0.0', moves: false }],
  }
  writeFileSync(file, JSON.stringify(publishing))
  const lines = (await run(process.execPath, [publisher, file])).trim().split('\n')
  if (!lines.includes('published ')) fail(lines.join('\n'))
  return Math.ceil(Number(lines.at(-1)) / 1024)
}

/** Bytes as they are, all platforms. */
function skopeo(from, to) {
  const flags = ['--insecure-policy', 'copy', '--all', '--preserve-digests', '--quiet', '--src-tls-verify=false', '--dest-tls-verify=false']
  return run('skopeo', [...flags, from, to])
}

/** What the receiving registry alone needs: nothing is looked for, read from another, or verified. One curl, eight at a time. */
async function curl({ url }, { layers, layout }) {
  const uploads = await Promise.all(
    layers.map(async ({ digest }) => {
      const opened = await fetch(`${url}/v2/app/blobs/uploads/`, { method: 'POST' })
      return ['--upload-file', layout.path(digest), '--output', '/dev/null', `${opened.headers.get('location')}&digest=${digest}`]
    }),
  )
  const flags = ['--silent', '--no-progress-meter', '--fail', '--parallel', '--parallel-max', '8', '--write-out', '%{http_code}\n']
  const statuses = (await run('curl', [...flags, ...uploads.flat()])).trim().split('\n')
  if (statuses.some((status) => status !== '201')) fail(`curl was answered ${statuses}`)
}

/** An image of one platform, whose layers are all different, in gzip's own frames. */
async function build(folder, sizes) {
  const layout = new Layout(folder)
  const layers = []
  for (const [index, size] of sizes.entries()) layers.push(await layer(layout, folder, index, size))
  const manifest = layout.manifest(layers)
  layout.tag('app', manifest)
  return { layout, layers, manifest }
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

/** What a command prints. Not synchronous: the registries' own output has to be read meanwhile. */
async function run(command, words) {
  const child = spawn(command, words, { stdio: ['ignore', 'pipe', 'inherit'] })
  const chunks = []
  for await (const chunk of child.stdout) chunks.push(chunk)
  const status = child.exitCode ?? (await new Promise((resolve) => child.once('close', resolve)))
  const output = Buffer.concat(chunks).toString()
  if (status !== 0) fail(`${command} ${words.join(' ')}\n${output}`)
  return output
}

/** In GiB. */
function free(path) {
  const { bavail, bsize } = statfsSync(path)
  return (bavail * bsize) / gibibyte
}

function median(values) {
  return values.sort((one, other) => one - other)[Math.floor(values.length / 2)]
}
