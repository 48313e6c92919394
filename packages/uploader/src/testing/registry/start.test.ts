import { request } from 'node:https'
import { connect } from 'node:tls'
import { expect, onTestFinished, test } from 'vitest'
import { authority, tls } from '../authority.js'
import { digestOf } from './image.js'
import { type RegistryOptions, startRegistry } from './index.js'

const image = 'application/vnd.oci.image.manifest.v1+json'
const index = 'application/vnd.oci.image.index.v1+json'

async function start(options: RegistryOptions = {}) {
  const server = await startRegistry({ tls, ...options })
  onTestFinished(async () => {
    await server.close()
    expect(server.violations).toEqual([])
  })
  const ask = (method: string, path: string, headers: Record<string, string> = {}, body = '') =>
    new Promise<{ status: number | undefined; headers: NodeJS.Dict<string | string[]>; json: () => unknown }>((resolve, reject) => {
      const asked = request(`${server.url}/v2/app/${path}`, { method, headers, agent: false }, (answer) => {
        const chunks: Buffer[] = []
        answer.on('data', (chunk: Buffer) => chunks.push(chunk))
        answer.on('end', () => {
          resolve({ status: answer.statusCode, headers: answer.headers, json: () => JSON.parse(Buffer.concat(chunks).toString()) })
        })
      })
      asked.once('error', reject)
      asked.end(body)
    })
  const store = (json: object, ...tags: readonly string[]) =>
    server.image('app').add(image, Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: image, ...json })), ...tags)
  return { server, ask, store }
}

test('tags are listed in pages, and so are referrers; each page but the last says where the next is', async () => {
  const { ask, store } = await start({ maxPerPage: 2 })
  const subject = { mediaType: image, digest: store({}, 'a', 'b', 'c'), size: 1 }
  for (const name of ['one', 'two', 'three']) store({ subject, annotations: { name } })
  for (const [path, all] of [
    ['tags/list', 'tags'],
    [`referrers/${subject.digest}`, 'manifests'],
  ] as const) {
    const first = await ask('GET', path)
    const [, next = ''] = /^<\/v2\/app\/([^>]+)>; rel="next"$/.exec(String(first.headers['link'])) ?? []
    const second = await ask('GET', next)
    expect([first, second].map(({ json }) => (json() as Record<string, unknown[]>)[all]?.length)).toEqual([2, 1])
    expect(second.headers['link']).toBeUndefined()
  }
})

test('attachments of a manifest are listed, and the answer to their push says so; or there is no such list', async () => {
  const { ask, store } = await start()
  const subject = { mediaType: image, digest: store({}), size: 1 }
  const body = JSON.stringify({ schemaVersion: 2, mediaType: image, subject })
  const put = await ask('PUT', `manifests/${digestOf(Buffer.from(body))}`, { 'content-type': image }, body)
  expect([put.status, put.headers['oci-subject']]).toEqual([201, subject.digest])
  const without = await start({ referrers: false })
  expect((await without.ask('GET', `referrers/${subject.digest}`)).status).toBe(404)
  expect((await without.ask('PUT', 'manifests/x', { 'content-type': image }, body)).headers['oci-subject']).toBeUndefined()
})

test.each([409, 412])('a tag that exists is refused with %i, also the same again; another is taken', async (status) => {
  const { ask, store } = await start({ immutable: { tags: /^\d/, status } })
  const body = JSON.stringify({ schemaVersion: 2, mediaType: image })
  store({}, '1.0', 'latest')
  const put = async (tag: string) => (await ask('PUT', `manifests/${tag}`, { 'content-type': image }, body)).status
  expect([await put('1.0'), await put('1.1'), await put('1.1'), await put('latest')]).toEqual([status, 201, status, 201])
})

test('a tag may be taken for a digest, as GitLab’s registry does', async () => {
  const { ask, store } = await start({ tagsAreDigests: true })
  const digest = store({})
  const answer = await ask('GET', `manifests/${digest.replace(':', '-')}`)
  expect([answer.status, answer.headers['docker-content-digest']]).toEqual([200, digest])
  expect((await ask('GET', `manifests/${digest.replace(':', '-')}.sig`)).status).toBe(404)
})

test('a manifest of a type that is not asked for is not given', async () => {
  const { ask, store } = await start()
  store({}, 'a')
  const accepting = async (accept: string) => (await ask('GET', 'manifests/a', { accept })).status
  expect([await accepting(index), await accepting(`${index}, ${image}`), await accepting(`${index}, */*`)]).toEqual([404, 200, 200])
})

test('an artifact manifest is taken, or refused', async () => {
  const type = 'application/vnd.oci.artifact.manifest.v1+json'
  for (const refusesArtifacts of [false, true]) {
    const { ask } = await start({ refusesArtifacts })
    const put = await ask('PUT', 'manifests/a', { 'content-type': type }, JSON.stringify({ mediaType: type, blobs: [] }))
    expect(put.status).toBe(refusesArtifacts ? 400 : 201)
  }
})

test('an error may come before the body was read, and end the connection', async () => {
  const { server, store } = await start({ closesOnError: true, immutable: { tags: /./, status: 412 } })
  store({}, '1.0')
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1', { ca: authority.ca })
  const chunks: Buffer[] = []
  socket.on('data', (chunk) => chunks.push(chunk))
  // The body never comes.
  socket.write(`PUT /v2/app/manifests/1.0 HTTP/1.1\r\nHost: x\r\nContent-Type: ${image}\r\nContent-Length: 100\r\n\r\n`)
  await new Promise((resolve) => socket.once('close', resolve))
  const text = Buffer.concat(chunks).toString()
  expect(text).toMatch(/^HTTP\/1\.1 412 /)
  expect(text.toLowerCase()).toContain('connection: close')
})
