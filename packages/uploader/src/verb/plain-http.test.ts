// Plain HTTP is for this machine alone. All else is tested over HTTPS; here is what the two do not share.
import { type JsonObject, sha256 } from '@stagegate/schema'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createHttpClient } from '../http/index.js'
import { createEnvironment } from '../repository/environment.js'
import { openRepositories } from '../repository/open.js'
import { acme, acmeDeb, acmeItem } from '../testing/acme.js'
import { tls } from '../testing/authority.js'
import { startFaultProxy } from '../testing/fault-proxy/index.js'
import { bodyOf, bytesOf, contentOf, itemOf, planOf, sampleBytes, soon } from '../testing/fixtures.js'
import { startPackagecloud } from '../testing/packagecloud/index.js'
import { startRegistry } from '../testing/registry/index.js'
import { listen } from '../testing/server/listen.js'

function open(type: string, origin: string, settings: JsonObject) {
  const role = 'public' as const
  const plan = { ...planOf(), repositories: { one: { role, type, origin, settings, credentials: { read: [], write: ['TOKEN'] } } } }
  const environment = createEnvironment({ variables: { TOKEN: 'secret' }, base: '/', rehearsal: true })
  const repository = openRepositories(plan, new Map([['one', 'write']]), environment).get('one')
  if (repository === undefined) throw new Error('Expected a repository')
  return repository
}

describe('over plain HTTP, a package goes to packagecloud and comes back', () => {
  const through = async () => {
    const server = await startPackagecloud({ repositories: { 'acme/stable': { token: 'secret' } } })
    const storage = await startFaultProxy({ upstream: server.downloadUrl })
    const site = await startFaultProxy({ upstream: server.url, origins: { [server.downloadUrl]: storage.url } })
    onTestFinished(async () => {
      await Promise.all([site.close(), storage.close(), server.close()])
      expect(server.violations).toEqual([])
    })
    return { server, site, storage, repository: open('packagecloud', site.url, { repository: 'acme/stable' }) }
  }

  test('without a fault', async () => {
    const { repository } = await through()
    expect(await repository.create(acmeItem, bodyOf(acmeDeb), soon())).toMatchObject({ outcome: 'accepted' })
    const seen = await repository.observe(acme, soon())
    expect(seen).toMatchObject({ saw: 'present', sha256: acmeItem.content.sha256 })
    if (seen.saw !== 'present') return
    expect(await bytesOf(await repository.read(seen.location, soon()))).toEqual(acmeDeb)
  })

  test.each(['reset', 'close'] as const)('not when the upload ends in a %s', async (breach) => {
    const { server, site, repository } = await through()
    site.faults.add({ on: { method: 'POST' }, do: { request: { after: { body: 300 }, breach } } })
    await expect(repository.create(acmeItem, bodyOf(acmeDeb), soon())).rejects.toMatchObject({ code: 'http/reset' })
    expect(server.packages('acme/stable')).toEqual([])
    expect(await repository.observe(acme, soon())).toMatchObject({ saw: 'absent' })
  })

  test.each(['reset', 'close'] as const)('not when the download ends in a %s', async (breach) => {
    const { storage, repository } = await through()
    await repository.create(acmeItem, bodyOf(acmeDeb), soon())
    const seen = await repository.observe(acme, soon())
    if (seen.saw !== 'present') throw new Error('Expected it to be there')
    storage.faults.add({ do: { answer: { after: { body: 100 }, breach } } })
    await expect(repository.read(seen.location, soon()).then(bytesOf)).rejects.toMatchObject({ code: 'http/short' })
  })
})

test('over plain HTTP, a blob goes to a registry', async () => {
  const server = await startRegistry()
  onTestFinished(() => server.close())
  const data = sampleBytes(100_000)
  const { sha256: digest } = contentOf(data)
  const at = { format: 'blob', image: 'hello', mediaType: 'application/octet-stream', digest: sha256(digest) } as const
  const repository = open('registry', server.url, { account: 'password', username: 'releaser' })
  expect(await repository.create(itemOf(data, at), bodyOf(data), soon())).toEqual({ outcome: 'accepted' })
  expect(server.image('hello').blobs.get(`sha256:${digest}`)).toEqual(data)
})

test('from HTTPS no download leads to plain HTTP', async () => {
  const plain = await listen((_, response) => response.end('read by anybody'))
  const secure = await listen((_, response) => response.writeHead(302, { location: plain.url }).end(), tls)
  onTestFinished(async () => void (await Promise.all([plain.close(), secure.close()])))
  const client = createHttpClient({ origin: secure.url, secrets: () => undefined })
  await expect(client.download('/', soon())).rejects.toMatchObject({ code: 'http/redirect' })
})

test('where a server speaks plain HTTP, an https address says so', async () => {
  const plain = await listen((_, response) => response.end('hello'))
  onTestFinished(() => plain.close())
  const client = createHttpClient({ origin: plain.url.replace('http:', 'https:'), secrets: () => undefined })
  await expect(client.send({ method: 'GET', path: '/' }, soon())).rejects.toMatchObject({
    code: 'http/tls',
    message: expect.stringContaining('does not speak TLS on this port'),
  })
})
