import { type Coordinates, instant, type ProgramReceipt } from '@stagegate/schema'
import { expect } from 'vitest'
import { createEnvironment } from '../../environment.js'
import { gitlabPackages } from '../../repository/gitlab-packages/index.js'
import { Hosts } from '../../transfer/host.js'
import { defaultLimits } from '../../transfer/limits.js'
import { release } from '../../verb/release.js'
import { tls } from '../authority.js'
import { contentOf } from '../bytes.js'
import { type Asked, type Death, mortalClient } from '../image/mortal-client.js'
import { memoryRepository } from '../memory-repository.js'
import { virtualClock } from '../virtual-clock.js'
import { GenericPackages, type GenericPackagesOptions } from './generic-packages.js'
import { Jobs } from './jobs.js'
import { Projects } from './projects.js'
import { type GitlabPart, startGitlab } from './start.js'

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

/** Where a path lies among the packages: `NAME/VERSION` and the file's name. */
function placed(path: string, role: Process['role']): readonly [string, string] {
  const [name, version, file = ''] = path.split('/')
  return [`${role === 'staging' ? 'stagegate-staging.' : ''}${name}/${version}`, file]
}

/** The GitLab of `packageReleases`. */
export interface PackageReleasesOptions {
  /** @default as GitLab's defaults are */
  readonly packages?: Omit<GenericPackagesOptions, 'projects' | 'jobs'> | undefined
  /** Parts that are asked before all others. @default none */
  readonly before?: readonly GitlabPart[] | undefined
  /** Whether it speaks plain HTTP, which takes half the time. @default false */
  readonly isPlain?: boolean | undefined
}

/** A project of GitLab's, whose packages take releases of some files. */
export async function packageReleases({ packages: options, before = [], isPlain = false }: PackageReleasesOptions = {}) {
  const jobs = new Jobs()
  const projects = new Projects({ jobs, projects: [project] })
  const packages = new GenericPackages({ projects, ...options })
  const server = await startGitlab([...before, jobs, packages, projects], isPlain ? {} : { tls })
  const startJob = () => jobs.start({ name: 'a job', ref: { tag: 'v1' }, pipeline: 100, commit: 'c'.repeat(40), project })
  const usual = startJob()

  /** A process with its own clock, its own manners and its own connections. */
  function start({ role = 'public', death, hold, token = usual }: Process = {}) {
    const clock = virtualClock(instant(Date.now()))
    const hosts = new Hosts({ clock, random: () => 0.5, limits: defaultLimits })
    const controller = new AbortController()
    const environment = createEnvironment({ variables: { CI_JOB_TOKEN: token }, clock, hosts })
    const fate = { death, hold, controller }
    const own = { asked: [] as readonly Asked[] }
    const repository = gitlabPackages.open(
      {
        settings: gitlabPackages.parse({ project: project.path }),
        role,
        origin: server.url,
        access: 'write',
        credentials: ['CI_JOB_TOKEN'],
      },
      {
        ...environment,
        http(...given) {
          const client = mortalClient(environment.http(...given), fate)
          // The client of visitors is another one, and only asks whether the packages are private.
          if (given[1] !== undefined) own.asked = client.asked
          return client
        },
      },
    )
    return {
      repository,
      own,
      ports: {
        clock,
        hosts,
        random: () => 0.5,
        signal: controller.signal,
        limits: { sends: 3, looks: 3, putOffs: 3, confirmWithin: 60_000 },
      },
    }
  }

  const ended = ({ outcomes }: ProgramReceipt, asked: readonly Asked[]): Released => ({
    outcomes,
    verdicts: outcomes.map(({ verdict }) => verdict),
    asked,
    uploads: asked.filter(({ method }) => method === 'PUT').length,
  })
  const named = (files: Files) => ({
    name: 'hello',
    version: '1.2.3',
    files: Object.keys(files),
    at: (path: string): Coordinates => ({ format: 'file', path }),
  })

  return {
    jobs,
    packages,
    server,
    startJob,
    /** The packages, as a process has opened them. */
    open: (process?: Process) => start(process).repository,
    /** Ends it. @throws {Error} it has seen something that must not be */
    async close(): Promise<void> {
      await server.close()
      expect(server.violations).toEqual([])
    },
    /** A process brings files to the packages. */
    async release(files: Files, process: Process = {}): Promise<Released> {
      const { repository, own, ports } = start(process)
      const from = memoryRepository(...Object.entries(files).map(([path, data]) => [{ format: 'file', path }, data] as const))
      return ended(await release({ ...named(files), ...ports, from, to: { gitlab: repository } }), own.asked)
    },
    /** A process takes files from the packages, where they are staged, to another place. */
    async publish(files: Files, to = memoryRepository(), process: Process = {}) {
      const { repository, own, ports } = start({ role: 'staging', ...process })
      const receipt = await release({ ...named(files), ...ports, from: repository, to: { mirror: to } })
      return { ...ended(receipt, own.asked), to }
    },
    /** Somebody else adds a file of this path. */
    add(path: string, data: Buffer, role?: Process['role']): void {
      const [at, name] = placed(path, role)
      const [own = '', version = ''] = at.split('/')
      packages.add(project.id, [own, version], { name, text: data })
    },
    /** The digests of the files of this path, the oldest first. */
    digests(path: string, role?: Process['role']): readonly string[] {
      const [at, name] = placed(path, role)
      return (packages.all[at] ?? []).filter((file) => file.name === name).map(({ sha256 }) => sha256)
    },
    /** A maintainer deletes the files of this path that are not these bytes. */
    deleteOthers(path: string, data: Buffer, role?: Process['role']): void {
      const [at, name] = placed(path, role)
      const others = (packages.all[at] ?? []).filter((file) => file.name === name && file.sha256 !== contentOf(data).sha256)
      const [own = '', version = ''] = at.split('/')
      for (const { id } of others) packages.delete(own, version, id)
    },
  }
}

export type PackageReleases = Awaited<ReturnType<typeof packageReleases>>
