// S3 servers that a run gets only when it names them (TEST_S3_SERVERS): they take long to get, or to start.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { dirname, join } from 'node:path'
import { goTool, howToGet } from './go-tools.mjs'
import { filesOf, freePort, start, tlsOfRun } from './servers.mjs'
import { cache, fail, run } from './shell.mjs'

/** MinIO: a program of its own, which nothing of Stagegate depends on. */
export function startMinio(folder, { keys }) {
  const program = goTool('minio') ?? fail(`This run needs ${howToGet('minio')}`)
  const certificates = join(folder, 'certificates')
  mkdirSync(certificates, { recursive: true })
  const { certificate, key } = tlsOfRun()
  writeFileSync(join(certificates, 'public.crt'), certificate)
  writeFileSync(join(certificates, 'private.key'), key, { mode: 0o600 })
  return start(
    folder,
    (port) => [program, 'server', '--quiet', '--certs-dir', certificates, '--address', `127.0.0.1:${port}`, join(folder, 'files')],
    {
      tls: tlsOfRun(),
      env: { MINIO_ROOT_USER: keys.accessKeyId, MINIO_ROOT_PASSWORD: keys.secretAccessKey, MINIO_BROWSER: 'off', MINIO_UPDATE: 'off' },
      seconds: 60,
    },
  )
}

/** SeaweedFS: all of its parts in one process, each with two ports. */
export async function startSeaweedfs(folder, { keys }) {
  const program = goTool('weed') ?? fail(`This run needs ${howToGet('weed')}`)
  const [files, config] = [join(folder, 'files'), join(folder, 's3.json')]
  mkdirSync(files, { recursive: true })
  const { certificate, key } = filesOf(folder, tlsOfRun())
  const credentials = [{ accessKey: keys.accessKeyId, secretKey: keys.secretAccessKey }]
  writeFileSync(config, JSON.stringify({ identities: [{ name: 'owner', credentials, actions: ['Admin', 'Read', 'Write', 'List'] }] }))
  const ports = await Promise.all(
    ['master', 'volume', 'filer', 's3']
      .flatMap((part) => [`${part}.port`, `${part}.port.grpc`])
      .map(async (name) => `-${name}=${await freePort()}`),
  )
  return start(
    folder,
    (port) => {
      const where = ['-ip=127.0.0.1', '-ip.bind=127.0.0.1', `-dir=${files}`, ...ports, '-master.volumeSizeLimitMB=64', '-volume.max=100']
      const secure = [`-s3.port.https=${port}`, `-s3.cert.file=${certificate}`, `-s3.key.file=${key}`, `-s3.config=${config}`]
      return [program, '-logtostderr=true', 'server', ...where, '-filer', '-s3', ...secure, '-s3.port.iceberg=0']
    },
    { tls: tlsOfRun(), seconds: 120 },
  )
}

/** s3rver, which takes no other keys than `S3RVER`. */
export function startS3rver(folder) {
  const version = '3.7.1'
  const program = once(`s3rver@${version}`, 'node_modules/s3rver/bin/s3rver.js', (into) =>
    run('npm', ['install', '--silent', '--no-audit', '--no-fund', '--prefix', into, `s3rver@${version}`]),
  )
  const files = join(folder, 'files')
  mkdirSync(files, { recursive: true })
  const { certificate, key } = filesOf(folder, tlsOfRun())
  return start(
    folder,
    (port) => {
      const words = ['--silent', '--directory', files, '--address', '127.0.0.1', '--port', String(port)]
      return [process.execPath, program, ...words, '--cert', certificate, '--key', key]
    },
    { tls: tlsOfRun(), seconds: 60 },
  )
}

/** S3Mock. It also opens a port on all interfaces of the machine, so it starts only where there is none but loopback. */
export function startS3mock(folder) {
  const version = '4.11.0'
  const artifact = `com.adobe.testing:s3mock:${version}:jar:exec`
  const program = once(`s3mock@${version}`, `s3mock-${version}-exec.jar`, (into) =>
    run('mvn', ['--quiet', 'dependency:copy', `-Dartifact=${artifact}`, `-DoutputDirectory=${into}`]),
  )
  const seen = Object.values(networkInterfaces()).flat()
  if (seen.some((one) => !one?.internal))
    throw new Error(
      'S3Mock listens on all interfaces, so it starts only in a network of its own. Put before the command: unshare --map-root-user --net sh -c \'ip link set lo up; exec "$@"\' sh',
    )
  const files = filesOf(folder, tlsOfRun())
  const store = join(folder, 'keys.p12')
  const words = [
    'pkcs12',
    '-export',
    '-in',
    files.certificate,
    '-inkey',
    files.key,
    '-out',
    store,
    '-name',
    's3mock',
    '-passout',
    'pass:secret',
  ]
  execFileSync('openssl', words, { stdio: 'pipe' })
  const ssl = {
    'key-store': `file:${store}`,
    'key-store-type': 'PKCS12',
    'key-store-password': 'secret',
    'key-alias': 's3mock',
    'key-password': 'secret',
  }
  return start(
    folder,
    (port) => [
      'java',
      '-Xmx1g',
      '-jar',
      program,
      '--server.address=127.0.0.1',
      `--server.port=${port}`,
      `--com.adobe.testing.s3mock.store.root=${join(folder, 'files')}`,
      ...Object.entries(ssl).map(([name, value]) => `--server.ssl.${name}=${value}`),
    ],
    { tls: tlsOfRun(), seconds: 200 },
  )
}

/** A file of a folder of the cache, which is made first when it is not there: whole, or not at all. */
function once(name, file, make) {
  const folder = join(cache(), name)
  if (existsSync(folder)) return join(folder, file)
  mkdirSync(dirname(folder), { recursive: true })
  const making = mkdtempSync(join(cache(), '.making-'))
  try {
    make(making)
    renameSync(making, folder)
  } finally {
    rmSync(making, { recursive: true, force: true })
  }
  return join(folder, file)
}
