import { text } from 'node:stream/consumers'
import type { Answer, Asked } from '../server/respond.js'
import type { Accounts } from './accounts.js'
import { notFound, unauthenticated, unprocessable } from './answers.js'
import { distributionsJson } from './distribution-table.js'
import { listed, matching } from './listing.js'
import { details, type Lags, type StoredPackage, showPath, type View } from './stored-package.js'
import { type UploadPorts, upload } from './upload.js'

export interface ApiPorts extends UploadPorts {
  readonly accounts: Accounts
  readonly origin: string
  readonly lags: Lags
  readonly maxPerPage: number
}

/** Everything below `/api/v1`. `undefined` is a connection that was reset. */
export async function api(asked: Asked, ports: ApiPorts): Promise<Answer | undefined> {
  const { request, url } = asked
  if (!ports.accounts.isKnown(request)) return unauthenticated()
  const path = url.pathname.replace(/\.json$/, '')
  if (request.method === 'GET' && path === '/api/v1/distributions') return { status: 200, json: distributionsJson(ports.distributions) }
  const [, repository, rest] = /^\/api\/v1\/repos\/([^/]+\/[^/]+)\/(.+)$/.exec(path) ?? []
  if (repository === undefined || rest === undefined || !ports.accounts.maySee(request, repository)) return notFound()
  const view = viewOf(repository, ports)
  switch (`${request.method} ${rest}`) {
    case 'POST packages':
      return upload(asked, repository, view, ports)
    case 'GET packages':
      return listed(visible(repository, ports), asked, view, ports.maxPerPage)
    case 'GET search':
      return listed(matching(visible(repository, ports), url.searchParams), asked, view, ports.maxPerPage)
  }
  if (request.method === 'GET' && rest.startsWith('package/')) return show(repository, url.pathname, view, ports)
  return onePackage(asked, repository, rest, ports)
}

function viewOf(repository: string, { origin, lags, accounts }: ApiPorts): View {
  return { origin, lags, private: accounts.isPrivate(repository) }
}

/** A package shows in lists only after it was missing from some, and may be lost after it was in some. */
function visible(repository: string, { store, lags }: ApiPorts): readonly StoredPackage[] {
  const { listedAfter = 0, lostAfter = Number.POSITIVE_INFINITY } = lags
  return store.of(repository).filter((stored) => {
    if (stored.missed < listedAfter) {
      stored.missed++
      return false
    }
    if (stored.listed++ < lostAfter) return true
    store.remove(stored)
    return false
  })
}

function show(repository: string, path: string, view: View, { store }: ApiPorts): Answer {
  const stored = store.of(repository).find((candidate) => showPath(candidate) === decodeURI(path))
  return stored === undefined ? notFound() : { status: 200, json: details(stored, view) }
}

/** `DELETE :distro/:version/:file` and `POST :distro/:version/:file/promote`. */
async function onePackage(asked: Asked, repository: string, rest: string, ports: ApiPorts): Promise<Answer> {
  const { method } = asked.request
  const [, distribution, file, promoted] = /^([^/]+\/[^/]+)\/([^/]+?)(\/promote)?$/.exec(rest) ?? []
  if (distribution === undefined || file === undefined) return notFound()
  const stored = ports.store.find(repository, distribution, decodeURIComponent(file))
  if (method === 'DELETE' && promoted === undefined) {
    if (stored === undefined) return unprocessable({ filename: ['not found'] })
    await ports.store.remove(stored)
    return { status: 200, json: {} }
  }
  if (method === 'POST' && promoted !== undefined) {
    return stored === undefined ? notFound() : promote(asked, stored, ports)
  }
  return notFound()
}

/** Moves, and does not copy. The destination comes in the query, a form or JSON: clients differ. */
async function promote({ request, url, goAhead }: Asked, stored: StoredPackage, ports: ApiPorts): Promise<Answer> {
  goAhead()
  const body = await text(request)
  const json = request.headers['content-type']?.startsWith('application/json') === true
  const destination = url.searchParams.get('destination') ?? (json ? destinationIn(body) : new URLSearchParams(body).get('destination'))
  if (typeof destination !== 'string' || !ports.accounts.maySee(request, destination)) return notFound()
  if (ports.store.find(destination, stored.distribution, stored.file) !== undefined)
    return unprocessable({ filename: ['has already been taken'] })
  ports.store.move(stored, destination)
  return { status: 200, json: details(stored, viewOf(destination, ports)) }
}

function destinationIn(body: string): unknown {
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === 'object' && value !== null && 'destination' in value ? value.destination : undefined
  } catch {
    return undefined
  }
}
