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
import { type RegistryServer, startGitlabRegistry, startRegistry } from '../registry/index.js'
import { startS3 } from '../s3/index.js'
import type { EmulatedServer } from '../server/emulate.js'
import { webdav } from '../webdav.js'
import type { Place } from './place.js'
import { placeAt } from './server-place.js'

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
  return placeAt(server, {
    accounts: { writes: 'writes', reads: 'reads', nobody: 'of-nobody' },
    open: (token, url) => packagecloud('acme/stable', { url, token: { value: token } }),
    lost: [{ method: 'POST', path: /packages\.json/ }],
    async remove(location) {
      const [, distribution = '', file = ''] = /\/packages\/(.+)\/([^/]+)\/download$/.exec(location) ?? []
      const authorization = `Basic ${Buffer.from('writes:').toString('base64')}`
      const url = `${server.url}/api/v1/repos/acme/stable/${distribution}/${file}`
      const { ok } = await fetch(url, { method: 'DELETE', headers: { authorization } })
      if (!ok) throw new Error(`Expected the package ${location} to be deleted`)
    },
  })
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
  return placeAt(server, {
    accounts: { writes: 'glpat-writes', reads: 'glpat-reads', nobody: 'glpat-of-nobody' },
    open: (token, url) => gitlabPackages('acme/hello', { url, token: { value: token } }),
    lost: [{ method: 'PUT', path: /./ }],
    remove(location) {
      const [, name = '', version = ''] = /\/generic\/([^/]+)\/([^/]+)\//.exec(decodeURIComponent(location)) ?? []
      packages.delete(name, version)
    },
  })
}

/** Who asks a server of buckets. */
export type Who = 'writes' | 'reads' | 'nobody'
export const everybody = { writes: 'writes', reads: 'reads', nobody: 'nobody' } as const

/** An emulated server of buckets. */
export interface Buckets extends EmulatedServer {
  objects(): Map<string, unknown>
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
  return placeAt<Who>(server, {
    accounts: everybody,
    open,
    lost: lost.map((path) => ({ method: 'PUT', path })),
    remove(location) {
      server.objects().delete(`linux/${location}`)
    },
  })
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
  const acme = (password: string) => ({ username: 'acme', password: { value: password } })
  return placeAt<{ username?: string; password?: { value: string } }>(server, {
    accounts: { writes: acme('writes'), reads: {}, nobody: acme('of-nobody') },
    open: (account, url) => registry('registry.example', { url, ...account }),
    lost: [{ method: 'PUT', path: /./ }],
    remove: (location) => removePart(server, location),
  })
}

/** A project of GitLab's registry, with the token of a job; who may only read is a job of another project, and users see it without an account. */
export async function gitlabRegistryPlace(): Promise<Place> {
  const members = { ada: 'developer' } as const
  const project = { path: 'acme/hello', members, isPublic: true }
  const {
    gitlab,
    registry: server,
    tokens: issued,
    close,
  } = await startGitlabRegistry({ tls, maxPerPage: 5, projects: [project, { path: 'acme/other', members }] })
  const jobOf = (path: string) => issued.startJob({ project: path, user: 'ada' })
  const open = (token: string, url: string) =>
    registry('registry.example/acme/hello', { url, username: 'gitlab-ci-token', password: { value: token }, realms: [gitlab.url] })
  const place = placeAt(server, {
    accounts: { writes: jobOf(project.path), reads: jobOf('acme/other'), nobody: 'of-no-job' },
    open,
    lost: [{ method: 'PUT', path: /./ }],
    remove: (location) => removePart(server, `acme/hello/${location}`),
  })
  return { ...place, another: () => open(jobOf(project.path), server.url), close }
}

function removePart(server: RegistryServer, location: string): void {
  const [, image = '', digest = ''] = /^(.+)\/(?:blobs|manifests)\/(.+)$/.exec(location) ?? []
  server.image(image).blobs.delete(digest)
}

/** Tokens of a web server. */
const tokens = { writes: 'writes', reads: 'reads', nobody: 'of-nobody' } as const

export async function webdavPlace(): Promise<Place> {
  const server = await startFileServer({ tls, token: tokens.writes, readToken: tokens.reads })
  return placeAt(server, {
    accounts: tokens,
    open: (token, url) => openRepository(webdav, { server: url, credentials: [{ value: token }], settings: { path: '/files/' } }),
    lost: [{ method: 'PUT', path: /./ }],
    remove(location) {
      server.files.delete(decodeURIComponent(location))
    },
  })
}

/** A folder of a server that heeds the condition of a PUT. */
export async function httpFilesPlace(): Promise<Place> {
  const server = await startFileServer({ tls, token: tokens.writes, readToken: tokens.reads })
  return placeAt(server, {
    accounts: tokens,
    open: (token, url) => httpFiles(`${url}/releases`, { token: { value: token } }),
    lost: [{ method: 'PUT', path: /\.(?:deb|rpm|bin)$/ }],
    remove(location) {
      server.files.delete(`/releases/${location}`)
    },
  })
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
