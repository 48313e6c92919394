import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Fault, Faults } from '../server/faults.js'
import { type LoggedRequest, serve } from '../server/serve.js'
import type { ServerTls } from '../server/tls.js'
import { Accounts, type RepositoryOptions } from './accounts.js'
import { api } from './api.js'
import { type DistributionTable, packagecloudDistributions } from './distribution-table.js'
import { site, storage } from './downloads.js'
import { type Identity, readPackage } from './read-package.js'
import { Store } from './store.js'
import type { Lags, StoredPackage } from './stored-package.js'

/** The options of `startPackagecloud`. */
export interface PackagecloudOptions {
  /** By `account/name`. */
  readonly repositories: Readonly<Record<string, RepositoryOptions>>
  /** @default packagecloud.io's */
  readonly distributions?: DistributionTable | undefined
  /** Where the packages' bytes are kept. @default a folder of its own, which `close` removes */
  readonly storage?: string | undefined
  /** Misbehaviour, in order. @default none */
  readonly faults?: readonly Fault[] | undefined
  /** Of the site and of the storage. @default plain HTTP */
  readonly tls?: ServerTls | undefined
  /** How far lists are behind. @default not at all */
  readonly lags?: Lags | undefined
  /** The most that a page of a list holds. @default 100 */
  readonly maxPerPage?: number | undefined
  /** Reads what a package says about itself. @default a reader of the server's own */
  readonly inspect?: ((path: string) => Promise<Identity>) | undefined
}

/** A running emulator. */
export interface PackagecloudServer {
  /** Its address. */
  readonly url: string
  /** The storage that downloads are redirected to. */
  readonly downloadUrl: string
  /** All requests so far, the oldest first, and whether they came to the site or to its storage. */
  readonly requests: readonly (LoggedRequest & { readonly at: 'site' | 'storage' })[]
  /** What must never happen, and did: a credential at the storage, an error in the server itself. */
  readonly violations: readonly string[]
  /** The script of its misbehaviour. */
  readonly faults: Faults
  /** The packages that a repository has, however far its lists are behind. */
  packages(repository: string): readonly StoredPackage[]
  /** Ends it, and all of its connections. */
  close(): Promise<void>
}

/**
 * A packagecloud server on loopback, as strict as the real one is known to be, with faults on demand.
 * @example
 * const server = await startPackagecloud({ repositories: { 'acme/stable': { token: 'secret' } } })
 * server.faults.add({ on: { method: 'POST', path: /packages\.json/ }, do: { commitThenReset: true } })
 */
export async function startPackagecloud(options: PackagecloudOptions): Promise<PackagecloudServer> {
  const folder = options.storage ?? (await mkdtemp(join(tmpdir(), 'packagecloud-')))
  const store = new Store(folder)
  const faults = new Faults(options.faults)
  const accounts = new Accounts(options.repositories)
  const requests: (LoggedRequest & { at: 'site' | 'storage' })[] = []
  const violations: string[] = []
  const log = (at: 'site' | 'storage') => ({
    tls: options.tls,
    faults,
    onRequest: (request: LoggedRequest) => requests.push({ at, ...request }),
    onViolation: (what: string) => violations.push(what),
  })
  const storageServer = await serve(log('storage'), async ({ request, url }) =>
    storage(request, url, store, (what) => violations.push(what)),
  )
  const siteServer = await serve(log('site'), async (asked) =>
    asked.url.pathname.startsWith('/api/') ? api(asked, ports) : site(asked.request, asked.url, storageServer.url, store, accounts),
  )
  const ports = {
    store,
    accounts,
    distributions: options.distributions ?? packagecloudDistributions,
    inspect: options.inspect ?? readPackage,
    lags: options.lags ?? {},
    maxPerPage: options.maxPerPage ?? 100,
    origin: siteServer.url,
  }

  return {
    url: siteServer.url,
    downloadUrl: storageServer.url,
    requests,
    violations,
    faults,
    packages: (repository) => store.of(repository),
    async close() {
      await Promise.all([siteServer.close(), storageServer.close()])
      if (options.storage === undefined) await rm(folder, { recursive: true, force: true })
    },
  }
}
