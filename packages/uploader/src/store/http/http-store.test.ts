// Answers of web servers that are none of those that a file needs.
import { expect, onTestFinished, test } from 'vitest'
import { createEnvironment } from '../../repository/environment.js'
import { openHttp } from '../../repository/http-files/index.js'
import { tls } from '../../testing/authority.js'
import { startFileServer } from '../../testing/file-server/start.js'
import { soon } from '../../testing/fixtures.js'
import { sendable } from '../../testing/s3-world.js'
import type { Fault } from '../../testing/server/faults.js'
import { storePath } from '../path.js'

const path = storePath('acme.tar.gz')
const body = () => sendable(Buffer.from('bytes'))

async function world({
  faults = [],
  overwrites,
  mayCheck = false,
}: {
  faults?: readonly Fault[]
  overwrites?: boolean
  mayCheck?: boolean
} = {}) {
  const server = await startFileServer({ tls, faults, ...(overwrites !== undefined && { overwrites }) })
  onTestFinished(async () => {
    await server.close()
    expect(server.violations).toEqual([])
  })
  const settings = { path: '/files', account: 'none', ...(mayCheck && { overwrites: 'checked' as const }) } as const
  const opening = { settings, role: 'public', origin: server.url, access: 'write', credentials: [] } as const
  return { server, store: openHttp(opening, createEnvironment({ variables: {} })).store }
}

test.each([
  [301, 'repository/refused', true],
  [401, 'repository/unauthorized', true],
  [403, 'repository/forbidden', true],
  [405, 'repository/unsupported', true],
  [409, 'repository/retry-later', false],
  [418, 'repository/unexpected-answer', false],
  [429, 'repository/retry-later', false],
  [500, 'repository/retry-later', false],
  [501, 'repository/unsupported', true],
  [503, 'repository/retry-later', false],
  [507, 'repository/refused', true],
])('a write that is answered %i is %s', async (status, code, isRefusal) => {
  const { store, server } = await world({ faults: [{ on: { method: 'PUT', path: /acme/ }, do: { answer: status } }] })
  const error = await store.create(path, body(), soon()).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code, where: `${server.url}/files/acme.tar.gz` })
  expect(error instanceof Error && error.constructor.name === 'RepositoryRefusal').toBe(isRefusal)
  expect(await store.observe(path, soon())).toEqual({ saw: 'absent' })
})

test('a file that is too large for the server is refused, and no other one', async () => {
  const { store } = await world({ faults: [{ on: { method: 'PUT', path: /acme/ }, do: { answer: 413 } }] })
  expect(await store.create(path, body(), soon())).toMatchObject({ outcome: 'refused', because: { code: 'repository/too-large' } })
  expect(await store.create(storePath('small.txt'), body(), soon())).toEqual({ outcome: 'accepted' })
})

test.each([301, 401, 403, 418, 500, 503])('a look that is answered %i tells nothing', async (status) => {
  const { store } = await world({ faults: [{ on: { method: 'HEAD' }, do: { answer: status } }] })
  await expect(store.observe(path, soon())).rejects.toThrow(String(status))
})

test('a server that overwrites is refused, with what to do', async () => {
  const { store, server } = await world({ overwrites: true })
  await expect(store.create(path, body(), soon())).rejects.toMatchObject({ code: 'store/no-preconditions' })
  expect([...server.files.keys()].every((name) => name.startsWith('/files/.stagegate/'))).toBe(true)
})

test('one that forgets what it took is found out, where each write is read back', async () => {
  const { store } = await world({
    overwrites: true,
    mayCheck: true,
    faults: [{ on: { method: 'PUT', path: /acme/ }, do: { acceptAndForget: true } }],
  })
  await expect(store.create(path, body(), soon())).rejects.toThrow('404')
})

test('a server is tried once, and again after it was in trouble', async () => {
  const { store, server } = await world({ faults: [{ on: { method: 'PUT' }, do: { answer: 503 } }] })
  await expect(store.create(path, body(), soon())).rejects.toMatchObject({ code: 'repository/retry-later' })
  expect(await store.create(path, body(), soon())).toEqual({ outcome: 'accepted' })
  expect(await store.create(path, body(), soon())).toEqual({ outcome: 'exists' })
  const puts = server.requests.filter(({ method }) => method === 'PUT').map(({ path: to }) => to)
  expect(puts).toEqual([...Array(3).fill('/files/.stagegate/probe'), '/files/acme.tar.gz', '/files/acme.tar.gz'])
})
