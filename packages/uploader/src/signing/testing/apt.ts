import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { authority, tls } from '../../testing/authority.js'
import { type FileServer, startFileServer } from '../../testing/file-server/start.js'
import { program, succeeds } from './gnupg.js'

/** A list of one package, as an index names it. */
const packages = Buffer.from('Package: acme\nVersion: 1.2.3\nArchitecture: amd64\nFilename: pool/acme.deb\nSize: 1\nSHA256: 00\n')

/** The text of a Release file at that time. */
export function releaseText(date: string): string {
  const digest = createHash('sha256').update(packages).digest('hex')
  const lines = ['Origin: Acme', 'Suite: stable', 'Codename: stable', `Date: ${new Date(date).toUTCString()}`]
  const list = ` ${digest} ${packages.length} main/binary-amd64/Packages`
  return `${[...lines, 'Architectures: amd64', 'Components: main', 'SHA256:', list].join('\n')}\n`
}

/** The real apt-get, with a root of its own, and a repository that it reads over HTTPS. */
export class Apt {
  /** The program that it asks about signatures. */
  readonly verifier: 'gpgv' | 'sqv' = existsSync('/usr/lib/apt/methods/sqv') ? 'sqv' : 'gpgv'
  readonly #folder: string
  readonly #server: FileServer

  private constructor(folder: string, server: FileServer) {
    this.#folder = folder
    this.#server = server
  }

  static async open(): Promise<Apt> {
    const folder = await mkdtemp(join(tmpdir(), 'stagegate-apt-'))
    await mkdir(join(folder, 'etc/apt.conf.d'), { recursive: true })
    await mkdir(join(folder, 'cache/archives/partial'), { recursive: true })
    await writeFile(join(folder, 'status'), '')
    await writeFile(join(folder, 'ca.pem'), authority.ca)
    const paths = {
      'Dir::State': '.',
      'Dir::State::status': 'status',
      'Dir::Cache': 'cache',
      'Dir::Etc': 'etc',
      'Acquire::https::CAInfo': 'ca.pem',
    }
    const settings = [
      ...Object.entries(paths).map(([name, path]) => [name, join(folder, path)]),
      ['APT::Architecture', 'amd64'],
      ['APT::Sandbox::User', ''],
      ['APT::Update::Error-Mode', 'any'],
      ['Acquire::Languages', 'none'],
      ['Acquire::Retries', '0'],
      // This machine's settings may switch these off.
      ['Acquire::Check-Date', 'true'],
      ['Acquire::Check-Valid-Until', 'true'],
      ['Acquire::https::Proxy', 'DIRECT'],
    ]
    await writeFile(join(folder, 'apt.conf'), settings.map(([name, value]) => `${name} "${value}";\n`).join(''))
    const server = await startFileServer({ tls })
    server.files.set('/dists/stable/main/binary-amd64/Packages', packages)
    return new Apt(folder, server)
  }

  async close(): Promise<void> {
    await this.#server.close()
    await rm(this.#folder, { recursive: true, force: true })
  }

  /** Whether `apt-get update` takes these files of the suite, and finds the package, with a keyring like this. */
  async takes(files: Readonly<Record<string, Uint8Array | string>>, certificates: string): Promise<boolean> {
    for (const name of ['InRelease', 'Release', 'Release.gpg']) this.#server.files.delete(`/dists/stable/${name}`)
    for (const [name, content] of Object.entries(files)) this.#server.files.set(`/dists/stable/${name}`, Buffer.from(content))
    await rm(join(this.#folder, 'lists'), { recursive: true, force: true })
    await mkdir(join(this.#folder, 'lists/partial'), { recursive: true })
    await writeFile(join(this.#folder, 'keys.asc'), certificates)
    await writeFile(
      join(this.#folder, 'etc/sources.list'),
      `deb [signed-by=${join(this.#folder, 'keys.asc')}] ${this.#server.url} stable main\n`,
    )
    if (!(await succeeds(program('env', `APT_CONFIG=${join(this.#folder, 'apt.conf')}`, 'apt-get', 'update')))) return false
    return (await readdir(join(this.#folder, 'lists'))).some((name) => name.endsWith('_Packages'))
  }
}
