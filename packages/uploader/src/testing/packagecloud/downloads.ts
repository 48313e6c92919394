import { createHmac, randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Answer } from '../server/respond.js'
import type { Accounts } from './accounts.js'
import { notFound, unauthenticated } from './answers.js'
import type { Store } from './store.js'

const key = randomBytes(16)

/** What users fetch from: `/:user/:repo/packages/:distro/:version/:file/download`, which leads to the storage. */
export function site(request: IncomingMessage, url: URL, storage: string, store: Store, accounts: Accounts): Answer {
  const [, repository, distribution, file] =
    /^\/([^/]+\/[^/]+)\/packages\/([^/]+\/[^/]+)\/([^/]+)\/download(?:\.deb|\.rpm)?$/.exec(url.pathname) ?? []
  if (repository === undefined || distribution === undefined || file === undefined) return notFound()
  const allowed = accounts.download(request, repository)
  if (allowed !== 'yes') return allowed === 401 ? unauthenticated() : notFound()
  const stored = store.find(repository, distribution, decodeURIComponent(file))
  if (stored === undefined) return notFound()
  const path = `/1/2/${distribution}/package_files/${stored.id}.${stored.identity.format}`
  const expiry = Math.floor(Date.now() / 1000) + 300
  return { status: 302, headers: { location: `${storage}${path}?t=${expiry}_${signature(path, expiry)}` } }
}

/** The storage: another origin, with addresses that are signed and expire. A credential that arrives here has leaked. */
export function storage(request: IncomingMessage, url: URL, store: Store, leaked: (what: string) => void): Answer {
  if (request.headers.authorization !== undefined || request.headers.cookie !== undefined) {
    leaked(`${request.method} ${url.pathname} came with a credential`)
    return { status: 400, json: 'Only one auth mechanism allowed' }
  }
  const [expiry, given] = (url.searchParams.get('t') ?? '').split('_')
  const id = /\/package_files\/(\d+)\.(?:deb|rpm)$/.exec(url.pathname)?.[1]
  const stored = id === undefined ? undefined : store.byId(Number(id))
  if (stored === undefined || Number(expiry) < Date.now() / 1000 || given !== signature(url.pathname, Number(expiry)))
    return { status: 403, json: 'Access denied' }
  return { status: 200, file: { path: stored.path, size: stored.digests.size } }
}

function signature(path: string, expiry: number): string {
  return createHmac('sha256', key).update(`${path} ${expiry}`).digest('hex')
}
