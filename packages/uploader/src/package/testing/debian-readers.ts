import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runWith } from './system-tools.js'

/** The real dpkg and apt, each with a database of its own below a folder. */
export class DebianReaders {
  readonly #folder: string

  private constructor(folder: string) {
    this.#folder = folder
  }

  static async in(folder: string): Promise<DebianReaders> {
    for (const path of [
      'dpkg/updates',
      'dpkg/info',
      'apt/lists/partial',
      'apt/cache/archives/partial',
      'apt/etc/apt.conf.d',
      'apt/repository',
    ])
      await mkdir(join(folder, path), { recursive: true })
    for (const path of ['dpkg/status', 'apt/status']) await writeFile(join(folder, path), '')
    await writeFile(join(folder, 'apt/sources.list'), `deb [trusted=yes] file:${join(folder, 'apt/repository')} ./\n`)
    const options = {
      'Dir::State': 'apt',
      'Dir::State::status': 'apt/status',
      'Dir::Cache': 'apt/cache',
      'Dir::Etc': 'apt/etc',
      'Dir::Etc::sourcelist': 'apt/sources.list',
      'Dir::Etc::sourceparts': 'apt/none',
      'Dir::Etc::preferencesparts': 'apt/none',
    }
    const settings = [
      ...Object.entries(options).map(([name, path]) => [name, join(folder, path)]),
      ['APT::Architecture', 'amd64'],
      ['APT::Sandbox::User', ''],
      ['Acquire::Languages', 'none'],
    ]
    await writeFile(join(folder, 'apt.conf'), settings.map(([name, value]) => `${name} "${value}";\n`).join(''))
    return new DebianReaders(folder)
  }

  /** Whether dpkg reads the package as it does when it installs one. */
  async dpkgTakes(deb: Uint8Array): Promise<boolean> {
    const [admin, file] = [join(this.#folder, 'dpkg'), join(this.#folder, 'read.deb')]
    await writeFile(file, deb)
    // Where it keeps what it has read, and reads it again.
    await writeFile(join(admin, 'available'), '')
    return succeeds(runWith({}, 'dpkg', `--admindir=${admin}`, '--record-avail', file))
  }

  /** Name and version as dpkg has them. */
  async dpkgShows(deb: Uint8Array): Promise<string> {
    const file = join(this.#folder, 'read.deb')
    await writeFile(file, deb)
    return runWith({}, 'dpkg-deb', '--show', file)
  }

  /** Whether `apt-get update` reads a repository that lists packages with these control files. */
  async aptTakes(...controls: readonly string[]): Promise<boolean> {
    const list = controls.map((control, at) => `${control.trimEnd()}\nFilename: ./${at}.deb\nSize: 1\nSHA256: ${'0'.repeat(64)}\n`)
    await writeFile(join(this.#folder, 'apt/repository/Packages'), Buffer.from(list.join('\n'), 'latin1'))
    await rm(join(this.#folder, 'apt/lists'), { recursive: true })
    await mkdir(join(this.#folder, 'apt/lists/partial'), { recursive: true })
    return succeeds(runWith({ APT_CONFIG: join(this.#folder, 'apt.conf') }, 'apt-get', 'update'))
  }

  /** What apt's tool for repositories makes of a package: its entry in a list. */
  async aptLists(deb: Uint8Array): Promise<string | undefined> {
    const folder = join(this.#folder, 'listed')
    await rm(folder, { recursive: true, force: true })
    await mkdir(folder)
    await writeFile(join(folder, 'a.deb'), deb)
    const text = await runWith({ APT_CONFIG: join(this.#folder, 'apt.conf') }, 'apt-ftparchive', 'packages', folder)
    return text === '' ? undefined : text
  }
}

/** @throws {Error} where the tool is missing */
async function succeeds(running: Promise<string>): Promise<boolean> {
  try {
    await running
    return true
  } catch (error) {
    // A tool that ran has an exit code, which is a number.
    if (error instanceof Error && 'code' in error && typeof error.code === 'number') return false
    throw error
  }
}
