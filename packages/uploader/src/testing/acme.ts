import { instant, later, type PackageCoordinates } from '@stagegate/schema'
import { expect, onTestFinished } from 'vitest'
import type { Call } from '../contract/capabilities.js'
import { systemClock } from '../contract/clock.js'
import { createHttpClient, type HttpLimits } from '../http/index.js'
import type { Access } from '../repository/define.js'
import { packagecloud } from '../repository/packagecloud/index.js'
import { tls } from './authority.js'
import { bodyOf } from './bodies.js'
import { type PackagecloudOptions, startPackagecloud } from './packagecloud/start.js'
import { makeDeb } from './packages/index.js'

/** The token of both repositories. Base64 and URLs write it otherwise. */
export const token = 'tok/en+1234567890'
const repositories = { 'acme/staging': { token, private: true }, 'acme/stable': { token } }

/** A call that has ten seconds. */
export const soon = (): Call => ({ signal: new AbortController().signal, deadline: later(instant(Date.now()), 10) })

export const acme: PackageCoordinates = {
  format: 'deb',
  distribution: 'ubuntu/jammy',
  architecture: 'amd64',
  name: 'acme',
  version: '1.2.3-1',
  file: 'acme_1.2.3-1_amd64.deb',
}
export const acmeDeb = Buffer.from(makeDeb({ name: 'acme', version: '1.2.3-1', architecture: 'amd64' }))
export const acmeItem = { coordinates: acme, content: bodyOf(acmeDeb).content }
/** Which requests are uploads. */
export const pushes = { method: 'POST', path: /packages\.json/ }

export interface Opened {
  /** @default acme/stable */
  readonly repository?: string
  /** @default write */
  readonly access?: Access
  /** Names of variables. @default PUBLIC_TOKEN */
  readonly credentials?: readonly string[]
  readonly limits?: Partial<HttpLimits>
  /** What every variable holds. @default the token */
  readonly secret?: string
}

/** A repository of the server at this origin, through a client as it is in earnest. */
export function openAt(
  origin: string,
  { repository = 'acme/stable', access = 'write', credentials = ['PUBLIC_TOKEN'], limits, secret = token }: Opened = {},
) {
  const http = (at: string, credential?: Parameters<typeof createHttpClient>[0]['credential']) =>
    createHttpClient({ origin: at, credential, secrets: () => secret, limits })
  const settings = packagecloud.parse({ repository })
  return packagecloud.open(
    { settings, role: 'public', origin, access, credentials },
    { http, clock: systemClock, directory: (path) => path },
  )
}

/** A server with a private and a public repository, and the public one opened. It ends with the test, which fails if what must never happen did. */
export async function start(options: Partial<PackagecloudOptions> = {}, opened: Opened = {}) {
  const server = await startPackagecloud({ repositories, tls, ...options })
  onTestFinished(async () => {
    await server.close()
    expect(server.violations).toEqual([])
  })
  return { server, repository: openAt(server.url, opened) }
}
