import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from '../../../package/testing/system-tools.js'
import { authority } from '../../../testing/authority.js'

/** The real dnf, with a root, a cache and settings of its own below a folder, and one repository. */
export class Dnf {
  /** Where it installs. */
  readonly root: string
  readonly #folder: string

  private constructor(folder: string) {
    this.#folder = folder
    this.root = join(folder, 'root')
  }

  /** @param settings more of the repository's, such as `repo_gpgcheck` */
  static async in(folder: string, url: string, settings: Readonly<Record<string, string>> = {}): Promise<Dnf> {
    for (const path of ['root', 'repos', 'vars', 'cache', 'state', 'logs']) await mkdir(join(folder, path), { recursive: true })
    await writeFile(join(folder, 'ca.pem'), authority.ca)
    const main = {
      cachedir: 'cache',
      persistdir: 'state',
      logdir: 'logs',
      reposdir: 'repos',
      varsdir: 'vars',
      sslcacert: 'ca.pem',
    }
    const paths = Object.entries(main).map(([name, path]) => `${name}=${join(folder, path)}\n`)
    await writeFile(join(folder, 'dnf.conf'), `[main]\nplugins=0\ngpgcheck=0\nretries=1\n${paths.join('')}`)
    const repository = { name: 'tree', baseurl: url, enabled: '1', ...settings }
    const lines = Object.entries(repository).map(([name, value]) => `${name}=${value}\n`)
    await writeFile(join(folder, 'repos/tree.repo'), `[tree]\n${lines.join('')}`)
    return new Dnf(folder)
  }

  /** The answer to a command, which takes none of its metadata from its cache. @throws {Error} where it fails */
  async ask(...words: readonly string[]): Promise<string> {
    const options = ['--quiet', '--assumeyes', '--refresh', '--config', join(this.#folder, 'dnf.conf'), '--installroot', this.root]
    return run('dnf', ...options, '--releasever', '1', '--forcearch', 'x86_64', ...words)
  }
}
