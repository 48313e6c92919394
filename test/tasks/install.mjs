import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ask, fail, isInstalled, root, run, step } from './shell.mjs'

/** Programs of the system that some suites need, and the Debian package of each. */
export const systemTools = {
  rsync: 'rsync',
  'dpkg-deb': 'dpkg',
  'apt-get': 'apt',
  'apt-ftparchive': 'apt-utils',
  rpm: 'rpm',
  rpmbuild: 'rpm',
  createrepo_c: 'createrepo-c',
  dnf: 'dnf',
  zypper: 'zypper',
  openssl: 'openssl',
  gzip: 'gzip',
  xz: 'xz-utils',
  zstd: 'zstd',
  nginx: 'nginx-extras',
  aptly: 'aptly',
  reprepro: 'reprepro',
  gpg: 'gnupg',
  gpgv: 'gpgv',
  sqv: 'sqv',
  'docker-registry': 'docker-registry',
  skopeo: 'skopeo',
  umoci: 'umoci',
  htpasswd: 'apache2-utils',
  tinyproxy: 'tinyproxy-bin',
  'libnss_wrapper.so': 'libnss-wrapper',
}

/** The packages of the lock file, when they are not there yet. */
export function installPackages() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major < 20 || (major === 20 && minor < 19)) fail(`Node 20.19 or later is needed; this is ${process.version}.`)
  const done = join(root, 'node_modules', '.modules.yaml')
  if (existsSync(done) && statSync(done).mtimeMs >= statSync(join(root, 'pnpm-lock.yaml')).mtimeMs) return
  step('installing packages')
  run('npx', ['--yes', 'pnpm@10', 'install', '--frozen-lockfile'])
}

/** Builds all packages, in the order of their dependencies, unless nothing changed since the last build here. */
export function build() {
  const stamp = join(root, 'node_modules', '.built')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === buildState()) return
  step('building')
  run('pnpm', ['--recursive', '--silent', 'run', 'build'])
  writeFileSync(stamp, buildState())
}

/** A digest of every source by its content, and of every built file by its time. */
function buildState() {
  const hash = createHash('sha256').update(readFileSync(join(root, 'pnpm-lock.yaml')))
  for (const name of readdirSync(join(root, 'packages')).sort()) {
    const folder = join(root, 'packages', name)
    for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
      const file = join(folder, path)
      if (path.startsWith('node_modules') || !statSync(file).isFile()) continue
      hash.update(`${name}/${path}`)
      hash.update(path.startsWith('dist') ? String(statSync(file).mtimeMs) : readFileSync(file))
    }
  }
  return hash.digest('hex')
}

/**
 * Makes sure that programs of the system are there: installs them as root on Debian.
 * Returns those that are still missing.
 */
export function ensureSystemTools(names) {
  const missing = names.filter((name) => !isInstalled(name))
  if (missing.length === 0 || process.getuid?.() !== 0 || !isInstalled('apt-get')) return missing
  const packages = [...new Set(missing.map((name) => systemTools[name]))]
  step(`installing ${packages.join(', ')}`)
  const env = { DEBIAN_FRONTEND: 'noninteractive' }
  run('apt-get', ['update', '--quiet=2'], { env })
  run('apt-get', ['install', '--yes', '--quiet=2', '--no-install-recommends', ...packages], { env })
  return missing.filter((name) => !isInstalled(name))
}

/** Where the binary of another version of Node lies, from the npm package `node`. */
export function nodeBinary(version) {
  const found = ask('npx', ['--yes', `--package=node@${version}`, '--', 'node', '-p', 'process.execPath'])
  return found?.split('\n').at(-1) ?? fail(`Node ${version} could not be installed.`)
}
