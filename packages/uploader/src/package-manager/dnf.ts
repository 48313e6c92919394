import { pathToFileURL } from 'node:url'
import type { PackageCoordinates } from '@stagegate/schema'
import { UsageError } from '@stagegate/schema'
import type { PackageManager } from '../contract/package-manager.js'
import type { DnfSource } from '../contract/package-source.js'
import { Client, type Dialect } from './client.js'
import { environmentIn, PrivateRoot } from './private-root.js'
import { notHere, type Program, runProgram } from './run-program.js'

/**
 * dnf of this machine, version 4 or 5, with a root of its own. Version 4 needs its plugin `download`, of the package dnf-plugins-core.
 * @example
 * const yum = yumRepository({ on: '/srv/packages', path: 'rpm', signWith: { variable: 'RPM_KEY' } })
 * await verify(manifest, { origin: manifest.origin, repositories: { yum }, packageManagers: { 'el/9': dnf() } })
 */
export function dnf(): PackageManager {
  let program: Promise<string> | undefined
  const here = () => {
    program ??= programHere()
    return program
  }
  return {
    name: 'dnf',
    async expectHere() {
      await here()
    },
    open(source) {
      if (source.manager !== 'dnf') throw new TypeError(`dnf cannot read a source of ${source.manager}`)
      return new Client(dialectOf(source, here))
    },
  }
}

/** Version 5 has a name of its own where both are. @throws {UsageError} there is none, or it cannot download */
async function programHere(): Promise<string> {
  for (const name of ['dnf5', 'dnf'])
    if (await canRun(name, '--version')) {
      if (await canRun(name, ...optionsOf(name), 'download', '--help')) return name
      throw new UsageError({
        code: 'usage/package-manager',
        what: `${name} on this machine has no download command`,
        next: 'Install the package dnf-plugins-core in the image. Nothing was verified.',
      })
    }
  throw notHere('dnf')
}

async function canRun(name: string, ...words: readonly string[]): Promise<boolean> {
  const { PATH = '' } = process.env
  const call = { signal: AbortSignal.timeout(60_000) }
  try {
    return (await runProgram({ name, words, env: { PATH, LC_ALL: 'C.UTF-8' }, cwd: '/' }, call)).code === 0
  } catch (error) {
    if (error instanceof UsageError) return false
    throw error
  }
}

/** Version 4 gets one plugin, which it needs; version 5 has the command itself. */
function optionsOf(name: string): readonly string[] {
  return name === 'dnf5' ? ['--disable-plugin=*'] : ['--disableplugin=*', '--enableplugin=download', '--releasever=1']
}

function dialectOf(source: DnfSource, here: () => Promise<string>): Dialect {
  const ask = async (root: PrivateRoot, architecture: string, ...words: readonly string[]): Promise<Program> => {
    const name = await here()
    const own = ['--config', root.at('dnf.conf'), ...pathsOf(root), '--installroot', root.at('root'), '--forcearch', architecture]
    return { name, words: [...optionsOf(name), '--assumeyes', ...own, ...words], cwd: root.path, env: environmentIn(root) }
  }
  const machine = ({ architecture }: PackageCoordinates) => (architecture === 'noarch' ? 'x86_64' : architecture)
  return {
    root: () => PrivateRoot.with((root) => filesOf(root, source)),
    update: async (root, call) => runProgram(await ask(root, 'x86_64', 'makecache'), call),
    download: async (root, at, folder, call) => runProgram(await ask(root, machine(at), 'download', '--destdir', folder, named(at)), call),
    isOf: (file) => file.endsWith('.rpm'),
    async lists(root, at, call) {
      const { code, output } = await runProgram(
        await ask(root, machine(at), 'repoquery', '--quiet', '--available', '--queryformat', '%{name}', named(at)),
        call,
      )
      return code === 0 && output.trim() !== ''
    },
  }
}

/**
 * `acme-1:2.3-4.x86_64`, with an epoch in any case: without one, any would do. Version 5 knows no `--` before names.
 * @throws {TypeError} a name that would be an option
 */
function named({ name, architecture, version }: PackageCoordinates): string {
  if (name.startsWith('-')) throw new TypeError(`${name} is not a package name`)
  return `${name}-${version.includes(':') ? version : `0:${version}`}.${architecture}`
}

/** On the command line, since version 5 looks for the paths of a file of settings below the root. @see dnf5-installroot(7) */
function pathsOf(root: PrivateRoot): readonly string[] {
  const paths = {
    cachedir: 'cache',
    system_cachedir: 'cache',
    persistdir: 'state',
    logdir: 'log',
    reposdir: 'repos',
    varsdir: 'vars',
    pluginconfpath: 'plugins',
  }
  return Object.entries(paths).map(([name, path]) => `--setopt=${name}=${root.at(path)}`)
}

function filesOf(root: PrivateRoot, { url, certificates, reach }: DnfSource): Readonly<Record<string, string>> {
  const { proxy, ca } = reach
  const main = {
    gpgcheck: '0',
    localpkg_gpgcheck: '0',
    retries: '1',
    timeout: '30',
    zchunk: '0',
    module_platform_id: 'platform:stagegate',
  }
  const repository = {
    name: 'tree',
    baseurl: url,
    enabled: '1',
    skip_if_unavailable: '0',
    // A root reads its index once.
    metadata_expire: '-1',
    sslverify: '1',
    repo_gpgcheck: certificates === undefined ? '0' : '1',
    ...(certificates !== undefined && { gpgkey: pathToFileURL(root.at('keys.asc')).href }),
    ...(ca !== '' && { sslcacert: root.at('ca.pem') }),
    ...(proxy === undefined ? { proxy: '_none_' } : proxyOf(proxy)),
  }
  return {
    'dnf.conf': `[main]\n${linesOf(main)}`,
    'repos/tree.repo': `[tree]\n${linesOf(repository)}`,
    'keys.asc': certificates ?? '',
    'ca.pem': ca,
    'root/': '',
    'vars/': '',
    'plugins/': '',
    'log/': '',
    'tmp/': '',
  }
}

function proxyOf(proxy: URL): Readonly<Record<string, string>> {
  const [username, password] = [proxy.username, proxy.password].map(decodeURIComponent)
  const account = username ? { proxy_username: username, proxy_password: password ?? '', proxy_auth_method: 'basic' } : {}
  return { proxy: proxy.origin, ...account }
}

function linesOf(settings: Readonly<Record<string, string>>): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')
}
