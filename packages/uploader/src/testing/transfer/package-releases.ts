import { type Coordinates, instant, type ProgramReceipt } from '@stagegate/schema'
import { expect } from 'vitest'
import type { StagingRepository } from '../../contract/capabilities.js'
import type { Environment } from '../../repository/define.js'
import { createEnvironment } from '../../repository/environment.js'
import { gitlabPackages } from '../../repository/gitlab-packages/index.js'
import { Hosts } from '../../transfer/host.js'
import { defaultLimits } from '../../transfer/limits.js'
import { release } from '../../verb/release.js'
import { tls } from '../authority.js'
import { contentOf } from '../bytes.js'
import { GenericPackages } from '../gitlab/generic-packages.js'
import type { GenericPackagesOptions } from '../gitlab/generic-packages-options.js'
import { Jobs } from '../gitlab/jobs.js'
import type { GenericFile } from '../gitlab/package-rows.js'
import { Projects } from '../gitlab/projects.js'
import { type GitlabPart, type GitlabServer, startGitlab } from '../gitlab/start.js'
import { type Asked, type Death, mortalClient } from '../image/mortal-client.js'
import { type MemoryRepository, memoryRepository } from '../memory-repository.js'
import { virtualClock } from '../virtual-clock.js'

const project = { id: 7, path: 'acme/hello', members: { ada: 'developer' } } as const

/** Files by their paths in a repository: `hello/1.2.3/hello.tar.gz`. */
export type Files = Readonly<Record<string, Buffer>>

/** A process that releases. */
export interface Process {
  /** The use of the packages. @default public */
  readonly role?: 'staging' | 'public' | undefined
  /** When it dies. @default never */
  readonly death?: Death | undefined
  /** Each of its requests waits for this one. */
  readonly hold?: ((request: Asked) => Promise<void>) | undefined
  /** The token of its job. @default that of one and the same job */
  readonly token?: string | undefined
}

/** How a process has ended. */
export interface Released {
  readonly outcomes: ProgramReceipt['outcomes']
  readonly verdicts: readonly string[]
  readonly asked: readonly Asked[]
  /** Requests that carry a file. */
  readonly uploads: number
}

/** The GitLab of `PackageReleases`. */
export interface PackageReleasesOptions {
  /** @default as GitLab's defaults are */
  readonly packages?: Omit<GenericPackagesOptions, 'projects' | 'jobs'> | undefined
  /** Parts that are asked before all others. @default none */
  readonly before?: readonly GitlabPart[] | undefined
  /** Whether it speaks plain HTTP, which takes half the time. @default false */
  readonly isPlain?: boolean | undefined
  /** Whether a job has staged there before. @default true */
  readonly isProbed?: boolean | undefined
}

/** A project of GitLab's, whose packages take releases of some files. */
export class PackageReleases {
  readonly jobs: Jobs
  readonly packages: GenericPackages
  readonly server: GitlabServer
  readonly #usual: string

  private constructor(parts: Pick<PackageReleases, 'jobs' | 'packages' | 'server'>) {
    this.jobs = parts.jobs
    this.packages = parts.packages
    this.server = parts.server
    this.#usual = this.startJob()
  }

  static async start({
    packages: options,
    before = [],
    isPlain = false,
    isProbed = true,
  }: PackageReleasesOptions = {}): Promise<PackageReleases> {
    const jobs = new Jobs()
    const projects = new Projects({ jobs, projects: [project] })
    const packages = new GenericPackages({ projects, ...options })
    // An earlier job has looked by it whether visitors can download what is staged.
    if (isProbed) packages.add(project.id, ['stagegate-staging.probe', '1'], { name: 'probe', text: 'Stagegate.' })
    const server = await startGitlab([...before, jobs, packages, projects], isPlain ? {} : { tls })
    return new PackageReleases({ jobs, packages, server })
  }

  /** Ends it. @throws {Error} it has seen something that must not be */
  async close(): Promise<void> {
    await this.server.close()
    expect(this.server.violations).toEqual([])
  }

