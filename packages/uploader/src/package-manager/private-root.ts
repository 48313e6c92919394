import { rmSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { atExit } from './at-exit.js'

/** A folder of one package manager, for its settings, lists and packages. Nobody else may look into it: a proxy's password can be in it. */
export class PrivateRoot {
  readonly path: string
  readonly #leave: () => void
  #downloads = 0

  private constructor(path: string) {
    this.path = path
    this.#leave = atExit(() => rmSync(path, { recursive: true, force: true }))
  }

  /** @param files texts by their paths below it; a path that ends with a slash is an empty folder */
  static async with(files: (root: PrivateRoot) => Readonly<Record<string, string>>): Promise<PrivateRoot> {
    const root = new PrivateRoot(await mkdtemp(join(tmpdir(), 'stagegate-packages-')))
    try {
      for (const [path, text] of Object.entries(files(root))) {
        await mkdir(path.endsWith('/') ? root.at(path) : dirname(root.at(path)), { recursive: true })
        if (!path.endsWith('/')) await writeFile(root.at(path), text, { mode: 0o600 })
      }
      return root
    } catch (error) {
      await root.remove()
      throw error
    }
  }

  at(path: string): string {
    return join(this.path, path)
  }

  /** An empty folder of its own for a download. */
  async forDownload(): Promise<string> {
    const folder = this.at(`downloads/${++this.#downloads}`)
    await mkdir(folder, { recursive: true })
    return folder
  }

  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true, maxRetries: 5 })
    this.#leave()
  }
}

/** The environment of a package manager: none of ours, which may have a publisher's credentials. */
export function environmentIn(root: PrivateRoot, more: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  const { PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' } = process.env
  return { PATH, HOME: root.path, TMPDIR: root.at('tmp'), LC_ALL: 'C.UTF-8', TZ: 'UTC', ...more }
}
