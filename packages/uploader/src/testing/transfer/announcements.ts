import {
  type Coordinates,
  type ImageCoordinates,
  instant,
  type PlannedDestination,
  type PlannedRepository,
  type ReleaseManifest,
  type SealedTarget,
} from '@stagegate/schema'
import { expect } from 'vitest'
import { type Announcement, announce } from '../../announce/announce.js'
import type { AnnounceOptions } from '../../announce/options.js'
import { openReleasePage } from '../../announce/page.js'
import type { Item, PublicRepository } from '../../contract/capabilities.js'
import type { Environment } from '../../repository/define.js'
import { createEnvironment } from '../../repository/environment.js'
import { placeOf } from '../../repository/gitlab-packages/place.js'
import { openRepositories } from '../../repository/open.js'
import { Hosts } from '../../transfer/host.js'
import { defaultLimits } from '../../transfer/limits.js'
import { tls } from '../authority.js'
import { contentOf, sampleBytes } from '../bytes.js'
import { manifestOf, originOf, planOf } from '../fixtures.js'
import { GenericPackages } from '../gitlab/generic-packages.js'
import type { GenericPackagesOptions } from '../gitlab/generic-packages-options.js'
import { Jobs } from '../gitlab/jobs.js'
import type { GenericFile } from '../gitlab/package-rows.js'
import type { Project } from '../gitlab/project.js'
import { Projects } from '../gitlab/projects.js'
import type { GitlabRelease } from '../gitlab/release-rows.js'
import { Releases, type ReleasesOptions } from '../gitlab/releases.js'
import { type GitlabPart, type GitlabServer, startGitlab } from '../gitlab/start.js'
import { type Asked, type Death, mortalClient } from '../image/mortal-client.js'
import { storeImage } from '../image/stored-image.js'
import { type RegistryServer, startRegistry } from '../registry/index.js'
import { type VirtualClock, virtualClock } from '../virtual-clock.js'

export const commit = 'c'.repeat(40)
export const hello: Project = { id: 7, path: 'acme/hello', members: { ada: 'developer', grace: 'maintainer', reader: 'reporter' } }

/** An artifact with its bytes, and where it goes. An image has no bytes: the registry gets one. */
export interface Artifact {
  readonly at: Coordinates
  /** @default a few, made of its number */
  readonly data?: Buffer
  /** @default the packages of the project, and for an image the registry */
  readonly destinations?: readonly PlannedDestination[]
}

export const downloads: PlannedDestination = { repository: 'downloads', advisory: false }
export const hub: PlannedDestination = { repository: 'hub', advisory: false }
export const file = (path: string): Coordinates => ({ format: 'file', path })
export const image = (name: string, tag: string): ImageCoordinates => ({ format: 'image', image: name, tag })
export function deb(distribution: string, file: string, more: Partial<Extract<Coordinates, { format: 'deb' | 'rpm' }>> = {}): Coordinates {
  return { format: 'deb', distribution, architecture: 'amd64', name: 'hello', version: '1.2.3', file, ...more }
}

/** The GitLab, and how it is set. */
export interface AnnouncementsOptions {
  readonly project?: Project | undefined
  /** Further projects. */
  readonly more?: readonly Project[] | undefined
  readonly packages?: Omit<GenericPackagesOptions, 'projects' | 'jobs'> | undefined
  readonly releases?: Omit<ReleasesOptions, 'projects'> | undefined
  readonly before?: readonly GitlabPart[] | undefined
  /** Whether it speaks plain HTTP, which takes half the time. @default false */
  readonly isPlain?: boolean | undefined
  /** The project whose packages and page they are. @default acme/hello */
  readonly path?: string | undefined
}

/** A process that announces. */
export interface Announcing extends Partial<Pick<AnnounceOptions, 'notes' | 'registries' | 'ref' | 'onEvent' | 'origin'>> {
  /** Repositories that no plan has. @default none */
  readonly also?: Readonly<Record<string, PublicRepository>> | undefined
  /** When it dies. @default never */
  readonly death?: Death | undefined
  /** Each of its requests waits for this one. */
  readonly hold?: ((request: Asked) => Promise<void>) | undefined
  /** The token of its job. @default that of one and the same job */
  readonly token?: string | undefined
  /** How the registry is found. */
  readonly hubAt?: Partial<PlannedRepository> | undefined
}

/** How a process has ended. */
export interface Announced {
  readonly announcement: Announcement | undefined
  readonly error: unknown
  readonly asked: readonly Asked[]
  readonly clock: VirtualClock
}

/** A project of GitLab's with a page of releases, its packages, and a registry. */
export class Announcements {
  readonly jobs: Jobs
  readonly projects: Projects
  readonly packages: GenericPackages
  readonly releases: Releases
  readonly server: GitlabServer
  readonly registry: RegistryServer
  readonly project: Project
  readonly #path: string
  readonly #usual: string
  #seeds = 0

  private constructor(
    parts: Pick<Announcements, 'jobs' | 'projects' | 'packages' | 'releases' | 'server' | 'registry' | 'project'>,
    path: string,
  ) {
    this.jobs = parts.jobs
    this.projects = parts.projects
    this.packages = parts.packages
    this.releases = parts.releases
    this.server = parts.server
    this.registry = parts.registry
    this.project = parts.project
    this.#path = path
    this.#usual = this.startJob()
  }

  static async start(options: AnnouncementsOptions = {}): Promise<Announcements> {
    const { project = hello, more = [], before = [], isPlain = false, path = project.path } = options
    const jobs = new Jobs()
    const projects = new Projects({ jobs, projects: [project, ...more] })
    const packages = new GenericPackages({ projects, ...options.packages })
    const releases = new Releases({ projects, ...options.releases })
    const over = isPlain ? {} : { tls }
    const server = await startGitlab([...before, jobs, packages, releases, projects], { ...over, root: '/code' })
    const registry = await startRegistry(over)
    return new Announcements({ jobs, projects, packages, releases, server, registry, project }, path)
  }

