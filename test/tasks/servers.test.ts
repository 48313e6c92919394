import { request } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { connect as tlsConnect } from 'node:tls'
import { expect, onTestFinished, test } from 'vitest'
import { authority } from '../authority.js'
import { listen } from '../listen.js'
import { temporaryFolder } from '../release/files.js'
import { type ProxyOptions, type Running, startAptly, startNginx, startRegistry, startTinyproxy } from './servers.mjs'

const page = "server { listen PORT; location / { return 200 'hello'; } }"

test.each<[string, (folder: string, tls?: null) => Promise<Running>, string]>([
  ['nginx', (folder, tls) => startNginx(folder, page, tls === null ? { tls } : {}), '/'],
  ['aptly', (folder, tls) => startAptly(folder, tls === null ? { tls } : {}), '/api/version'],
  ['docker-registry', (folder, tls) => startRegistry(folder, {}, tls === null ? { tls } : {}), '/v2/'],
])('%s speaks HTTPS with the run’s certificate, and plain HTTP when asked to', async (_, start, path) => {
  const secure = await start(temporaryFolder())
  onTestFinished(async () => void (await secure.stop()))
  expect(secure.url).toBe(`https://127.0.0.1:${secure.port}`)
  expect((await fetch(secure.url + path)).status).toBe(200)
  const plain = await start(temporaryFolder(), null)
  onTestFinished(async () => void (await plain.stop()))
  expect(plain.url).toBe(`http://127.0.0.1:${plain.port}`)
  expect((await fetch(plain.url + path)).status).toBe(200)
})

/** The status of CONNECT, and what comes through the tunnel from an HTTPS server. */
async function through({ port }: Running, url: string, headers: Record<string, string> = {}): Promise<string> {
  const { host } = new URL(url)
  return new Promise((resolve, reject) => {
    const asked = request({ port, host: '127.0.0.1', method: 'CONNECT', path: host, headers, agent: false })
    asked.once('error', reject)
    asked.once('response', (response) => resolve(String(response.resume().statusCode)))
    asked.once('connect', (response, socket) => {
      if (response.statusCode !== 200) {
        socket.destroy()
        return resolve(String(response.statusCode))
      }
      const secure = tlsConnect({ socket, ca: authority.ca, host: '127.0.0.1' })
      secure.once('error', reject).write('GET / HTTP/1.0\r\n\r\n')
      let text = ''
      secure.on('data', (bytes) => {
        text += bytes
      })
      secure.once('end', () => resolve(`200 ${text.split('\r\n\r\n')[1]}`))
    })
    asked.end()
  })
}

const basic = (account: string) => ({ 'proxy-authorization': `Basic ${Buffer.from(account).toString('base64')}` })

test.each<[string, ProxyOptions, Record<string, string>, string]>([
  ['anybody', {}, {}, '200 hello'],
  ['who has its account', { account: 'name:s3cret' }, basic('name:s3cret'), '200 hello'],
  ['not who has another', { account: 'name:s3cret' }, basic('name:other'), '401'],
  ['not who has none', { account: 'name:s3cret' }, {}, '407'],
  ['to a host that is allowed', { allow: ['^127\\.0\\.0\\.1$'] }, {}, '200 hello'],
  ['not to another host', { allow: ['^localhost$'] }, {}, '403'],
  ['not to another port', { connectPorts: [443] }, {}, '403'],
])('tinyproxy lets through %s', async (_, options, headers, expected) => {
  const server = await listen((_, response) => response.end('hello'))
  onTestFinished(server.close)
  const proxy = await startTinyproxy(temporaryFolder(), options)
  onTestFinished(() => proxy.stop())
  expect(await through(proxy, server.url, headers)).toBe(expected)
  expect(proxy.log()).toContain(`CONNECT ${new URL(server.url).host}`)
})

test('a server that was stopped no longer listens', async () => {
  const nginx = await startNginx(join(temporaryFolder(), 'new'), page)
  await nginx.stop()
  await expect(
    new Promise((resolve, reject) => connect(nginx.port, '127.0.0.1').once('connect', resolve).once('error', reject)),
  ).rejects.toMatchObject({ code: 'ECONNREFUSED' })
})
