import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { s3 } from '../../repository/buckets.js'
import { gcs } from '../../repository/google-buckets.js'
import { directory, gitlabPackages, ociLayout, openRepository, packagecloud, registry } from '../../repository/places.js'
import { httpFiles } from '../../repository/web.js'
import { tls } from '../authority.js'
import { startFileServer } from '../file-server/start.js'
import { startGcs } from '../gcs/index.js'
import { GenericPackages } from '../gitlab/generic-packages.js'
import { Projects } from '../gitlab/projects.js'
import { startGitlab } from '../gitlab/start.js'
import { memoryRegistry } from '../image/memory-registry.js'
import { memoryRepository } from '../memory-repository.js'
import { startPackagecloud } from '../packagecloud/index.js'
import { startGitlabRegistry, startRegistry } from '../registry/index.js'
import { startS3 } from '../s3/index.js'
import type { Faults } from '../server/faults.js'
import { webdav } from '../webdav.js'
import type { Place } from './place.js'

/** A port where nobody listens. */
export const nowhere = 'https://127.0.0.1:1'
const always = { times: Number.POSITIVE_INFINITY }

/** Empty places of every repository that comes with Stagegate, for its conformance tests: of the project's own tests. */
export async function directoryPlace(): Promise<Place> {
  return folderPlace(directory, (root, location) => [join(root, location)])
}

export async function ociLayoutPlace(): Promise<Place> {
  return folderPlace(ociLayout, (root, location) => [join(root, location.replace(/\/(?:blobs|manifests)\/sha256:/, '/blobs/sha256/'))])
}

/** Of a repository in a folder. `pathsOf`: the files that are at a location. */
export async function folderPlace(
  open: (path: string) => Place['repository'],
  pathsOf: (root: string, location: string) => readonly string[],
): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'conformance-'))
  const root = join(folder, 'repository')
  return {
    repository: open(root),
    another: () => open(root),
    // A folder that leads to itself is one that the system cannot look into, for root either.
    async failing() {
      await symlink('loop', join(folder, 'loop'))
      return open(join(folder, 'loop'))
    },
    async remove(location) {
      for (const path of pathsOf(root, location)) await rm(path)
    },
    close: () => rm(folder, { recursive: true, force: true }),
  }
}

export async function packagecloudPlace(): Promise<Place> {
  const accounts = { 'acme/stable': { token: 'writes', readToken: 'reads' } }
  const server = await startPackagecloud({ tls, maxPerPage: 5, repositories: accounts, lags: { listedAfter: 1, digestAfter: 1 } })
  const open = (token: string, url = server.url) => packagecloud('acme/stable', { url, token: { value: token } })
  return {
    repository: open('writes'),
    another: () => open('writes'),
    unreachable: () => open('writes', nowhere),
    failing: () => failing(server.faults, open('writes')),
    refused: () => open('of-nobody'),
    readOnly: () => open('reads'),
    losingAnswers: () => losing(server.faults, { method: 'POST', path: /packages\.json/ }, open('writes')),
    async remove(location) {
      const [, distribution = '', file = ''] = /\/packages\/(.+)\/([^/]+)\/download$/.exec(location) ?? []
      const authorization = `Basic ${Buffer.from('writes:').toString('base64')}`
      const url = `${server.url}/api/v1/repos/acme/stable/${distribution}/${file}`
      const { ok } = await fetch(url, { method: 'DELETE', headers: { authorization } })
      if (!ok) throw new Error(`Expected the package ${location} to be deleted`)
    },
    close: () => server.close(),
  }
}

/** A project whose lists lag, and whose files lie on a storage elsewhere. */
export async function gitlabPackagesPlace(): Promise<Place> {
  const project = { id: 7, path: 'acme/hello', visibility: 'public', members: { grace: 'maintainer', reader: 'reporter' } } as const
  const tokens = {
    'glpat-writes': { kind: 'personal', user: 'grace', scope: 'api' },
    'glpat-reads': { kind: 'personal', user: 'reader', scope: 'api' },
  } as const
  const projects = new Projects({ projects: [project], tokens })
  const packages = new GenericPackages({ projects, maxPerPage: 5, lag: 1, downloads: 'storage' })
  const server = await startGitlab([packages, projects], { tls, root: '/code' })
  const open = (token: string, url = server.url) => gitlabPackages('acme/hello', { url, token: { value: token } })
  return {
    repository: open('glpat-writes'),
    another: () => open('glpat-writes'),
    unreachable: () => open('glpat-writes', nowhere),
    failing: () => failing(server.faults, open('glpat-writes')),
    refused: () => open('glpat-of-nobody'),
    readOnly: () => open('glpat-reads'),
    losingAnswers: () => losing(server.faults, { method: 'PUT', path: /./ }, open('glpat-writes')),
    remove(location) {
      const [, name = '', version = ''] = /\/generic\/([^/]+)\/([^/]+)\//.exec(decodeURIComponent(location)) ?? []
      packages.delete(name, version)
    },
    async close() {
      await server.close()
      if (server.violations.length > 0) throw new Error(server.violations.join(', '))
    },
  }
}