  /** The token of one more job. */
  startJob(): string {
    return this.jobs.start({ name: 'a job', ref: { tag: 'v1' }, pipeline: 100, commit: 'c'.repeat(40), project })
  }

  /** The packages, as a process has opened them. */
  open(process: Process = {}): StagingRepository {
    return this.#begin(process).repository
  }

  /** A process brings files to the packages. */
  async release(files: Files, process: Process = {}): Promise<Released> {
    const { repository, asked, ports } = this.#begin(process)
    const from = memoryRepository(...Object.entries(files).map(([path, data]) => [{ format: 'file', path }, data] as const))
    return ended(await release({ ...named(files), ...ports, from, to: { gitlab: repository } }), asked())
  }

  /** A process takes files from the packages, where they are staged, to another place. */
  async publish(files: Files, to = memoryRepository(), process: Process = {}): Promise<Released & { readonly to: MemoryRepository }> {
    const { repository, asked, ports } = this.#begin({ role: 'staging', ...process })
    const receipt = await release({ ...named(files), ...ports, from: repository, to: { mirror: to } })
    return { ...ended(receipt, asked()), to }
  }

  /** Somebody else adds a file of this path. */
  add(path: string, data: Buffer, role?: Process['role']): void {
    const { name, version, file } = placed(path, role)
    this.packages.add(project.id, [name, version], { name: file, text: data })
  }

  /** The digests of the files of this path, the oldest first. */
  digests(path: string, role?: Process['role']): readonly string[] {
    return this.#filesOf(path, role).map(({ sha256 }) => sha256)
  }

  /** A maintainer deletes the files of this path that are not these bytes. */
  deleteOthers(path: string, data: Buffer, role?: Process['role']): void {
    const { name, version } = placed(path, role)
    const right = contentOf(data).sha256
    for (const { id } of this.#filesOf(path, role).filter(({ sha256 }) => sha256 !== right)) this.packages.delete(name, version, id)
  }

  #filesOf(path: string, role: Process['role']): readonly GenericFile[] {
    const { name, version, file } = placed(path, role)
    return (this.packages.all[`${name}/${version}`] ?? []).filter((one) => one.name === file)
  }

  /** A process with its own clock, its own manners and its own connections. */
  #begin({ role = 'public', death, hold, token = this.#usual }: Process) {
    const clock = virtualClock(instant(Date.now()))
    const hosts = new Hosts({ clock, random: () => 0.5, limits: defaultLimits })
    const controller = new AbortController()
    const environment = createEnvironment({ variables: { CI_JOB_TOKEN: token }, clock, hosts })
    let asked: readonly Asked[] = []
    const http: Environment['http'] = (...given) => {
      const client = mortalClient(environment.http(...given), { death, hold, controller })
      // The client of visitors is another one, and only asks whether the packages are private.
      if (given[1] !== undefined) asked = client.asked
      return client
    }
    const settings = gitlabPackages.parse({ project: project.path })
    const opening = { settings, role, origin: this.server.url, access: 'write', credentials: ['CI_JOB_TOKEN'] } as const
    const limits = { sends: 3, looks: 3, putOffs: 3, confirmWithin: 60_000 }
    return {
      repository: gitlabPackages.open(opening, { ...environment, http }),
      asked: () => asked,
      ports: { clock, hosts, random: () => 0.5, signal: controller.signal, limits },
    }
  }
}

/** Where a path lies among the packages. */
function placed(path: string, role: Process['role']) {
  const [name = '', version = '', file = ''] = path.split('/')
  return { name: role === 'staging' ? `stagegate-staging.${name}` : name, version, file }
}

function named(files: Files) {
  const at = (path: string): Coordinates => ({ format: 'file', path })
  return { name: 'hello', version: '1.2.3', files: Object.keys(files), at }
}

function ended({ outcomes }: ProgramReceipt, asked: readonly Asked[]): Released {
  const uploads = asked.filter(({ method }) => method === 'PUT').length
  return { outcomes, verdicts: outcomes.map(({ verdict }) => verdict), asked, uploads }
}
