import { userInfo } from 'node:os'
import type { PackageCoordinates } from '@stagegate/schema'
import type { PackageManager } from '../contract/package-manager.js'
import type { AptSource } from '../contract/package-source.js'
import { Client, type Dialect } from './client.js'
import { environmentIn, PrivateRoot } from './private-root.js'
import { type Program, runProgram } from './run-program.js'

/**
 * apt-get of this machine, with a root of its own: an index without a right signature, or one whose time is over, is refused.
 * @example
 * const apt = aptRepository({ on: '/srv/packages', path: 'debian', signWith: { variable: 'APT_KEY' } })
 * await verify(manifest, { origin: manifest.origin, repositories: { apt }, packageManagers: { 'debian/bookworm': aptGet() } })
 */
export function aptGet(): PackageManager {
  return {
    name: 'apt',
    async expectHere() {
      const call = { signal: AbortSignal.timeout(60_000) }
      await runProgram({ name: 'apt-get', words: ['--version'], env: { PATH: process.env['PATH'] ?? '' }, cwd: '/' }, call)
    },
    open(source, architectures) {
      if (source.manager !== 'apt') throw new TypeError(`apt cannot read a source of ${source.manager}`)
      return new Client(dialectOf(source, architectures))
    },
  }
}

function dialectOf(source: AptSource, architectures: readonly string[]): Dialect {
  const ask = (root: PrivateRoot, cwd: string, ...words: readonly string[]): Program => {
    return { name: 'apt-get', words, cwd, env: environmentIn(root, { APT_CONFIG: root.at('apt.conf') }) }
  }
  return {
    root: () => PrivateRoot.with((root) => filesOf(root, source, architectures)),
    update: (root, call) => runProgram(ask(root, root.path, 'update'), call),
    download: (root, at, folder, call) => runProgram(ask(root, folder, 'download', '--', named(at)), call),
    isOf: (file, { name }) => file.startsWith(`${name}_`),
    async lists(root, at, call) {
      return (await runProgram(ask(root, root.path, 'download', '--print-uris', '--', named(at)), call)).code === 0
    },
  }
}

/** `acme:arm64=1:2.3-4`. A package for all architectures is one of the first that apt knows. */
function named({ name, architecture, version }: PackageCoordinates): string {
  return `${name}${architecture === 'all' ? '' : `:${architecture}`}=${version}`
}

/** @see apt.conf(5): the file of APT_CONFIG is read first, so the machine's own settings are not found */
function filesOf(root: PrivateRoot, source: AptSource, architectures: readonly string[]): Readonly<Record<string, string>> {
  const known = [...new Set(architectures.filter((one) => one !== 'all'))]
  const proxy = source.reach.proxy?.href ?? 'DIRECT'
  const settings = {
    'Dir::State': root.at('state'),
    'Dir::State::status': root.at('state/status'),
    'Dir::State::extended_states': root.at('state/extended_states'),
    'Dir::Cache': root.at('cache'),
    'Dir::Etc': root.at('etc'),
    'Dir::Log': root.at('log'),
    'APT::Architecture': known[0] ?? 'amd64',
    'APT::Update::Error-Mode': 'any',
    'APT::Cmd::Pattern-Only': 'true',
    // Its own user may not look into a folder of ours.
    ...(userInfo().uid === 0 && { 'APT::Sandbox::User': '' }),
    'Acquire::Languages': 'none',
    'Acquire::Retries': '1',
    'Acquire::AllowInsecureRepositories': 'false',
    'Acquire::AllowWeakRepositories': 'false',
    'Acquire::AllowDowngradeToInsecureRepositories': 'false',
    // Images of containers can switch these off.
    'Acquire::Check-Date': 'true',
    'Acquire::Check-Valid-Until': 'true',
    'Acquire::http::Proxy': proxy,
    'Acquire::https::Proxy': proxy,
    'Acquire::https::CAInfo': root.at('ca.pem'),
    'Acquire::https::Verify-Peer': 'true',
    'Acquire::https::Verify-Host': 'true',
  }
  const { url, suite, component, certificates, reach } = source
  return {
    'apt.conf': `${Object.entries(settings)
      .map(([name, value]) => `${name} "${value}";\n`)
      .join('')}APT::Architectures { ${known.map((one) => `"${one}"; `).join('')}};\n`,
    'etc/sources.list': `deb [signed-by=${root.at('keys.asc')}] ${url} ${suite} ${component}\n`,
    'etc/apt.conf.d/': '',
    'state/status': '',
    'state/lists/partial/': '',
    'cache/archives/partial/': '',
    'log/': '',
    'tmp/': '',
    'keys.asc': certificates,
    'ca.pem': reach.ca,
  }
}
