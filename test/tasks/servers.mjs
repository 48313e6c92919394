// Servers of other people's on loopback ports of their own, for tests and measurements: each lives below a folder, and until it is stopped.
import { spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

/**
 * nginx, as one process. In `config`, the content of its `http` block, PORT stands for the port.
 * @param {string} folder
 * @param {string} config
 */
export function startNginx(folder, config) {
  return start(folder, (port) => {
    const file = join(folder, 'nginx.conf')
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${join(folder, 'temporary')};`)
    writeFileSync(
      file,
      `daemon off; master_process off; pid ${join(folder, 'nginx.pid')}; error_log stderr;
events { worker_connections 256; }
http { access_log off; client_max_body_size 0; ${temporary.join(' ')}
${config.replaceAll('PORT', `127.0.0.1:${port}`)}
}
`,
    )
    return ['nginx', '-p', folder, '-e', 'stderr', '-c', file]
  })
}

/** A place for files that are written once: what nginx's own WebDAV module would replace is refused with 409. */
export function filesOnce(folder) {
  return `server { listen PORT; root ${folder};
  location / {
    dav_methods PUT; create_full_put_path on;
    set $taken ''; if (-f $request_filename) { set $taken $request_method; } if ($taken = PUT) { return 409; }
  }
}`
}

/** aptly's API. */
export function startAptly(folder) {
  const file = join(folder, 'aptly.conf')
  return start(folder, (port) => {
    writeFileSync(file, JSON.stringify({ rootDir: join(folder, 'aptly'), architectures: ['amd64'] }))
    return ['aptly', `-config=${file}`, 'api', 'serve', `-listen=127.0.0.1:${port}`]
  })
}

/** The reference registry. `config`: more of its configuration, such as `auth`. */
export function startRegistry(folder, config = {}) {
  const file = join(folder, 'registry.yml')
  return start(folder, (port) => {
    const storage = { filesystem: { rootdirectory: join(folder, 'registry') } }
    const http = { addr: `127.0.0.1:${port}` }
    writeFileSync(file, JSON.stringify({ version: 0.1, log: { level: 'error' }, storage, http, ...config }))
    return ['docker-registry', 'serve', file]
  })
}

/** Another process may take the port before the server does: then another port is tried. */
async function start(folder, commandAt) {
  mkdirSync(folder, { recursive: true })
  for (let tries = 1; ; tries++) {
    const port = await freePort()
    const [command, ...words] = commandAt(port)
    const server = run(command, words, folder)
    if (await server.listens(port)) return { url: `http://127.0.0.1:${port}`, port, pid: server.pid, stop: server.stop }
    await server.stop()
    if (tries === 3) throw new Error(`${command} does not listen:\n${server.output()}`)
  }
}

function run(command, words, folder) {
  const child = spawn(command, words, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: process.env.PATH, HOME: folder } })
  let output = ''
  let over = false
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => (output = (output + text).slice(-4000)))
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  const ended = new Promise((resolve) => {
    const end = (error) => {
      over = true
      process.off('exit', kill)
      if (error instanceof Error) output += error.message
      resolve()
    }
    child.once('error', end)
    child.once('close', end)
  })
  return {
    pid: child.pid,
    output: () => output,
    /** Whether it does so within ten seconds. */
    async listens(port) {
      for (const deadline = Date.now() + 10_000; !over && Date.now() < deadline; await pause(20)) {
        if (await answers(port)) return !over
      }
      return false
    },
    stop() {
      kill()
      return ended
    },
  }
}

function answers(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true))
    socket.once('connect', () => socket.destroy()).once('error', () => resolve(false))
  })
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })
}
