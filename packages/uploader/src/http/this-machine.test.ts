import type { lookup } from 'node:dns'
import type { RequestListener } from 'node:http'
import { afterEach, describe, expect, test } from 'vitest'
import { createEnvironment } from '../repository/environment.js'
import { soon } from '../testing/fixtures.js'
import { type Listening, listen } from '../testing/server/listen.js'
import type { Credential } from './client.js'
import { lookupHere } from './this-machine.js'

const open: Listening[] = []
afterEach(() => Promise.all(open.splice(0).map((server) => server.close())))

const asked: string[] = []
afterEach(() => asked.splice(0))

async function clientFor(listener: RequestListener, credential?: Credential) {
  const server = await listen((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    listener(request, response)
  })
  open.push(server)
  const environment = createEnvironment({ variables: { PASSWORD: 'secret' }, base: '/', rehearsal: true })
  return { url: server.url, client: environment.http(server.url, credential) }
}

describe('a rehearsal stays on this machine', () => {
  test.each(['https://packages.example/x', 'http://192.0.2.1/x', 'https://localhost.example/x', '//packages.example/x'])(
    'where a download leads to %s',
    async (location) => {
      const { client } = await clientFor((_, response) => void response.writeHead(302, { location }).end())
      await expect(client.download('/x', soon())).rejects.toMatchObject({
        code: expect.stringMatching(/^(usage\/elsewhere|http\/redirect)$/),
      })
      expect(asked).toEqual(['GET /x'])
    },
  )

  test('where a download leads on by way of this machine', async () => {
    const { client } = await clientFor((request, response) => {
      response.writeHead(302, { location: request.url === '/x' ? '/y' : 'https://packages.example/x' }).end()
    })
    await expect(client.download('/x', soon())).rejects.toMatchObject({
      name: 'UsageError',
      code: 'usage/elsewhere',
      message: expect.stringContaining('would go to another machine: https://packages.example'),
    })
    expect(asked).toEqual(['GET /x', 'GET /y'])
  })

  test('where a registry names an issuer of tokens elsewhere', async () => {
    const credential = {
      scheme: 'registry',
      account: { username: 'ada', password: { variable: 'PASSWORD' } },
      realms: ['https://auth.example'],
    } as const
    const challenge = 'Bearer realm="https://auth.example/token",service="registry"'
    const { client } = await clientFor((_, response) => void response.writeHead(401, { 'www-authenticate': challenge }).end(), credential)
    await expect(client.send({ method: 'GET', path: '/v2/', scopes: ['repository:x:pull'] }, soon())).rejects.toMatchObject({
      code: 'usage/elsewhere',
      message: expect.stringContaining('https://auth.example'),
    })
  })

  test('and is no obstacle to its own servers', async () => {
    const { client } = await clientFor((request, response) => {
      if (request.url === '/x') response.writeHead(302, { location: '/y' }).end()
      else response.end('there')
    })
    const answer = await client.download('/x', soon())
    answer.stream.resume()
    expect(answer.status).toBe(200)
  })
})

describe('localhost', () => {
  type Found = readonly { readonly address: string; readonly family: number }[]
  const resolved = (found: Found, all: boolean) =>
    new Promise((resolve) => {
      // The cast: of all its forms the one with all addresses is called.
      const system = ((_name: string, _options: object, callback: (error: null, found: Found) => void) =>
        callback(null, found)) as unknown as typeof lookup
      lookupHere(system)('localhost', { all }, (error, address) => resolve(error ?? address))
    })

  test.each([['127.0.0.1'], ['127.8.0.1'], ['::1'], ['::ffff:127.0.0.1']])('may be %s', async (address) => {
    const found = [{ address, family: address.includes(':') ? 6 : 4 }]
    expect(await resolved(found, true)).toEqual(found)
    expect(await resolved(found, false)).toBe(address)
  })

  test.each([['192.0.2.1'], ['::ffff:192.0.2.1'], ['2001:db8::1'], ['0.0.0.0']])(
    'may not be %s, not even as one of several',
    async (address) => {
      const found = [
        { address: '127.0.0.1', family: 4 },
        { address, family: address.includes(':') ? 6 : 4 },
      ]
      for (const all of [true, false])
        expect(await resolved(found, all)).toMatchObject({
          name: 'UsageError',
          code: 'usage/elsewhere',
          message: expect.stringContaining(`localhost, which is ${address} here`),
        })
    },
  )

  test('that has no address at all is not reached', async () => {
    expect(await resolved([], true)).toBeInstanceOf(Error)
  })

  test('is reached by its name', async () => {
    const { url } = await clientFor((_, response) => void response.end('there'))
    const environment = createEnvironment({ variables: {}, base: '/', rehearsal: true })
    const client = environment.http(url.replace('127.0.0.1', 'localhost'))
    expect(await client.send({ method: 'GET', path: '/' }, soon())).toMatchObject({ status: 200, text: 'there' })
  })
})
