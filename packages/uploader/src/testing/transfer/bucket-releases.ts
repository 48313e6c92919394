import { type Coordinates, instant, type ProgramReceipt } from '@stagegate/schema'
import { expect } from 'vitest'
import type { PublicRepository, StagingRepository } from '../../contract/capabilities.js'
import type { Environment } from '../../repository/define.js'
import { createEnvironment } from '../../repository/environment.js'
import { s3 } from '../../repository/s3/index.js'
import { Hosts } from '../../transfer/host.js'
import { defaultLimits } from '../../transfer/limits.js'
import { release } from '../../verb/release.js'
import { tls } from '../authority.js'
import { contentOf } from '../bytes.js'
import { type Asked, type Death, mortalClient } from '../image/mortal-client.js'
import { memoryRepository } from '../memory-repository.js'
import { type S3Options, type S3Server, startS3 } from '../s3/index.js'
import { virtualClock } from '../virtual-clock.js'

/** Files by their paths in a repository: `hello/1.2.3/hello.tar.gz`. */
export type Files = Readonly<Record<string, Buffer>>

/** A process that releases to a bucket. */
export interface Process {
  /** The use of the bucket. @default public */
  readonly role?: 'staging' | 'public' | undefined
  /** When it dies. @default never */
  readonly death?: Death | undefined
  /** Each of its requests waits for this one. */
  readonly hold?: ((request: Asked) => Promise<void>) | undefined
}

/** How a process has ended. */
export interface Released {
  readonly outcomes: ProgramReceipt['outcomes']
  readonly verdicts: readonly string[]
  readonly asked: readonly Asked[]
  /** Requests that carry a file. */
  readonly uploads: number
}

/** A bucket that takes releases of some files. */
export class BucketReleases {
  readonly server: S3Server

  private constructor(server: S3Server) {
    this.server = server
  }

  static async start(options: S3Options & { readonly isPlain?: boolean } = {}): Promise<BucketReleases> {
    const { isPlain = false, ...more } = options
    return new BucketReleases(await startS3({ ...(!isPlain && { tls }), ...more }))
  }

  /** Ends it. @throws {Error} it has seen something that must not be */
  async close(): Promise<void> {
    await this.server.close()
    expect(this.server.violations).toEqual([])
  }

  /** A process brings files to the bucket. */
  async release(files: Files, process: Process = {}): Promise<Released> {
    const { repository, asked, ports } = this.#begin(process)
    const from = memoryRepository(...Object.entries(files).map(([path, data]) => [{ format: 'file', path }, data] as const))
    const at = (path: string): Coordinates => ({ format: 'file', path })
    const { outcomes } = await release({
      name: 'hello',
      version: '1.2.3',
      files: Object.keys(files),
      at,
      ...ports,
      from,
      to: { bucket: repository },
    })
    const uploads = asked().filter(({ method, path }) => method === 'PUT' && !path.endsWith('/probe')).length
    return { outcomes, verdicts: outcomes.map(({ verdict }) => verdict), asked: asked(), uploads }
  }

  /** The bucket, as a process has opened it. */
  open(process: Process = {}): StagingRepository & PublicRepository {
    return this.#begin(process).repository
  }

  /** The digest of what lies at a path; `undefined`: nothing. */
  digest(path: string): string | undefined {
    const object = this.server.objects().get(`linux/${path}`)
    return object && contentOf(object.data).sha256
  }

  /** Somebody deletes it. */
  delete(path: string): void {
    this.server.objects().delete(`linux/${path}`)
  }

  /** A process with its own clock, its own manners and its own connections. */
  #begin({ role = 'public', death, hold }: Process) {
    const clock = virtualClock(instant(Date.now()))
    const hosts = new Hosts({ clock, random: () => 0.5, limits: defaultLimits })
    const controller = new AbortController()
    const environment = createEnvironment({ variables: { KEY: 'AKIDWRITES', SECRET: 'writes' }, clock, hosts })
    let asked: readonly Asked[] = []
    const http: Environment['http'] = (...given) => {
      const client = mortalClient(environment.http(...given), { death, hold, controller })
      // The client of visitors is another one.
      if (given[1] !== undefined) asked = client.asked
      return client
    }
    const settings = s3.parse({ bucket: 'packages', region: 'eu-central-1', prefix: 'linux' })
    const opening = { settings, role, origin: this.server.url, access: 'write', credentials: ['KEY', 'SECRET'] } as const
    const limits = { sends: 3, looks: 3, putOffs: 3, confirmWithin: 60_000 }
    return {
      repository: s3.open(opening, { ...environment, http }),
      asked: () => asked,
      ports: { clock, hosts, random: () => 0.5, signal: controller.signal, limits },
    }
  }
}
