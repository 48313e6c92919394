import { createServer } from 'node:net'
import { Readable } from 'node:stream'
import { instant, later } from '@stagegate/schema'
import { createEnvironment, type HttpClient } from '@stagegate/uploader'
import { startFaultProxy } from '@stagegate/uploader/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { authority, ca, tls } from '../authority.js'
import { listen } from '../listen.js'
import { contentOf } from '../repositories/source.js'
import { askedOf, named, startProxy } from './servers.js'

const soon = () => ({ signal: new AbortController().signal, deadline: later(instant(Date.now()), 20) })

/** A server that counts its connections. */
async function startServer() {
  const server = await listen((request, response) => {
    request.resume().on('end', () => response.writeHead(request.method === 'PUT' ? 201 : 200).end('hello'))
  })
  onTestFinished(() => server.close())
  return server
}

function clientOf(origin: string, proxy: string, variables: Record<string, string> = {}): HttpClient {
  const given = { variables: { HTTPS_PROXY: proxy, ...variables }, base: '/', rehearsal: false, proxyVariables: ['HTTPS_PROXY'] }
  return createEnvironment(given).http(origin, undefined, { ca })
}

function get(client: HttpClient) {
  return client.send({ method: 'GET', path: '/secret/path?token=1', headers: { 'x-secret': 'one' } }, soon())
}

test('the proxy learns host and port, and nothing else', async () => {
  const [server, proxy] = [await startServer(), await startProxy()]
  const origin = named('packages', server.url)
  const client = clientOf(origin, proxy.url)
  expect(await get(client)).toMatchObject({ status: 200, text: 'hello' })
  const { stream } = await client.download('/file', soon())
  expect(Buffer.concat(await stream.toArray()).toString()).toBe('hello')
  expect(new Set(askedOf(proxy))).toEqual(new Set([`CONNECT ${new URL(origin).host}`]))
  expect(proxy.log()).not.toContain('secret')
})

test('a program names the proxy as an option: one for all servers, or one for each', async () => {
  const [server, proxy] = [await startServer(), await startProxy()]
  const [origin, other] = [named('packages', server.url), named('registry', server.url)]
  const { host } = new URL(proxy.url)
  for (const option of [proxy.url, host, { [origin]: proxy.url }]) {
    const environment = createEnvironment({ variables: { HTTPS_PROXY: 'http://127.0.0.1:1' }, proxy: option })
    expect(await get(environment.http(origin, undefined, { ca }))).toMatchObject({ status: 200 })
  }
  const direct = createEnvironment({ proxy: { [origin]: proxy.url }, tls: { [other]: { ca } } })
  await expect(get(direct.http(other))).rejects.toMatchObject({ code: 'http/unreachable' })
  expect(askedOf(proxy)).toHaveLength(3)
  expect(() => createEnvironment({ proxy: { 'packages.example': proxy.url } })).toThrow('expected an origin')
})

test('one tunnel serves request after request', async () => {
  const [server, proxy] = [await startServer(), await startProxy()]
  const client = clientOf(named('packages', server.url), proxy.url)
  for (let count = 0; count < 5; count++) await get(client)
  expect(askedOf(proxy)).toHaveLength(1)
})

test('a proxy that asks for an account is given the one in its address', async () => {
  const [server, proxy] = [await startServer(), await startProxy({ account: 'ada:pass' })]
  const { host } = new URL(proxy.url)
  const origin = named('packages', server.url)
  expect(await get(clientOf(origin, `http://ada:p%61ss@${host}`))).toMatchObject({ status: 200 })
  for (const address of [proxy.url, `http://ada:wr%40ng@${host}`]) {
    const refused = get(clientOf(origin, address))
    // tinyproxy says 401 to a wrong account.
    const what = expect.stringMatching(/^the proxy 127\.0\.0\.1:\d+ refused the connection \(40[17]\)$/)
    await expect(refused).rejects.toMatchObject({ code: 'http/proxy', final: true, what })
    await expect(refused).rejects.toMatchObject({ message: expect.not.stringMatching(/wr(%40|@)ng/) })
  }
})

test('this machine and what NO_PROXY names are reached directly', async () => {
  const [server, proxy] = [await startServer(), await startProxy()]
  expect(await get(clientOf(server.url, proxy.url))).toMatchObject({ status: 200 })
  const direct = get(clientOf(named('packages', server.url), proxy.url, { NO_PROXY: '.tests.example' }))
  await expect(direct).rejects.toMatchObject({ code: 'http/unreachable' })
  expect(askedOf(proxy)).toEqual([])
})

