// What the project's own scripts share. Plain JavaScript: they run before anything is installed.
import { spawnSync } from 'node:child_process'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))

/** The project's own tools come first, and nothing of npm's that its parent set. */
const path = [join(root, 'node_modules', '.bin'), process.env.PATH].join(delimiter)

/** Runs a command and shows what it prints. Ends this process when it fails. */
export function run(command, words, options) {
  const status = tryRun(command, words, options)
  if (status !== 0) fail(`${[command, ...words].join(' ')} failed with exit code ${status}`)
}

/** Runs a command, shows what it prints, and returns its exit code. */
export function tryRun(command, words, { cwd = root, env = {} } = {}) {
  const result = spawnSync(command, words, { cwd, stdio: 'inherit', env: { ...process.env, PATH: path, ...env } })
  if (result.error) fail(`${command}: ${result.error.message}`)
  return result.status ?? 1
}

/** What a command prints; undefined when it fails or is missing. */
export function ask(command, words, { cwd = root } = {}) {
  const result = spawnSync(command, words, {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, PATH: path },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  return result.status === 0 ? result.stdout.trim() : undefined
}

/** A command, a subcommand of one, or a shared library. */
export function isInstalled(name) {
  if (name.includes(' ')) return ask('sh', ['-c', `${name} --help`]) !== undefined
  const script = name.endsWith('.so') ? `ls /usr/lib/${name} /usr/lib/*/${name} 2>/dev/null | grep .` : `command -v ${name}`
  return ask('sh', ['-c', script]) !== undefined
}

/** Where programs lie that were built or unpacked once for this machine. */
export function cache() {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'stagegate-tests')
}

export function step(name) {
  console.log(`\n== ${name}`)
}

export function fail(message) {
  console.error(`\n${message}`)
  process.exit(1)
}
