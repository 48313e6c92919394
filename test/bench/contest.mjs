// What the measurements share: a folder in memory, whole processes timed with their CPU, and contestants in turn.
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fail } from '../tasks/shell.mjs'

export const [mebibyte, gibibyte] = [1024 ** 2, 1024 ** 3]

// A measurement that is stopped leaves neither servers nor files behind.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(1))

/** Gives the work a folder with so many GiB of room: in memory, where there is that much, so that no disk is measured. */
export async function inFolder(gibibytes, work, { onDisk = false } = {}) {
  const parent = !onDisk && existsSync('/dev/shm') && free('/dev/shm') > gibibytes ? '/dev/shm' : tmpdir()
  if (free(parent) < gibibytes) fail(`This needs ${gibibytes} GiB of free space in ${parent}.`)
  const folder = mkdtempSync(join(parent, 'stagegate-bench-'))
  const servers = []
  const remove = () => rmSync(folder, { recursive: true, force: true, maxRetries: 10 })
  const removeAtOnce = () => {
    // They are killed before this returns, and write nothing more.
    for (const server of servers) server.stop()
    remove()
  }
  process.once('exit', removeAtOnce)
  try {
    return await work(folder, (server) => {
      servers.push(server)
      return server
    })
  } finally {
    await Promise.all(servers.map((server) => server.stop()))
    process.off('exit', removeAtOnce)
    remove()
  }
}

/**
 * Runs a command from its start to its end: seconds of wall time and of CPU, its children's included, and what it printed. Not
 * synchronous: the servers' own output has to be read meanwhile.
 */
export async function timed(words, { env = {}, onLine = () => undefined } = {}) {
  const child = spawn('bash', ['-c', 'TIMEFORMAT="%R %U %S"; time "$@"', 'bash', ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
    // A group of its own, so that what bash started ends with it.
    detached: true,
  })
  const kill = () => process.kill(-child.pid, 'SIGKILL')
  process.once('exit', kill)
  let [stdout, stderr, rest] = ['', '', '']
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) onLine(line)
  })
  child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text))
  const status = await new Promise((resolve) => child.once('close', resolve))
  process.off('exit', kill)
  const [seconds, user, system] = (stderr.trimEnd().split('\n').at(-1) ?? '').split(' ').map(Number)
  if (status !== 0) fail(`${words.join(' ')}\n${stdout}${stderr}`)
  return { seconds, cpu: user + system, stdout }
}

/** Runs all ways in turn, in another order each round. Returns what each round gave, by way. */
export async function inTurn(rounds, ways, show) {
  const names = Object.keys(ways)
  const results = Object.fromEntries(names.map((name) => [name, []]))
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < names.length; turn++) {
      const name = names[(round + turn) % names.length]
      results[name].push(await ways[name]())
    }
    console.log(`  ${names.map((name) => `${name} ${show(results[name].at(-1))}`).join('   ')}`)
  }
  return results
}

/** The median of one of the figures. */
export function median(results, figure) {
  const values = results.map((result) => result[figure]).sort((one, other) => one - other)
  return values[Math.floor(values.length / 2)]
}

/** In GiB. */
function free(path) {
  const { bavail, bsize } = statfsSync(path)
  return (bavail * bsize) / gibibyte
}