describe('is distinguished from answers of the server:', () => {
  test('a host that the proxy blocks', async () => {
    const [server, proxy] = [await startServer(), await startProxy({ allow: ['^registry'] })]
    const what = expect.stringMatching(/^the proxy 127\.0\.0\.1:\d+ refused the connection \(403\)$/)
    await expect(get(clientOf(named('packages', server.url), proxy.url))).rejects.toMatchObject({ code: 'http/proxy', final: true, what })
  })

  test('a server that the proxy cannot reach, which may pass', async () => {
    const proxy = await startProxy()
    const nobody = await startServer()
    await nobody.close()
    const asked = get(clientOf(named('packages', nobody.url), proxy.url))
    await expect(asked).rejects.toMatchObject({ code: 'http/proxy', final: false, what: expect.stringMatching(/\(50\d\)$/) })
  })

  test('a proxy that is not there, which may pass', async () => {
    const server = await startServer()
    const proxy = await startProxy()
    await proxy.stop()
    const { host } = new URL(proxy.url)
    const asked = get(clientOf(named('packages', server.url), proxy.url))
    await expect(asked).rejects.toMatchObject({
      code: 'http/proxy',
      final: false,
      what: `the proxy ${host} cannot be reached (ECONNREFUSED)`,
    })
  })

  test('a certificate of the server behind the proxy', async () => {
    const [server, proxy] = [await startServer(), await startProxy()]
    const spoiled = await startFaultProxy({ upstream: server.url, tls })
    onTestFinished(() => spoiled.close())
    spoiled.handshakes.add({ times: Number.POSITIVE_INFINITY, do: { tls: authority.expired } })
    const asked = get(clientOf(named('packages', spoiled.url), proxy.url))
    await expect(asked).rejects.toMatchObject({ code: 'http/tls', final: true, what: expect.stringContaining('packages.tests.example') })
  })
})

test('a proxy that never answers is given up in time, and its connection is closed', async () => {
  let open = 0
  const mute = createServer((socket) => {
    open++
    socket.on('error', () => undefined).on('close', () => open--)
    socket.resume()
  })
  await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void mute.close())
  const address = mute.address()
  if (address === null || typeof address === 'string') throw new Error('Expected a port')
  const client = clientOf('https://packages.tests.example', `http://127.0.0.1:${address.port}`)
  const call = { signal: new AbortController().signal, deadline: later(instant(Date.now()), 1) }
  await expect(client.send({ method: 'GET', path: '/' }, call)).rejects.toMatchObject({ code: 'http/timeout' })
  await expect.poll(() => open).toBe(0)
})

test('uploads go through it, and so do the issuers of tokens', async () => {
  const issuer = await listen((request, response) => {
    const isAda = request.headers.authorization === `Basic ${Buffer.from('ada:password').toString('base64')}`
    response.writeHead(isAda ? 200 : 401).end(JSON.stringify({ token: 'issued' }))
  })
  const realm = named('issuer', issuer.url)
  const registry = await listen((request, response) => {
    const challenge = { 'www-authenticate': `Bearer realm="${realm}/token",service="registry"` }
    const known = request.headers.authorization === 'Bearer issued'
    request.resume().on('end', () => response.writeHead(known ? 201 : 401, known ? {} : challenge).end())
  })
  onTestFinished(() => Promise.all([issuer.close(), registry.close()]).then(() => undefined))
  const proxy = await startProxy()
  const origin = named('registry', registry.url)
  const environment = createEnvironment({
    variables: { https_proxy: proxy.url, PASSWORD: 'password' },
    base: '/',
    rehearsal: false,
    proxyVariables: ['https_proxy'],
  })
  const account = { username: 'ada', password: { variable: 'PASSWORD' } }
  const client = environment.http(origin, { scheme: 'registry', account, realms: [realm] }, { ca })
  const body = { content: contentOf(Buffer.from('bytes')), stream: () => Readable.from([Buffer.from('bytes')]) }
  expect(await client.send({ method: 'POST', path: '/v2/x', scopes: ['repository:x:push'] }, soon())).toMatchObject({ status: 201 })
  expect(await client.send({ method: 'PUT', path: '/v2/x', body, scopes: ['repository:x:push'] }, soon())).toMatchObject({ status: 201 })
  expect(new Set(askedOf(proxy))).toEqual(new Set([origin, realm].map((one) => `CONNECT ${new URL(one).host}`)))
})
