// Servers of other people's on loopback ports of their own, for tests and measurements: each lives below a folder, and until it is stopped.
import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { builtGoTool } from './go-tools.mjs'
import { authorityOfRun } from './trust.mjs'

/**
 * nginx, as one process. In `config`, the content of its `http` block, PORT stands for what to listen on.
 * @param {string} folder
 * @param {string} config
 */
export function startNginx(folder, config, { tls = tlsOfRun() } = {}) {
  return start(
    folder,
    (port) => {
      const file = join(folder, 'nginx.conf')
      const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
        (name) => `${name}_temp_path ${join(folder, 'temporary')};`,
      )
      const files = tls && filesOf(folder, tls)
      writeFileSync(
        file,
        `daemon off; master_process off; pid ${join(folder, 'nginx.pid')}; error_log stderr;
events { worker_connections 256; }
http { access_log off; client_max_body_size 0; ${temporary.join(' ')}
${files ? `ssl_certificate ${files.certificate}; ssl_certificate_key ${files.key}; ssl_session_cache shared:one:1m;` : ''}
${config.replaceAll('PORT', `127.0.0.1:${port}${tls ? ' ssl' : ''}`)}
}
`,
      )
      return ['nginx', '-p', folder, '-e', 'stderr', '-c', file]
    },
    { tls },
  )
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

/** A folder of WebDAV, which can do `methods`; whoever has the password of `passwords` writes, and everybody reads. */
export function webdavFolder(folder, { methods = 'PUT MKCOL MOVE', passwords } = {}) {
  const guard = passwords && `limit_except GET HEAD { auth_basic writers; auth_basic_user_file ${passwords}; }`
  return `server { listen PORT; root ${folder};
  location / { dav_methods ${methods}; ${guard ?? ''} }
}`
}

/** aptly's API; it speaks no TLS itself, so nginx does before it, and hands on every byte as it comes. */
export async function startAptly(folder, { tls = tlsOfRun() } = {}) {
  const file = join(folder, 'aptly.conf')
  const aptly = await start(folder, (port) => {
    writeFileSync(file, JSON.stringify({ rootDir: join(folder, 'aptly'), architectures: ['amd64'] }))
    return ['aptly', `-config=${file}`, 'api', 'serve', `-listen=127.0.0.1:${port}`]
  })
  if (!tls) return aptly
  const passing = 'proxy_http_version 1.1; proxy_request_buffering off; proxy_buffering off;'
  const nginx = await startNginx(
    join(folder, 'nginx'),
    `server { listen PORT; location / { proxy_pass ${aptly.url}; ${passing} proxy_set_header Host $http_host; } }`,
    { tls },
  )
  return { ...nginx, stop: () => Promise.all([nginx.stop(), aptly.stop()]) }
}

/** The reference registry, as Debian has it, or as it is today. */
export function startRegistry(folder, config = {}, { program, tls = tlsOfRun() } = {}) {
  const file = join(folder, 'registry.yml')
  return start(
    folder,
    (port) => {
      const storage = { filesystem: { rootdirectory: join(folder, 'registry') } }
      const http = { addr: `127.0.0.1:${port}`, ...(tls && { tls: filesOf(folder, tls) }) }
      writeFileSync(file, JSON.stringify({ version: 0.1, log: { level: 'error' }, storage, http, ...config }))
      return [program === undefined ? 'docker-registry' : builtGoTool(program), 'serve', file]
    },
    { tls },
  )
}

/** An S3 server over a folder; `keys` are those of its owner. It keeps metadata in extended attributes of the files. */
export async function startVersitygw(folder, { keys, tls = tlsOfRun() }) {
  const [files, users] = [join(folder, 'files'), join(folder, 'users')]
  for (const one of [files, users]) mkdirSync(one, { recursive: true })
  const { accessKeyId: ROOT_ACCESS_KEY, secretAccessKey: ROOT_SECRET_KEY } = keys
  return start(
    folder,
    (port) => {
      // It changes its directory before it opens them, so all paths are absolute.
      const paths = tls && filesOf(folder, tls)
      const secure = paths ? ['--cert', paths.certificate, '--key', paths.key] : []
      const words = ['--port', `127.0.0.1:${port}`, ...secure, '--region', 'us-east-1', '--quiet', '--iam-dir', users, 'posix', files]
      return [builtGoTool('versitygw'), ...words]
    },
    { tls, env: { ROOT_ACCESS_KEY, ROOT_SECRET_KEY } },
  )
}

/** An HTTP proxy for CONNECT, and for plain http. It finds `hosts` on this machine, as /etc/hosts would tell it. */
export async function startTinyproxy(folder, { account, allow, connectPorts, hosts = [] } = {}) {
  const [file, log] = [join(folder, 'tinyproxy.conf'), join(folder, 'tinyproxy.log')]
  const running = await start(folder, (port) => {
    const lines = [`Port ${port}`, 'Listen 127.0.0.1', `LogFile "${log}"`, 'LogLevel Connect', 'Timeout 60', 'DisableViaHeader Yes']
    if (account !== undefined) lines.push(`BasicAuth ${account.replace(':', ' ')}`)
    if (allow !== undefined) {
      writeFileSync(join(folder, 'filter'), `${allow.join('\n')}\n`)
      lines.push(`Filter "${join(folder, 'filter')}"`, 'FilterExtended On', 'FilterDefaultDeny Yes')
    }
    for (const only of connectPorts ?? []) lines.push(`ConnectPort ${only}`)
    writeFileSync(file, `${lines.join('\n')}\n`)
    if (hosts.length === 0) return ['tinyproxy', '-d', '-c', file]
    writeFileSync(join(folder, 'hosts'), hosts.map((host) => `127.0.0.1 ${host}\n`).join(''))
    return ['env', 'LD_PRELOAD=libnss_wrapper.so', `NSS_WRAPPER_HOSTS=${join(folder, 'hosts')}`, 'tinyproxy', '-d', '-c', file]
  })
  return { ...running, log: () => readFileSync(log, 'utf8') }
}

export function tlsOfRun() {
  return authorityOfRun()?.server
}

/** Where its certificate and key lie, for servers that take paths. */
export function filesOf(folder, { certificate, key }) {
  const files = { certificate: join(folder, 'certificate.pem'), key: join(folder, 'key.pem') }
  writeFileSync(files.certificate, certificate)
  writeFileSync(files.key, key, { mode: 0o600 })
  return files
}

/** Another process may take the port before the server does: then another port is tried. It gets so many `seconds` to listen. */
export async function start(folder, commandAt, { tls, env = {}, seconds = 10 } = {}) {
  mkdirSync(folder, { recursive: true })
  for (let tries = 1; ; tries++) {
    const port = await freePort()
    const [command, ...words] = commandAt(port)
    const server = run(command, words, folder, env)
    if (await server.listens(port, seconds))
      return { url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`, port, pid: server.pid, stop: server.stop }
    await server.stop()
    if (tries === 3) throw new Error(`${command} does not listen:\n${server.output()}`)
  }
}

function run(command, words, folder, env) {
  const child = spawn(command, words, {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, HOME: folder, OTEL_TRACES_EXPORTER: 'none', ...env },
  })
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
    /** Whether it does so in time. */
    async listens(port, seconds) {
      for (const deadline = Date.now() + 1000 * seconds; !over && Date.now() < deadline; await pause(20)) {
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

export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })
}