/** Who asks a server of buckets. */
export type Who = 'writes' | 'reads' | 'nobody'

/** An emulated server of buckets. */
export interface Buckets {
  readonly url: string
  readonly faults: Faults
  readonly violations: readonly string[]
  objects(): Map<string, unknown>
  close(): Promise<void>
}

/** Accounts of an emulated S3, and the keys of each. */
export const s3Accounts = { AKIDWRITES: { secretAccessKey: 'writes' }, AKIDREADS: { secretAccessKey: 'reads', may: 'read' } } as const
export const s3KeysOf = (who: Who) => ({
  accessKeyId: { value: `AKID${who.toUpperCase()}` },
  secretAccessKey: { value: who === 'nobody' ? 'writes' : who },
})
/** The same of an emulated Google storage. */
export const gcsAccounts = { GOOG1WRITES: { secret: 'writes' }, GOOG1READS: { secret: 'reads', may: 'read' } } as const
export const gcsKeyOf = (who: Who) => ({
  accessId: { value: `GOOG1${who.toUpperCase()}` },
  secret: { value: who === 'nobody' ? 'writes' : who },
})

/** Of a repository in the folder `linux` of a bucket. `lost`: paths of files whose writes are not answered, once each. */
export function bucketPlace(
  server: Buckets,
  open: (who: Who, endpoint: string) => Place['repository'],
  lost: readonly RegExp[] = [/conformance|ubuntu|el\//],
): Place {
  const as = (who: Who, endpoint = server.url) => open(who, endpoint)
  return {
    repository: as('writes'),
    another: () => as('writes'),
    unreachable: () => as('writes', nowhere),
    failing: () => failing(server.faults, as('writes')),
    refused: () => as('nobody'),
    readOnly: () => as('reads'),
    losingAnswers() {
      for (const path of lost) losing(server.faults, { method: 'PUT', path }, as('writes'))
      return as('writes')
    },
    remove(location) {
      server.objects().delete(`linux/${location}`)
    },
    async close() {
      await server.close()
      if (server.violations.length > 0) throw new Error(server.violations.join(', '))
    },
  }
}

/** A folder of a bucket that everybody may read; new objects are seen late. */
export async function s3Place(): Promise<Place> {
  const server = await startS3({ tls, accounts: s3Accounts, publicPrefixes: ['linux/'], lag: 1 })
  return bucketPlace(server, (who, endpoint) =>
    s3('packages', { region: 'eu-central-1', prefix: 'linux', endpoint, credentials: s3KeysOf(who) }),
  )
}

/** The same of Google. */
export async function gcsPlace(): Promise<Place> {
  const server = await startGcs({ tls, accounts: gcsAccounts, publicPrefixes: ['linux/'] })
  return bucketPlace(server, (who, endpoint) => gcs('packages', { prefix: 'linux', endpoint, credentials: gcsKeyOf(who) }))
}

export async function registryPlace(): Promise<Place> {
  const server = await startRegistry({ tls, maxPerPage: 5, tokens: { account: 'acme:writes' } })
  const open = (account: { username?: string; password?: { value: string } }, url = server.url) =>
    registry('registry.example', { url, ...account })
  const acme = { username: 'acme', password: { value: 'writes' } }
  return {
    repository: open(acme),
    another: () => open(acme),
    unreachable: () => open(acme, nowhere),
    failing: () => failing(server.faults, open(acme)),
    refused: () => open({ username: 'acme', password: { value: 'of-nobody' } }),
    readOnly: () => open({}),
    losingAnswers: () => losing(server.faults, { method: 'PUT', path: /./ }, open(acme)),
    remove(location) {
      const [, image = '', digest = ''] = /^(.+)\/(?:blobs|manifests)\/(.+)$/.exec(location) ?? []
      server.image(image).blobs.delete(digest)
    },
    close: () => server.close(),
  }
}

/** A project of GitLab's registry, with the token of a job; who may only read is a job of another project, and users see it without an account. */
export async function gitlabRegistryPlace(): Promise<Place> {
  const members = { ada: 'developer' } as const
  const project = { path: 'acme/hello', members, isPublic: true }
  const {
    gitlab,
    registry: server,
    tokens,
    close,
  } = await startGitlabRegistry({ tls, maxPerPage: 5, projects: [project, { path: 'acme/other', members }] })
  const jobOf = (path: string) => tokens.startJob({ project: path, user: 'ada' })
  const own = jobOf(project.path)
  const open = (token: string, url = server.url) =>
    registry('registry.example/acme/hello', { url, username: 'gitlab-ci-token', password: { value: token }, realms: [gitlab.url] })
  return {
    repository: open(own),
    another: () => open(jobOf(project.path)),
    unreachable: () => open(own, nowhere),
    failing: () => failing(server.faults, open(own)),
    refused: () => open('of-no-job'),
    readOnly: () => open(jobOf('acme/other')),
    losingAnswers: () => losing(server.faults, { method: 'PUT', path: /./ }, open(own)),
    remove(location) {
      const [, image = '', digest = ''] = /^(.+)\/(?:blobs|manifests)\/(.+)$/.exec(location) ?? []
      server.image(`acme/hello/${image}`).blobs.delete(digest)
    },
    close,
  }
}

export async function webdavPlace(): Promise<Place> {
  const server = await startFileServer({ tls, token: 'writes', readToken: 'reads' })
  const open = (token: string, url = server.url) =>
    openRepository(webdav, { server: url, credentials: [{ value: token }], settings: { path: '/files/' } })
  return {
    repository: open('writes'),
    another: () => open('writes'),
    unreachable: () => open('writes', nowhere),
    failing: () => failing(server.faults, open('writes')),
    refused: () => open('of-nobody'),
    readOnly: () => open('reads'),
    losingAnswers: () => losing(server.faults, { method: 'PUT', path: /./ }, open('writes')),
    remove(location) {
      server.files.delete(decodeURIComponent(location))
    },
    close: () => server.close(),
  }
}

/** A folder of a server that heeds the condition of a PUT. */
export async function httpFilesPlace(): Promise<Place> {
  const server = await startFileServer({ tls, token: 'writes', readToken: 'reads' })
  const open = (token: string, url = server.url) => httpFiles(`${url}/releases`, { token: { value: token } })
  return {
    repository: open('writes'),
    another: () => open('writes'),
    unreachable: () => open('writes', nowhere),
    failing: () => failing(server.faults, open('writes')),
    refused: () => open('of-nobody'),
    readOnly: () => open('reads'),
    losingAnswers: () => losing(server.faults, { method: 'PUT', path: /\.(?:deb|rpm|bin)$/ }, open('writes')),
    remove(location) {
      server.files.delete(`/releases/${location}`)
    },
    async close() {
      await server.close()
      if (server.violations.length > 0) throw new Error(server.violations.join(', '))
    },
  }
}

export function memoryPlace(): Place {
  const repository = memoryRepository()
  return {
    repository,
    another: () => repository,
    losingAnswers() {
      repository.instead(
        'create',
        (create) =>
          async (...given) => {
            await create(...given)
            throw new Error('ECONNRESET')
          },
        1,
      )
      return repository
    },
    remove(location) {
      repository.files.delete(location)
    },
  }
}

export function memoryRegistryPlace(): Place {
  const repository = memoryRegistry('https://registry.example')
  return {
    repository,
    another: () => repository,
    remove(location) {
      repository.parts.delete(location)
    },
  }
}

/** Its server answers nothing of use from now on. */
function failing(faults: Faults, repository: Place['repository']): Place['repository'] {
  faults.add({ ...always, do: { answer: 500 } })
  return repository
}

/** Its server does the next such write, and does not answer. */
function losing(
  faults: Faults,
  on: { readonly method: string; readonly path: RegExp },
  repository: Place['repository'],
): Place['repository'] {
  faults.add({ on, do: { commitThenReset: true } })
  return repository
}
