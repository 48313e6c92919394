// 1. Peak memory of one artifact of 4 GiB that goes to three destinations in one read.
// 2. A verified copy of 1 GiB from one nginx to another, beside the same with curl and openssl, in turn.
import { spawn, spawnSync } from 'node:child_process'
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statfsSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { filesOnce, startNginx } from '../tasks/servers.mjs'
import { fail, isInstalled } from '../tasks/shell.mjs'

const gibibyte = 1024 ** 3
const rounds = 7
const publisher = new URL('transfer/publish.mjs', import.meta.url).pathname

// What is broken off leaves no servers and no files of many GiB behind.
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1))
for (const tool of ['nginx', 'curl', 'openssl', 'bash']) if (!isInstalled(tool)) fail(`This needs ${tool}.`)
const peak = await inFolder(tmpdir(), 13, peakMemory)
// Where there is room in memory, no disk is measured.
const ratio = await inFolder(existsSync('/dev/shm') && free('/dev/shm') > 4 ? '/dev/shm' : tmpdir(), 3, copies)
console.log(`transfer: ratio ${ratio.toFixed(2)}, peak ${peak} MiB`)

/** In MiB. */
async function peakMemory(folder, a, b) {
  const sha256 = writeLarge(join(folder, 'a', 'large'), 4 * gibibyte, false)
  const destinations = ['one', 'two', 'three']
  const started = performance.now()
  const { lines } = await publish(folder, a, b, 4 * gibibyte, sha256, destinations)
  const seconds = (performance.now() - started) / 1000
  const mebibytes = Math.ceil(Number(lines.at(-1)) / 1024)
  const reads = readFileSync(join(folder, 'a.log'), 'utf8').match(/GET \/large/g)?.length
  if (reads !== 1) fail(`The source was read ${reads} times.`)
  console.log(`4 GiB to three destinations: read once, peak ${mebibytes} MiB, ${seconds.toFixed(1)} s with reading all of them back`)
  return mebibytes
}

/** Ours to the pipe's, as medians. */
async function copies(folder, a, b) {
  const sha256 = writeLarge(join(folder, 'a', 'large'), gibibyte, true)
  const times = { ours: [], pipe: [] }
  const ways = { ours: () => ours(folder, a, b, sha256), pipe: () => pipe(folder, a, b, sha256) }
  console.log('1 GiB, copy alone (and read back), in seconds')
  for (let round = 0; round < rounds; round++) {
    for (const way of round % 2 === 0 ? ['ours', 'pipe'] : ['pipe', 'ours']) {
      rmSync(join(folder, 'b'), { recursive: true, force: true })
      times[way].push(await ways[way]())
    }
    console.log(`  ours ${shown(times.ours.at(-1))}   curl | tee openssl | curl ${shown(times.pipe.at(-1))}`)
  }
  const [mine, theirs] = [medians(times.ours), medians(times.pipe)]
  console.log(`  medians: ours ${shown(mine)}, the pipe ${shown(theirs)}; with reading back ${(mine.whole / theirs.whole).toFixed(2)}`)
  console.log(
    'The ratio is that of the copies alone: ours from the start of node until the server has answered, the pipe until curl and openssl have ended.',
  )
  return mine.copy / theirs.copy
}

async function ours(folder, a, b, sha256) {
  const started = performance.now()
  let copy = 0
  await publish(folder, a, b, gibibyte, sha256, ['one'], (line) => {
    if (line === 'written') copy = (performance.now() - started) / 1000
  })
  return { copy, whole: (performance.now() - started) / 1000 }
}

/** As a person would do it; that openssl has ended is waited for, as its digest is wanted. */
function pipe(folder, a, b, sha256) {
  const timed = (script) => {
    const started = performance.now()
    const { stdout, status } = spawnSync('bash', ['-c', `set -eo pipefail; ${script}`], { cwd: folder, encoding: 'utf8' })
    if (status !== 0 || !stdout.includes(sha256)) fail(`The pipe failed: ${script}`)
    return (performance.now() - started) / 1000
  }
  const to = `${b.url}/one/large`
  const copy = timed(
    `rm -f fifo; mkfifo fifo; openssl dgst -sha256 -r <fifo & curl -sf ${a.url}/large | tee fifo | curl -sf -T - ${to}; wait`,
  )
  return { copy, whole: copy + timed(`curl -sf ${to} | openssl dgst -sha256 -r`) }
}

async function publish(folder, a, b, size, sha256, destinations, onLine = () => undefined) {
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
  const child = spawn(process.execPath, [publisher, file], { stdio: ['ignore', 'pipe', 'inherit'] })
  const lines = []
  for await (const line of createInterface(child.stdout)) {
    onLine(line)
    lines.push(line)
  }
  if (lines.filter((line) => line.startsWith('published')).length !== destinations.length) fail(lines.join('\n'))
  return { lines }
}

/** Gives the work a folder with so many GiB of room, and two servers on it. */
async function inFolder(parent, gibibytes, work) {
  if (free(parent) < gibibytes) fail(`This needs ${gibibytes} GiB of free space in ${parent}.`)
  const folder = mkdtempSync(join(parent, 'stagegate-bench-'))
  const servers = []
  const remove = () => rmSync(folder, { recursive: true, force: true })
  process.once('exit', remove)
  try {
    mkdirSync(join(folder, 'a'))
    servers.push(await startNginx(join(folder, 'nginx-a'), `server { listen PORT; root ${folder}/a; access_log ${folder}/a.log; }`))
    servers.push(await startNginx(join(folder, 'nginx-b'), filesOnce(join(folder, 'b'))))
    return await work(folder, ...servers)
  } finally {
    await Promise.all(servers.map((server) => server.stop()))
    process.off('exit', remove)
    remove()
  }
}

/** In GiB. */
function free(path) {
  const { bavail, bsize } = statfsSync(path)
  return (bavail * bsize) / gibibyte
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

function medians(times) {
  const median = (values) => values.sort((one, other) => one - other)[Math.floor(values.length / 2)]
  return { copy: median(times.map(({ copy }) => copy)), whole: median(times.map(({ whole }) => whole)) }
}

function shown({ copy, whole }) {
  return `${copy.toFixed(2)} (${whole.toFixed(2)})`
}