  /** Ends both servers. @throws {Error} they have seen something that must not be */
  async close(): Promise<void> {
    await this.server.close()
    await this.registry.close()
    expect([...this.server.violations, ...this.registry.violations]).toEqual([])
  }

  /** The token of one more job. */
  startJob(user = 'ada'): string {
    return this.jobs.start({ name: 'announce', ref: { tag: 'v1' }, pipeline: 100, commit, project: { id: 7, path: 'acme/hello' }, user })
  }

  /** A sealed release of these artifacts, with its tag, all of it public. */
  release(version: string, artifacts: readonly Artifact[], more: Partial<ReleaseManifest> = {}): ReleaseManifest {
    const targets = artifacts.map(({ at, data, destinations }, index): SealedTarget => {
      const item = this.#publish(version, at, data)
      const isImage = at.format === 'image'
      return {
        target: `target ${index}`,
        record: contentOf(Buffer.from(`record ${index}`)).sha256,
        artifacts: [{ ...item, repository: 'staging', location: 'somewhere' }],
        destinations: destinations ?? [isImage ? hub : downloads],
        ...(isImage && { tags: [{ tag: at.tag, moves: false }] }),
      }
    })
    this.tag(version)
    const origin = originOf(planOf(), { ref: { tag: `v${version}` }, commit })
    return { ...manifestOf([], { origin }), release: 'hello', version, targets, ...more }
  }

  /** Somebody pushes the tag. */
  tag(version: string): void {
    this.projects.tagsOf(this.project).set(`v${version}`, commit)
  }

  /** A process announces a release. Never rejects. */
  async announce(manifest: ReleaseManifest, process: Announcing = {}): Promise<Announced> {
    const { death, hold, token = this.#usual, hubAt, also = {}, ...more } = process
    const clock = virtualClock({ start: instant(Date.now()) })
    const hosts = new Hosts({ clock, random: () => 0.5, limits: defaultLimits })
    const controller = new AbortController()
    const environment = createEnvironment({ variables: { CI_JOB_TOKEN: token }, clock, hosts })
    const counter = { requests: 0 }
    const clients: (readonly Asked[])[] = []
    const http: Environment['http'] = (...given) => {
      const client = mortalClient(environment.http(...given), { death, hold, controller, counter })
      clients.push(client.asked)
      return client
    }
    const opening = { ...environment, http }
    const plan = { ...planOf(), repositories: this.#repositories(hubAt) }
    const wanted = new Map([['downloads', 'write'] as const, ['hub', 'users'] as const])
    let announcement: Announcement | undefined
    let error: unknown
    try {
      announcement = await announce(manifest, {
        page: openReleasePage(plan, 'downloads', opening),
        repository: 'downloads',
        repositories: new Map([...openRepositories(plan, wanted, opening), ...Object.entries(also)]),
        origin: manifest.origin,
        ...{
          clock,
          hosts,
          random: () => 0.5,
          signal: controller.signal,
          limits: { sends: 3, looks: 3, confirmWithin: 60_000 },
        },
        ...more,
      })
    } catch (reason) {
      error = reason
    }
    return { announcement, error, asked: clients.flat(), clock }
  }

  /** The entries of a version. */
  entries(version: string): readonly GitlabRelease[] {
    return this.releases.all.filter(({ tag }) => tag === `v${version}`)
  }

  /** The names of an entry's assets, in their order. */
  names(version: string): readonly string[] {
    return this.entries(version).flatMap(({ links }) => links.map(({ name }) => name))
  }

  /** The files of an artifact's place. */
  filesAt(at: Coordinates): readonly GenericFile[] {
    const { name, version, file: own } = placeOf(at)
    return (this.packages.all[`${name}/${version}`] ?? []).filter((one) => one.name === own)
  }

  /** Somebody adds a file at an artifact's place. */
  add(at: Coordinates, data: Buffer): void {
    const { name, version, file: own } = placeOf(at)
    this.packages.add(this.#id, [name, version], { name: own, text: data })
  }

  /** A maintainer deletes the files of an artifact's place. */
  remove(at: Coordinates): void {
    const { name, version } = placeOf(at)
    for (const { id } of this.filesAt(at)) this.packages.delete(name, version, id)
  }

  get #id(): number {
    return this.#path === this.project.path ? this.project.id : 8
  }

  #publish(version: string, at: Coordinates, data = sampleBytes(500 + ++this.#seeds, this.#seeds)): Item {
    if (at.format !== 'image') {
      this.add(at, data)
      return { coordinates: at, content: contentOf(data) }
    }
    const stored = this.registry.image(`acme/${at.image}`)
    const { content } = storeImage(stored, ++this.#seeds, 100, { signed: false })
    stored.tags.set(at.tag, `sha256:${content.sha256}`)
    return { coordinates: { ...at, tag: `staged-${version}` }, content }
  }

  #repositories(hubAt: Announcing['hubAt']): Readonly<Record<string, PlannedRepository>> {
    const { origin } = new URL(this.server.url)
    const settings = { project: this.#path, base: '/code' }
    const none = { read: [], write: [] }
    const own = { read: ['CI_JOB_TOKEN'], write: ['CI_JOB_TOKEN'] }
    return {
      ...planOf().repositories,
      downloads: { role: 'public', type: 'gitlab-packages', origin, settings, credentials: own },
      hub: { role: 'public', type: 'registry', origin: this.registry.url, settings: { prefix: 'acme' }, credentials: none, ...hubAt },
    }
  }
}
