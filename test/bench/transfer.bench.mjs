// Over HTTPS, from one nginx to another:
// 1. Peak memory of one artifact of 4 GiB that goes to three destinations in one read.
// 2. A verified copy of 1 GiB, in turn with the same by curl and openssl, and with the least that a copy in Node can be. Then over
//    plain http, too.
import { spawnSync } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { filesOnce, startNginx } from '../tasks/servers.mjs'
import { fail, isInstalled } from '../tasks/shell.mjs'
import { ensureAuthority } from '../tasks/trust.mjs'
import { gibibyte, inFolder, inTurn, median, timed } from './contest.mjs'

const rounds = 7
const [publisher, bare] = ['publish', 'bare'].map((name) => new URL(`transfer/${name}.mjs`, import.meta.url).pathname)

for (const tool of ['nginx', 'curl', 'openssl', 'bash']) if (!isInstalled(tool)) fail(`This needs ${tool}.`)
await ensureAuthority()
const peak = await inFolder(13, peakMemory, { onDisk: true })
const https = await inFolder(4, (folder, keep) => copies('https', folder, keep))
await inFolder(4, (folder, keep) => copies('http', folder, keep))
console.log(
  'Ratios are to the pipe. The copy alone is ours from the start of node until the server has answered; the others, until they have ended.',
)
const { ratio, whole, floor } = https
console.log(`transfer: https ratio ${ratio.toFixed(2)}, with reading back ${whole.toFixed(2)}, floor ${floor.toFixed(2)}, peak ${peak} MiB`)

/** In MiB. */
async function peakMemory(folder, keep) {
  const [a, b] = await servers(folder, keep)
  const sha256 = writeLarge(join(folder, 'a', 'large'), 4 * gibibyte, false)
  const destinations = ['one', 'two', 'three']
  const { stdout, seconds } = await publish(folder, a, b, 4 * gibibyte, sha256, destinations)
  const mebibytes = Math.ceil(Number(stdout.trim().split('\n').at(-1)) / 1024)
  const reads = readFileSync(join(folder, 'a.log'), 'utf8').match(/GET \/large/g)?.length
  if (reads !== 1) fail(`The source was read ${reads} times.`)
  console.log(`4 GiB to three destinations: read once, peak ${mebibytes} MiB, ${seconds.toFixed(1)} s with reading all of them back`)
  return mebibytes
}

/** What the medians are to the pipe's. */
async function copies(scheme, folder, keep) {
  const [a, b] = await servers(folder, keep, scheme === 'http' ? { tls: false } : {})
  const sha256 = writeLarge(join(folder, 'a', 'large'), gibibyte, true)
  const emptied = (work) => () => {
    rmSync(join(folder, 'b'), { recursive: true, force: true })
    return work()
  }
  console.log(`1 GiB over ${scheme}, copy alone (and read back) in seconds; CPU of the whole`)
  const results = await inTurn(
    rounds,
    {
      ours: emptied(() => ours(folder, a, b, sha256)),
      pipe: emptied(() => pipe(folder, a, b, sha256)),
      bare: emptied(() => least(a, b, sha256)),
    },
    ({ copy, seconds, cpu }) => `${copy.toFixed(2)} (${seconds.toFixed(2)}) CPU ${cpu.toFixed(2)}`,
  )
  const of = (way, figure) => median(results[way], figure) / median(results.pipe, figure)
  const ratios = { ratio: of('ours', 'copy'), whole: of('ours', 'seconds'), floor: of('bare', 'copy') }
  console.log(
    `  medians, to the pipe: ours ${ratios.ratio.toFixed(2)}, with reading back ${ratios.whole.toFixed(2)}, bare ${ratios.floor.toFixed(2)}`,
  )
  return ratios
}

async function ours(folder, a, b, sha256) {
  const started = performance.now()
  let copy = 0
  const onLine = (line) => {
    if (line === 'written') copy = (performance.now() - started) / 1000
  }
  return { ...(await publish(folder, a, b, gibibyte, sha256, ['one'], onLine)), copy }
}

async function least(a, b, sha256) {
  const result = await timed([process.execPath, bare, `${a.url}/large`, `${b.url}/one/large`])
  if (result.stdout.trim() !== sha256) fail(`The bare copy printed ${result.stdout}`)
  return { ...result, copy: result.seconds }
}

/** As a person would do it; that openssl has ended is waited for, as its digest is wanted. */
async function pipe(folder, a, b, sha256) {
  const run = async (script) => {
    const env = { CURL_CA_BUNDLE: process.env.NODE_EXTRA_CA_CERTS }
    const result = await timed(['bash', '-c', `set -eo pipefail; cd ${folder}; ${script}`], { env })
    if (!result.stdout.includes(sha256)) fail(`The pipe failed: ${script}`)
    return result
  }
  const to = `${b.url}/one/large`
  const copy = await run(
    `rm -f fifo; mkfifo fifo; openssl dgst -sha256 -r <fifo & curl -sf ${a.url}/large | tee fifo | curl -sf -T - ${to}; wait`,
  )
  const back = await run(`curl -sf ${to} | openssl dgst -sha256 -r`)
  return { copy: copy.seconds, seconds: copy.seconds + back.seconds, cpu: copy.cpu + back.cpu }
}

async function publish(folder, a, b, size, sha256, destinations, onLine) {
  const repository = (role, origin, path) => ({ role, type: 'webdav', origin, settings: { path }, credentials: { read: [], write: [] } })
  const file = join(folder, 'publishing.json')
  const publishing = {
    artifact: { coordinates: { format: 'file', path: 'large' }, content: { sha256, size }, location: '/large' },
    repositories: Object.fromEntries([
      ['staging', repository('staging', a.url, '/')],
      ...destinations.map((name) => [name, repository('public', b.url, `/${name}/`)]),
    ]),
    destinations,
  }
  writeFileSync(file, JSON.stringify(publishing))
  const result = await timed([process.execPath, publisher, file], { onLine })
  const verdicts = result.stdout.split('\n').filter((line) => line.startsWith('published'))
  if (verdicts.length !== destinations.length) fail(result.stdout)
  return result
}

async function servers(folder, keep, options) {
  mkdirSync(join(folder, 'a'))
  const a = `server { listen PORT; root ${folder}/a; access_log ${folder}/a.log; }`
  return [
    keep(await startNginx(join(folder, 'nginx-a'), a, options)),
    keep(await startNginx(join(folder, 'nginx-b'), filesOnce(join(folder, 'b')), options)),
  ]
}

/** Writes a file whose every MiB is another; where it is not full, the rest is holes, which cost no room. Returns its sha256. */
function writeLarge(path, size, full) {
  const chunk = Buffer.alloc(full ? 1024 ** 2 : 16)
  const file = openSync(path, 'w')
  for (let start = 0; start < size; start += 1024 ** 2) {
    for (let index = 0; index < chunk.length; index += 8) chunk.writeDoubleLE(start + index + 0.5, index)
    writeSync(file, chunk, 0, chunk.length, start)
  }
  if (!full) writeSync(file, Buffer.from([1]), 0, 1, size - 1)
  closeSync(file)
  return spawnSync('openssl', ['dgst', '-sha256', '-r', path], { encoding: 'utf8' }).stdout.slice(0, 64)
}
