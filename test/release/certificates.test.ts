// A release whose public repository cannot prove its name: what the command says, and how soon.
import { type FaultProxy, type PackagecloudServer, startFaultProxy, startPackagecloud } from '@stagegate/uploader/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { authority, tls } from '../authority.js'
import { packagecloudRepositories, targets, World } from './world.js'

let server: PackagecloudServer
let proxy: FaultProxy
let sealed: World
beforeAll(async () => {
  server = await startPackagecloud({ tls, repositories: { 'acme/staging': { token: 'one' }, 'acme/stable': { token: 'two' } } })
  proxy = await startFaultProxy({ upstream: server.url, tls })
  sealed = await World.sealed({
    variables: { STAGING_TOKEN: 'one', PUBLIC_TOKEN: 'two' },
    repositories: packagecloudRepositories(proxy.url),
  })
}, 300_000)
afterAll(() => Promise.all([server.close(), proxy.close()]))

const [{ id }] = targets

test.each([
  ['expired', 'has expired'],
  ['notYetValid', 'is not valid yet'],
  ['wrongName', 'is for another name'],
  ['foreign', 'is signed by an untrusted certificate authority'],
  ['selfSigned', 'is self-signed'],
] as const)('a certificate that is %s: the job ends at once, and a person must investigate', async (certificate, what) => {
  proxy.handshakes.clear()
  proxy.handshakes.add({ times: Number.POSITIVE_INFINITY, do: { tls: authority[certificate] } })
  const asked = proxy.requests.length
  const { exitCode, output } = await sealed.copy().run(['publish', '--target', id])
  const { host } = new URL(proxy.url)
  expect(output).toContain(`the certificate of ${host} ${what}`)
  expect(exitCode, output).toBe(3)
  // Waiting would be of no use, and the token is not shown to whoever that is.
  expect(output).not.toContain('waiting')
  expect(proxy.requests).toHaveLength(asked)
})

test('when it is right again, the same job publishes', async () => {
  proxy.handshakes.clear()
  const { exitCode, output } = await sealed.copy().run(['publish', '--target', id])
  expect(exitCode, output).toBe(0)
})
