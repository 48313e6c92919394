import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Content, Coordinates, JsonObject } from '@stagegate/schema'
import { startPackagecloud } from '@stagegate/uploader/testing'
import { tls } from '../authority.js'
import { filesOnce, startAptly, startNginx, startRegistry } from '../tasks/servers.mjs'
import { contentOf } from './source.js'

/** A public server, and what lies on it. */
export interface Destination {
  readonly type: string
  readonly origin: string
  readonly settings: JsonObject
  /** Names of variables. */
  readonly credentials: readonly string[]
  coordinatesOf(content: Content): Coordinates
  /** The sha256 of everything that it has as complete. */
  stored(): readonly string[]
  stop(): Promise<void>
}

export const destinations: readonly (readonly [name: string, start: (folder: string) => Promise<Destination>])[] = [
  ['nginx', startFiles],
  ['aptly', startUploads],
  ['docker-registry', startBlobs],
  ['packagecloud', startPackages],
]

async function startFiles(folder: string): Promise<Destination> {
  const files = join(folder, 'files')
  const { url, stop } = await startNginx(folder, filesOnce(files))
  return {
    type: 'webdav',
    origin: url,
    settings: { path: '/dists/' },
    credentials: [],
    coordinatesOf: ({ sha256 }) => ({ format: 'file', path: `acme/${sha256}` }),
    stored: () => digestsBelow(files),
    stop,
  }
}

async function startUploads(folder: string): Promise<Destination> {
  const { url, stop } = await startAptly(folder)
  const disk = join(folder, 'aptly', 'upload')
  return {
    type: 'aptly-files',
    origin: url,
    settings: { disk },
    credentials: [],
    coordinatesOf: ({ sha256 }) => ({ format: 'file', path: `uploads/${sha256}` }),
    stored: () => digestsBelow(disk),
    stop,
  }
}

async function startBlobs(folder: string): Promise<Destination> {
  const { url, stop } = await startRegistry(folder)
  return {
    type: 'registry-blobs',
    origin: url,
    settings: {},
    credentials: [],
    coordinatesOf: ({ sha256 }) => ({ format: 'file', path: `acme/${sha256}` }),
    stored: () => digestsBelow(join(folder, 'registry', 'docker', 'registry', 'v2', 'blobs')),
    stop,
  }
}

/** The emulator, which takes any bytes for a package here: of the version that their digest makes. */
async function startPackages(folder: string): Promise<Destination> {
  const identityOf = ({ sha256 }: Content) => ({ name: 'acme', version: `1.0.0+${sha256.slice(0, 12)}`, architecture: 'amd64' })
  const fileOf = (content: Content) => `acme_${identityOf(content).version}_amd64.deb`
  const server = await startPackagecloud({
    tls,
    repositories: { 'acme/stable': { token: 'token' } },
    storage: join(folder, 'packagecloud'),
    async inspect(path) {
      const content = contentOf(readFileSync(path))
      return { format: 'deb', ...identityOf(content), canonicalFile: fileOf(content) }
    },
  })
  return {
    type: 'packagecloud',
    origin: server.url,
    settings: { repository: 'acme/stable' },
    credentials: ['TEST_TOKEN'],
    coordinatesOf: (content) => ({ format: 'deb', distribution: 'ubuntu/jammy', ...identityOf(content), file: fileOf(content) }),
    stored: () => server.packages('acme/stable').map(({ digests }) => digests.sha256),
    stop: () => server.close(),
  }
}

function digestsBelow(folder: string): readonly string[] {
  if (!existsSync(folder)) return []
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((path) => join(folder, path))
  return paths.filter((path) => statSync(path).isFile()).map((path) => contentOf(readFileSync(path)).sha256)
}
