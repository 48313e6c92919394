import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { createServer } from 'node:http'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import {
  type BucketOptions,
  type Finding,
  type PackageCoordinates,
  type PackageManager,
  type PublicRepository,
  type VerifyOptions,
  verify,
} from '@stagegate/uploader'
import { manifestOf } from '../../packages/uploader/src/testing/fixtures.js'
import { contentOf } from './source.js'
import type { Built } from './trees.js'

/** A folder behind a web server, as its users reach it: a bucket of which only the public address is asked. */
export const behind = (url: string): BucketOptions => ({ bucket: 'unused', region: 'us-east-1', endpoint: url, readAt: url })

/** Roots of package managers that are still there. */
export function leftBehind(): readonly string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith('stagegate-packages-'))
}

/** A proxy that lets an account through to servers of this machine. */
export async function startProxy(account: string) {
  let asked = 0
  const server = createServer()
  server.on('connect', (request, client: Socket) => {
    if (request.headers['proxy-authorization'] !== account)
      return void client.end('HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="acme"\r\n\r\n')
    asked++
    const target = connect(Number(request.url?.split(':')[1]), '127.0.0.1', () => client.write('HTTP/1.1 200 OK\r\n\r\n'))
    target.pipe(client).pipe(target)
    for (const one of [client, target]) one.on('error', () => one.destroy())
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('Expected a port')
  return { port: address.port, asked: () => asked, close: async () => void (await once(server.close(), 'close')) }
}

/** The sealed package: its own bytes, or others that were sealed under its name. */
export interface Sealed {
  readonly built: Built
  readonly at: PackageCoordinates
  readonly data?: Buffer
}

/** What `verify` says of packages that one package manager reads, too. */
export async function verifying(
  repository: PublicRepository,
  sealed: readonly Sealed[],
  by: PackageManager,
  more: Partial<VerifyOptions> = {},
): Promise<readonly Finding[]> {
  const manifest = manifestOf(sealed.map(({ built, at, data = built.data }) => ({ coordinates: at, content: contentOf(data) })))
  const packageManagers = Object.fromEntries(manifest.targets.map(({ target }) => [target, by]))
  const options = { origin: manifest.origin, repositories: { stable: repository }, deadline: 0, ...more }
  return (await verify(manifest, { packageManagers, ...options })).findings
}

/** `index-broken apt: client/refused` for a finding. */
export const short = ({ found, by, problem }: Finding) => [found, by ?? 'alone', ...(problem ? [problem.code] : [])].join(' ')
