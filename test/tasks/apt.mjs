// The real apt-get, with a root of its own.
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { inRoot } from './apt-three.mjs'

const utf8 = { LC_ALL: 'C.UTF-8', TZ: 'UTC' }

/** Runs a program of the system to its end. @param {string} name @param {readonly string[]} words @param {{ cwd?: string, variables?: Record<string, string> }} [options] */
async function program(name, words, { cwd, variables = {} } = {}) {
  const options = { cwd, env: { ...process.env, ...utf8, ...variables }, timeout: 60_000, maxBuffer: 2 ** 26 }
  return (await promisify(execFile)(name, words, options)).stdout
}

/** A client with a root of its own: it trusts one keyring, and reads one suite over HTTPS. */
export class AptClient {
  /** @param {string} folder @param {{ source: string, certificate: string, ca: string, settings?: Record<string, string>, programs?: string }} options */
  constructor(folder, { source, certificate, ca, settings = {}, programs }) {
    this.folder = folder
    this.programs = programs
    for (const path of [
      'etc/apt.conf.d',
      'lists/partial',
      'cache/archives/partial',
      'log',
      'root/var/lib/dpkg/updates',
      'root/var/lib/dpkg/info',
      'root/var/log/apt',
    ])
      mkdirSync(join(folder, path), { recursive: true })
    writeFileSync(join(folder, 'root/var/lib/dpkg/status'), '')
    writeFileSync(join(folder, 'ca.pem'), ca)
    writeFileSync(join(folder, 'keys.asc'), certificate)
    writeFileSync(join(folder, 'etc/sources.list'), `deb [signed-by=${join(folder, 'keys.asc')}] ${source}\n`)
    const paths = {
      'Dir::State': '.',
      'Dir::State::status': 'root/var/lib/dpkg/status',
      'Dir::Cache': 'cache',
      'Dir::Etc': 'etc',
      'Dir::Log': 'log',
      'Acquire::https::CAInfo': 'ca.pem',
    }
    const all = {
      ...Object.fromEntries(Object.entries(paths).map(([name, path]) => [name, join(folder, path)])),
      'APT::Architecture': 'amd64',
      'APT::Sandbox::User': '',
      'APT::Update::Error-Mode': 'any',
      'Acquire::Languages': 'none',
      'Acquire::Retries': '0',
      'Acquire::https::Proxy': 'DIRECT',
      // This machine's settings may switch these off.
      'Acquire::Check-Date': 'true',
      'Acquire::Check-Valid-Until': 'true',
      ...settings,
    }
    this.file = join(folder, 'apt.conf')
    writeFileSync(
      this.file,
      Object.entries(all)
        .map(([name, value]) => `${name} "${value}";\n`)
        .join(''),
    )
  }

  /** @param {string} name @param {string[]} words */
  run(name, ...words) {
    return this.#run([name, ...words])
  }

  #run([name, ...words], cwd = this.folder) {
    const [command, ...all] = this.programs === undefined ? [name, ...words] : inRoot(this.programs, name, words)
    return program(command, all, { cwd, variables: { APT_CONFIG: this.file } })
  }

  /** Reads the index. @returns {Promise<string>} what apt says of it; rejects where it refuses */
  async update() {
    return this.run('apt-get', 'update')
  }

  /** @returns {Promise<readonly string[]>} name, version and architecture of each package that it can install */
  async available() {
    const text = await this.run('apt-cache', 'dumpavail')
    return text
      .split('\n\n')
      .filter((stanza) => stanza.includes('Package:'))
      .map((stanza) =>
        ['Package', 'Version', 'Architecture'].map((field) => new RegExp(`^${field}: (.*)$`, 'm').exec(stanza)?.[1]).join(' '),
      )
      .sort()
  }

  /** Brings packages to a folder, checked as apt does. @param {string[]} packages */
  async download(...packages) {
    const to = mkdtempSync(join(this.folder, 'downloads-'))
    await this.#run(['apt-get', 'download', ...packages], to)
    return to
  }

  /** Installs packages below the root of this client. @param {string[]} packages */
  install(...packages) {
    const root = join(this.folder, 'root')
    return this.run(
      'apt-get',
      '--yes',
      '-o',
      `DPkg::Options::=--root=${root}`,
      '-o',
      'DPkg::Options::=--force-not-root',
      'install',
      ...packages,
    )
  }

  /** @returns {Promise<readonly string[]>} name and version of each package that is installed */
  async installed() {
    const text = await program('dpkg-query', [
      `--admindir=${join(this.folder, 'root/var/lib/dpkg')}`,
      '--show',
      '--showformat=${Package} ${Version}\n',
    ])
    return text.split('\n').filter((line) => line !== '')
  }
}
