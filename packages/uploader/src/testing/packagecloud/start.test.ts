import { access, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { tls } from '../authority.js'
import { makeDeb, makeRpm } from '../packages/index.js'
import { type PackagecloudOptions, type PackagecloudServer, startPackagecloud } from './index.js'

const deb = makeDeb({ name: 'acme', version: '1:1.2.3-7', architecture: 'amd64' })
const rpm = makeRpm({ name: 'acme', version: '1.2.3', release: '1.el9', architecture: 'x86_64' })
const staging = '/api/v1/repos/acme/staging'

async function start(options: Partial<PackagecloudOptions> = {}) {
  const repositories = {
    'acme/staging': { token: 'one', private: true, readToken: 'reader' },
    'acme/stable': { token: 'one' },
    'other/repo': { token: 'two' },
  }
  const server = await startPackagecloud({ repositories, tls, ...options })
  onTestFinished(() => server.close())
  return server
}
function basic(user: string, password = '') {
  return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` }
}
async function ask(server: PackagecloudServer, method: string, path: string, more: RequestInit = {}) {
  const answer = await fetch(server.url + path, { method, redirect: 'manual', headers: basic('one'), ...more })
  const text = await answer.text()
  return { status: answer.status, headers: answer.headers, body: text === '' ? undefined : (JSON.parse(text) as unknown) }
}
function form(parts: Readonly<Record<string, string | Uint8Array>>, filename = 'x.deb') {
  const body = new FormData()
  for (const [name, value] of Object.entries(parts)) {
    if (typeof value === 'string') body.append(name, value)
    else body.append(name, new Blob([Uint8Array.from(value)]), filename)
  }
  return { body }
}
const push = (server: PackagecloudServer, file: Uint8Array, id: number, repository = 'acme/staging') =>
  ask(
    server,
    'POST',
    `/api/v1/repos/${repository}/packages.json`,
    form({ 'package[distro_version_id]': String(id), 'package[package_file]': file }),
  )

describe('the server takes an upload', () => {
  test('and tells of it as packagecloud does: the file named after the package, the size as a text, what is null, a token in download_url', async () => {
    const server = await start()
    const { status, body } = await push(server, deb, 237)
    expect(status).toBe(201)
    expect(body).toMatchObject({
      name: 'acme',
      version: '1.2.3',
      release: '7',
      epoch: '1',
      filename: 'acme_1.2.3-7_amd64.deb',
      distro_version: 'ubuntu/jammy',
      size: String(deb.length),
      private: true,
      package_url: `${staging}/package/deb/ubuntu/jammy/acme/amd64/1.2.3-7.json`,
      download_url: expect.stringContaining('//read-token-of-acme-staging:@127.0.0.1'),
    })
    expect(body).not.toHaveProperty('distro_version_id')
    expect(await push(server, rpm, 240)).toMatchObject({
      status: 201,
      body: { package_url: `${staging}/package/rpm/el/9/acme/x86_64/1.2.3/1.el9.json` },
    })
    for (const stored of server.packages('acme/staging'))
      expect(await ask(server, 'GET', `${staging}/search.json?q=${stored.file}`)).toMatchObject({
        status: 200,
        body: [{ filename: stored.file }],
      })
  })

  test.each<[string, Parameters<typeof form>[0]]>([
    // As the official JavaScript client sends it.
    ['a plain filename', { filename: 'acme.deb' }],
    ['several fields of other things', { force: '1', user: '{"a":1}', 'packages[0]': 'x', package: 'x' }],
    ['a file in another field', { attachment: Buffer.from('other') }],
  ])('whatever else is in its form: %s', async (_what, others) => {
    const folder = await mkdtemp(join(tmpdir(), 'packagecloud-test-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const server = await start({ storage: folder })
    const sent = form({ ...others, 'package[distro_version_id]': '237', 'package[package_file]': deb })
    expect(await ask(server, 'POST', `${staging}/packages.json`, sent)).toMatchObject({ status: 201 })
    expect(server.packages('acme/staging').map(({ file }) => file)).toEqual(['acme_1.2.3-7_amd64.deb'])
    expect(await readdir(folder)).toHaveLength(1)
    expect(server.violations).toEqual([])
  })

  test('but not with two packages in it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'packagecloud-test-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const server = await start({ storage: folder })
    const { body } = form({ 'package[distro_version_id]': '237', 'package[package_file]': deb })
    body.append('package[package_file]', new Blob([Uint8Array.from(rpm)]), 'x.rpm')
    const refused = { status: 422, body: { package_file: ['is given twice'] } }
    expect(await ask(server, 'POST', `${staging}/packages.json`, { body })).toMatchObject(refused)
    expect(await readdir(folder)).toEqual([])
  })

  test.each<[string, Parameters<typeof form>[0], unknown]>([
    ['without a distribution', { 'package[package_file]': deb }, { distro_version_id: ["can't be blank"] }],
    [
      'for a distribution that it does not know',
      { 'package[distro_version_id]': '1', 'package[package_file]': deb },
      { distro_version_id: ['is invalid'] },
    ],
    [
      'for a distribution of another format',
      { 'package[distro_version_id]': '240', 'package[package_file]': deb },
      { distro_version_id: ['is invalid'] },
    ],
    ['without a file', { 'package[distro_version_id]': '237' }, { package_file: ["can't be blank"] }],
    ['in another field', { 'package[distro_version_id]': '237', file: deb }, { package_file: ["can't be blank"] }],
    [
      'with a field of the package that it does not know',
      { 'package[distro_version_id]': '237', 'package[force]': '1', 'package[package_file]': deb },
      { 'package[force]': ['is not a field'] },
    ],
    [
      'that is no package',
      { 'package[distro_version_id]': '237', 'package[package_file]': Buffer.from('no') },
      { package_file: ['is not a package'] },
    ],
  ])('but not %s', async (_, parts, body) => {
    const folder = await mkdtemp(join(tmpdir(), 'packagecloud-test-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const server = await start({ storage: folder })
    expect(await ask(server, 'POST', `${staging}/packages.json`, form(parts))).toMatchObject({ status: 422, body })
    expect(await readdir(folder)).toEqual([])
  })

  test('but not one that is not a form', async () => {
    const server = await start()
    expect(await ask(server, 'POST', `${staging}/packages.json`, { body: 'x' })).toMatchObject({ status: 422 })
  })

  test('of one name once in a distribution, also when two come at the same time', async () => {
    const server = await start()
    const answers = await Promise.all([push(server, deb, 237), push(server, deb, 237), push(server, deb, 284)])
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 201, 422])
    expect(await push(server, deb, 237)).toMatchObject({ status: 422, body: { filename: ['has already been taken'] } })
  })

  test('only with the token of the repository: an unknown one is 401, another one’s is 404', async () => {
    const server = await start()
    const tried = async (headers: Record<string, string>) => (await ask(server, 'GET', `${staging}/packages.json`, { headers })).status
    expect(await tried(basic('one'))).toBe(200)
    expect(await tried({})).toBe(401)
    expect(await tried(basic('one', 'password'))).toBe(401)
    expect(await tried(basic('reader'))).toBe(401)
    expect(await tried({ authorization: 'Bearer one' })).toBe(401)
    expect(await tried(basic('two'))).toBe(404)
    expect((await ask(server, 'GET', '/api/v1/repos/acme/unknown/packages.json')).status).toBe(404)
  })
})

test('lists are paged, and a page that is too large is cut without a word', async () => {
  const server = await start({ maxPerPage: 2 })
  for (const name of ['a', 'b', 'c']) await push(server, makeDeb({ name: `${name}${name}`, version: '1', architecture: 'all' }), 237)
  const { headers, body } = await ask(server, 'GET', `${staging}/search.json?q=&dist=ubuntu/jammy&per_page=100`)
  expect([headers.get('total'), headers.get('per-page'), headers.get('max-per-page')]).toEqual(['3', '2', '2'])
  expect(headers.get('link')).toContain(`<${server.url}${staging}/search.json?q=&dist=ubuntu%2Fjammy&per_page=100&page=2>; rel="next"`)
  expect(body).toHaveLength(2)
  const last = await ask(server, 'GET', `${staging}/search.json?q=&per_page=2&page=2`)
  expect(last.body).toMatchObject([{ name: 'cc' }])
  expect(last.headers.get('link')).not.toContain('next')
})

test.each([
  ['q=acme_', 2],
  ['q=nothing', 0],
  ['q=&dist=ubuntu', 1],
  ['q=&dist=ubuntu/jammy&filter=rpms', 1],
  ['q=&dist=el/9', 1],
  ['q=&filter=debs', 2],
  ['q=&filter=all&arch=x86_64', 1],
])('a search for %s finds %i', async (query, count) => {
  const server = await start()
  await push(server, deb, 237)
  await push(server, deb, 215)
  await push(server, rpm, 240)
  expect((await ask(server, 'GET', `${staging}/search.json?${query}`)).body).toHaveLength(count)
})

test('digest, index and list take their time, counted in looks', async () => {
  const server = await start({ lags: { digestAfter: 2, indexedAfter: 3, listedAfter: 1 } })
  await push(server, deb, 237)
  const look = async () => (await ask(server, 'GET', `${staging}/packages.json`)).body
  expect(await look()).toEqual([])
  expect(await look()).toMatchObject([{ sha256sum: null, indexed: false }])
  expect(await look()).toMatchObject([{ sha256sum: expect.stringMatching(/^[0-9a-f]{64}$/), indexed: false }])
  expect(await look()).toMatchObject([{ indexed: true }])
})

test('distributions have the ids of packagecloud.io, and entries without names', async () => {
  const server = await start()
  expect((await ask(server, 'GET', '/api/v1/distributions.json', { headers: {} })).status).toBe(401)
  expect((await ask(server, 'GET', '/api/v1/distributions.json')).body).toMatchObject({
    deb: expect.arrayContaining([
      {
        display_name: 'debian',
        index_name: 'debian',
        versions: expect.arrayContaining([expect.objectContaining({ id: 215, index_name: 'bookworm' })]),
      },
    ]),
    py: [{ versions: [{ id: 166, display_name: 'Python' }] }],
  })
})

describe('promote', () => {
  test.each<[string, string, RequestInit]>([
    ['in the query', '?destination=acme/stable', {}],
    ['in a form', '', { body: new URLSearchParams({ destination: 'acme/stable' }) }],
    ['as JSON', '', { body: '{"destination":"acme/stable"}', headers: { ...basic('one'), 'content-type': 'application/json' } }],
  ])('moves, with the destination %s', async (_, query, more) => {
    const server = await start()
    await push(server, deb, 237)
    expect(await ask(server, 'POST', `${staging}/ubuntu/jammy/acme_1.2.3-7_amd64.deb/promote.json${query}`, more)).toMatchObject({
      status: 200,
      body: { repository: 'stable' },
    })
    expect(server.packages('acme/staging')).toEqual([])
    expect(server.packages('acme/stable')).toHaveLength(1)
  })

  test('refuses a name that is taken there, a destination that one may not see, and what is not there', async () => {
    const server = await start()
    await push(server, deb, 237)
    await push(server, deb, 237, 'acme/stable')
    const promote = (file: string, destination: string) =>
      ask(server, 'POST', `${staging}/ubuntu/jammy/${file}/promote.json?destination=${destination}`)
    expect(await promote('acme_1.2.3-7_amd64.deb', 'acme/stable')).toMatchObject({
      status: 422,
      body: { filename: ['has already been taken'] },
    })
    expect((await promote('acme_1.2.3-7_amd64.deb', 'other/repo')).status).toBe(404)
    expect((await promote('other.deb', 'acme/stable')).status).toBe(404)
  })

  test('can be done without an answer', async () => {
    const server = await start({ faults: [{ on: { path: /promote/ }, do: { commitThenReset: true } }] })
    await push(server, deb, 237)
    await expect(
      ask(server, 'POST', `${staging}/ubuntu/jammy/acme_1.2.3-7_amd64.deb/promote.json?destination=acme/stable`),
    ).rejects.toThrow()
    expect(server.packages('acme/stable')).toHaveLength(1)
  })
})

test('a package is deleted once', async () => {
  const server = await start()
  await push(server, deb, 237)
  expect(await ask(server, 'DELETE', `${staging}/ubuntu/jammy/acme_1.2.3-7_amd64.deb`)).toMatchObject({ status: 200, body: {} })
  expect(await ask(server, 'DELETE', `${staging}/ubuntu/jammy/acme_1.2.3-7_amd64.deb`)).toMatchObject({
    status: 422,
    body: { filename: ['not found'] },
  })
})

describe('downloads', () => {
  test('of a public repository are for everybody, those of a private one for its tokens', async () => {
    const server = await start()
    await push(server, deb, 237)
    await push(server, deb, 237, 'acme/stable')
    const path = (repository: string, suffix = '') => `/${repository}/packages/ubuntu/jammy/acme_1.2.3-7_amd64.deb/download${suffix}`
    const status = async (of: string, headers: Record<string, string>) => (await ask(server, 'GET', of, { headers })).status
    expect(await status(path('acme/stable'), {})).toBe(302)
    expect(await status(path('acme/stable', '.deb'), {})).toBe(302)
    expect(await status(path('acme/staging'), {})).toBe(401)
    expect(await status(path('acme/staging'), basic('reader'))).toBe(302)
    expect(await status(path('acme/staging'), basic('one'))).toBe(302)
    expect(await status(path('acme/stable').replace('1.2.3', '9'), {})).toBe(404)
  })

  test('come from the storage, which takes neither a credential nor an address that it did not sign', async () => {
    const server = await start()
    await push(server, deb, 237, 'acme/stable')
    const { headers } = await ask(server, 'GET', '/acme/stable/packages/ubuntu/jammy/acme_1.2.3-7_amd64.deb/download')
    const signed = headers.get('location') ?? ''
    expect(signed.startsWith(`${server.downloadUrl}/`)).toBe(true)
    expect(Buffer.from(await (await fetch(signed)).arrayBuffer())).toEqual(Buffer.from(deb))
    expect((await fetch(signed.replace(/t=\d/, 't=9'))).status).toBe(403)
    expect(server.violations).toEqual([])
    expect((await fetch(signed, { headers: basic('one') })).status).toBe(400)
    expect(server.violations).toEqual([expect.stringContaining('came with a credential')])
  })

  test('can have another last byte', async () => {
    const server = await start({ faults: [{ on: { path: /package_files/ }, do: { serveOtherBytes: true } }] })
    await push(server, deb, 237, 'acme/stable')
    const { headers } = await ask(server, 'GET', '/acme/stable/packages/ubuntu/jammy/acme_1.2.3-7_amd64.deb/download')
    const bytes = Buffer.from(await (await fetch(headers.get('location') ?? '')).arrayBuffer())
    expect(bytes.length).toBe(deb.length)
    expect(bytes.subarray(0, -1)).toEqual(Buffer.from(deb).subarray(0, -1))
    expect(bytes.at(-1)).not.toBe(deb.at(-1))
  })
})

test('faults come in their order, after as many good answers as they say, as often as they say', async () => {
  const server = await start({
    faults: [{ on: { method: 'GET', path: 'packages' }, after: 1, times: 2, do: { answer: 503, headers: { 'retry-after': '1' } } }],
  })
  server.faults.add({ do: { answer: 402 } })
  const statuses: number[] = []
  for (const path of ['packages', 'search', 'packages', 'packages', 'packages'])
    statuses.push((await ask(server, 'GET', `${staging}/${path}.json`)).status)
  expect(statuses).toEqual([402, 200, 503, 503, 200])
  server.faults.add({ times: Number.POSITIVE_INFINITY, do: { answer: 500 } })
  expect((await ask(server, 'GET', '/')).status).toBe(500)
  server.faults.clear()
  expect((await ask(server, 'GET', '/')).status).toBe(404)
})

test('the log of requests has no credential in it, and nothing is left of the server afterwards', async () => {
  const server = await start()
  await push(server, deb, 237)
  expect(server.requests).toMatchObject([
    { at: 'site', method: 'POST', path: `${staging}/packages.json`, headers: { authorization: '(given)' } },
  ])
  const path = server.packages('acme/staging')[0]?.path ?? ''
  await access(path)
  await server.close()
  await expect(access(path)).rejects.toMatchObject({ code: 'ENOENT' })
})
