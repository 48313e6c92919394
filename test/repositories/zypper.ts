import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runWith } from '../../packages/uploader/src/package/testing/system-tools.js'
import { ca } from '../authority.js'
import { digestsBelow } from './yum-trees.js'

/** The real zypper, with a root of its own below a folder, and one repository. */
export class Zypper {
  /** Where it installs. */
  readonly root: string

  private constructor(folder: string) {
    this.root = join(folder, 'root')
  }

  static async in(folder: string, url: string, settings: Readonly<Record<string, string>> = {}): Promise<Zypper> {
    const zypper = new Zypper(folder)
    const [repositories, authorities] = [join(zypper.root, 'etc/zypp/repos.d'), join(folder, 'authorities')]
    for (const path of [repositories, authorities]) mkdirSync(path, { recursive: true })
    writeFileSync(join(authorities, 'ca.pem'), ca)
    // It finds them by their hashes.
    await runWith({}, 'openssl', 'rehash', authorities)
    const baseurl = `${url}?ssl_capath=${encodeURIComponent(authorities)}`
    const repository = { name: 'tree', baseurl, enabled: '1', autorefresh: '1', gpgcheck: '0', keeppackages: '1', ...settings }
    const lines = Object.entries(repository).map(([name, value]) => `${name}=${value}\n`)
    writeFileSync(join(repositories, 'tree.repo'), `[tree]\n${lines.join('')}`)
    return zypper
  }

  /** The answer to a command. @throws {Error} where it fails */
  async ask(...words: readonly string[]): Promise<string> {
    const options = ['--root', this.root, '--non-interactive', '--gpg-auto-import-keys']
    return runWith({ ZYPP_LOCKFILE_ROOT: this.root }, 'zypper', ...options, ...words)
  }

  /** The sha256 of each package that it downloaded. */
  downloaded(): readonly string[] {
    return digestsBelow(join(this.root, 'var/cache/zypp/packages'))
  }
}
