// Images from one registry (distribution 3) to another, over HTTPS and then over plain http: 20 layers of 25 MiB, and 200 of 1 MiB. In
// turn with oras and crane, and with the least that a copy in Node can be. Without Go, skopeo takes the place of both.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { goTool } from '../tasks/go-tools.mjs'
import { startRegistry } from '../tasks/servers.mjs'
import { fail, isInstalled } from '../tasks/shell.mjs'
import { ensureAuthority } from '../tasks/trust.mjs'
import { inFolder, inTurn, mebibyte, median, timed } from './contest.mjs'
import { publishImage, push, writeImage } from './images/image.mjs'

const rounds = 5
const bare = new URL('images/bare.mjs', import.meta.url).pathname
const quiet = { log: { level: 'error', accesslog: { disabled: true } } }

if (!isInstalled('skopeo')) fail('This needs skopeo: apt-get install skopeo')
await ensureAuthority()
const [program, oras, crane] = ['registry', 'oras', 'crane'].map((name) => goTool(name) && name)
const tools = oras && crane ? { oras: goTool('oras'), crane: goTool('crane') } : {}
if (Object.keys(tools).length === 0)
  console.log('Without Go there is neither oras nor crane: the ratios are to skopeo, which takes twice their time.')

const large = await measure('20 layers of 25 MiB', Array(20).fill(25 * mebibyte))
const small = await measure('200 layers of 1 MiB', Array(200).fill(mebibyte))
const ratios = ({ https: { ours, bare, others } }) => ({
  ratio: ours.seconds / others,
  floor: bare.seconds / others,
  cpu: ours.cpu / bare.cpu,
  peak: ours.peak,
})
const [one, other] = [ratios(large), ratios(small)]
const figures = [
  `https ratio ${one.ratio.toFixed(2)}`,
  `small layers ${other.ratio.toFixed(2)}`,
  `floor ${one.floor.toFixed(2)}`,
  `floor of small layers ${other.floor.toFixed(2)}`,
  `cpu ${Math.max(one.cpu, other.cpu).toFixed(2)}`,
  `peak ${Math.max(one.peak, other.peak)} MiB`,
]
console.log('Ratios are of wall time to the faster of the others, from the start of a process to its end; cpu is ours to the bare copy’s.')
console.log(`images: ${figures.join(', ')}`)

/** The medians of each way, by scheme. */
async function measure(name, sizes) {
  return inFolder(4, async (folder, keep) => {
    const manifest = await writeImage(join(folder, 'layout'), sizes)
    const result = {}
    for (const scheme of ['https', 'http']) {
      console.log(`${name} over ${scheme}, in seconds (CPU)`)
      result[scheme] = await overScheme(join(folder, scheme), keep, scheme, manifest)
    }
    return result
  })
}

async function overScheme(folder, keep, scheme, manifest) {
  const options = { program, ...(scheme === 'http' && { tls: false }) }
  const start = async (place) => keep(await startRegistry(join(folder, place), quiet, options))
  const [a, b] = [await start('a'), await start('b')]
  await push(join(folder, '..', 'layout'), a)
  const plain = scheme === 'http'
  const at = ({ port }, tag) => `localhost:${port}/app:${tag}`
  const commands = {
    oras: () => [tools.oras, 'cp', `--from-plain-http=${plain}`, `--to-plain-http=${plain}`, at(a, 'staged'), at(b, '1.0.0')],
    crane: () => [tools.crane, 'copy', ...(plain ? ['--insecure'] : []), at(a, 'staged'), at(b, '1.0.0')],
    skopeo: () => skopeo(a, b),
    bare: () => [process.execPath, bare, a.url, b.url],
  }
  const emptied = async (work) => {
    rmSync(join(folder, 'b', 'registry'), { recursive: true, force: true })
    return work()
  }
  const rivals = Object.keys(tools).length > 0 ? Object.keys(tools) : ['skopeo']
  const env = { SSL_CERT_FILE: process.env.NODE_EXTRA_CA_CERTS }
  const ways = { ours: () => emptied(() => publishImage(folder, a, b, manifest)) }
  for (const way of ['bare', ...rivals]) ways[way] = () => emptied(() => timed(commands[way](), { env }))
  const results = await inTurn(rounds, ways, ({ seconds, cpu }) => `${seconds.toFixed(2)} (${cpu.toFixed(2)})`)
  const medians = (way) => ({ seconds: median(results[way], 'seconds'), cpu: median(results[way], 'cpu') })
  const others = Math.min(...rivals.map((way) => medians(way).seconds))
  const ours = { ...medians('ours'), peak: Math.max(...results.ours.map(({ peak }) => peak)) }
  console.log(
    `  medians: ours ${(ours.seconds / others).toFixed(2)}, bare ${(medians('bare').seconds / others).toFixed(2)} of the faster other`,
  )
  return { ours, bare: medians('bare'), others }
}

/** Bytes as they are, all platforms. */
function skopeo(a, b) {
  const flags = ['--insecure-policy', 'copy', '--all', '--preserve-digests', '--quiet', '--src-tls-verify=false', '--dest-tls-verify=false']
  return ['skopeo', ...flags, `docker://127.0.0.1:${a.port}/app:staged`, `docker://127.0.0.1:${b.port}/app:1.0.0`]
}
