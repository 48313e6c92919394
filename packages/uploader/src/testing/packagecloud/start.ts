import { mkdtemp, rm } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { inspectPackage, type PackageIdentity } from '../../package/index.js'
import { Accounts, type RepositoryOptions } from './accounts.js'
import { api } from './api.js'
import { type DistributionTable, packagecloudDistributions } from './distribution-table.js'
import { site, storage } from './downloads.js'
import { type Fault, Faults } from './faults.js'
import { listen } from './listen.js'
import { type Answer, type Asked, respond } from './respond.js'
import { Store } from './store.js'
import type { Lags, StoredPackage } from './stored-package.js'

export interface PackagecloudOptions {
  /** By `account/name`. */
  readonly repositories: Readonly<Record<string, RepositoryOptions>>
  /** @default packagecloud.io's */
  readonly distributions?: DistributionTable | undefined
  /** Where the packages' bytes are kept. @default a folder of its own, which `close` removes */
  readonly storage?: string | undefined
  readonly faults?: readonly Fault[] | undefined
  readonly lags?: Lags | undefined
  /** The most that a page of a list holds. @default 100 */
  readonly maxPerPage?: number | undefined
  /** Reads what a package says of itself. @default inspectPackage */
  readonly inspect?: ((path: string) => Promise<PackageIdentity>) | undefined
}

export interface LoggedRequest {
  readonly at: 'site' | 'storage'
  readonly method: string
  /** With the query. */
  readonly path: string
  /** A credential is only said to be there. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

export interface PackagecloudServer {
  readonly url: string
  /** The storage that downloads are redirected to. */
  readonly downloadUrl: string
  readonly requests: readonly LoggedRequest[]
  /** What must never happen, and did: a credential at the storage, an error in the server itself. */
  readonly violations: readonly string[]
  readonly faults: Faults
  packages(repository: string): readonly StoredPackage[]
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
  const requests: LoggedRequest[] = []
  const violations: string[] = []
  const under = new Set<Promise<void>>()

  const answering =
    (at: LoggedRequest['at'], route: (asked: Asked) => Promise<Answer | undefined>) =>
    (request: IncomingMessage, response: ServerResponse, waits: boolean) => {
      requests.push(logged(at, request))
      const handled = handle(request, response, waits, faults, route).catch((error: unknown) => {
        violations.push(`${request.method} ${request.url}: ${error instanceof Error ? error.stack : String(error)}`)
        response.destroy()
      })
      under.add(handled)
      handled.finally(() => under.delete(handled))
    }
  const onStorage = answering('storage', async ({ request, url }) => storage(request, url, store, (what) => violations.push(what)))
  const onSite = answering('site', async (asked) =>
    asked.url.pathname.startsWith('/api/') ? api(asked, ports) : site(asked.request, asked.url, storageServer.url, store, accounts),
  )
  const storageServer = await listen((request, response) => onStorage(request, response, false))
  const siteServer = await listen((request, response) => onSite(request, response, false))
  siteServer.server.on('checkContinue', (request, response) => onSite(request, response, true))
  const ports = {
    store,
    accounts,
    distributions: options.distributions ?? packagecloudDistributions,
    inspect: options.inspect ?? inspectPackage,
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
      // What was under way still writes to the folder.
      await Promise.all(under)
      if (options.storage === undefined) await rm(folder, { recursive: true, force: true })
    },
  }
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  waits: boolean,
  faults: Faults,
  route: (asked: Asked) => Promise<Answer | undefined>,
): Promise<void> {
  // Whoever goes away is not our error.
  request.on('error', () => undefined)
  response.on('error', () => undefined)
  const url = new URL(request.url ?? '/', 'http://server')
  const fault = faults.take(request.method ?? '', url.pathname + url.search)
  if (fault.stall !== undefined) await setTimeout(fault.stall)
  if (fault.reset === 'before-body') return void request.socket.resetAndDestroy()
  if (fault.answer !== undefined) {
    await respond(response, { status: fault.answer, headers: fault.headers, json: fault.body ?? {} }, fault)
    return
  }
  const goAhead = () => {
    if (waits && fault.ignoreExpect !== true) response.writeContinue()
  }
  const answer = await route({ request, url, fault, goAhead })
  if (answer === undefined) return
  if (fault.commitThenReset) return void request.socket.resetAndDestroy()
  const said =
    fault.commitThenAnswer === undefined ? answer : { status: fault.commitThenAnswer, headers: fault.headers, json: fault.body ?? {} }
  await respond(response, said, fault)
}

function logged(at: LoggedRequest['at'], { method = '', url = '', headers }: IncomingMessage): LoggedRequest {
  const { authorization, ...rest } = headers
  return { at, method, path: url, headers: { ...rest, ...(authorization === undefined ? {} : { authorization: '(given)' }) } }
}
