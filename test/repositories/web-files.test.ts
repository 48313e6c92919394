// Files on a web server as it is in earnest: nginx with WebDAV, over HTTPS.
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { bytes, instant, later, sha256 } from '@stagegate/schema'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createEnvironment } from '../../packages/uploader/src/repository/environment.js'
import { openHttp } from '../../packages/uploader/src/repository/http-files/index.js'
import { httpFiles } from '../../packages/uploader/src/repository/web.js'
import type { Store } from '../../packages/uploader/src/store/index.js'
import { type Place, repositoryConformance } from '../../packages/uploader/src/testing/conformance/index.js'
import { type StorePlace, storeConformance } from '../../packages/uploader/src/testing/conformance/store/index.js'
import { temporaryFolder } from '../release/files.js'
import { type Running, startNginx, webdavFolder } from '../tasks/servers.mjs'

const nowhere = 'https://127.0.0.1:1'
const folder = temporaryFolder()
const files = join(folder, 'files')
/** By what it can do: with MOVE; and without, where it overwrites. */
const servers: { move?: Running; plain?: Running } = {}
beforeAll(async () => {
  mkdirSync(files, { recursive: true })
  const passwords = join(folder, 'passwords')
  // The form of RFC 2307 for SHA-1, which nginx reads.
  const line = (name: string, password: string) => `${name}:{SHA}${createHash('sha1').update(password).digest('base64')}\n`
  writeFileSync(passwords, line('acme', 'writes'))
  servers.move = await startNginx(join(folder, 'move'), webdavFolder(files, { passwords }))
  servers.plain = await startNginx(join(folder, 'plain'), webdavFolder(files, { methods: 'PUT MKCOL' }))
})
afterAll(() => Promise.all([servers.move?.stop(), servers.plain?.stop()]))

const soon = () => ({ signal: AbortSignal.timeout(30_000), deadline: later(instant(Date.now()), 30) })
let places = 0
function emptyFolder(): string {
  const name = `place-${places++}`
  mkdirSync(join(files, name))
  return name
}

function repositoryPlace(): Place {
  const name = emptyFolder()
  const open = (password: string, url = servers.move?.url) =>
    httpFiles(`${url}/${name}`, { username: 'acme', password: { value: password } })
  return {
    repository: open('writes'),
    another: () => open('writes'),
    unreachable: () => open('writes', nowhere),
    refused: () => open('of-nobody'),
    remove: (location) => rmSync(join(files, name, location)),
  }
}

function storePlace(): StorePlace {
  const name = emptyFolder()
  const open = (password: string, origin = servers.move?.url ?? ''): Store => {
    const settings = { path: `/${name}`, account: 'basic', username: 'acme' } as const
    const environment = createEnvironment({ variables: { PASSWORD: password } })
    return openHttp({ settings, role: 'public', origin, access: 'write', credentials: ['PASSWORD'] }, environment).store
  }
  return {
    store: open('writes'),
    another: () => open('writes'),
    unreachable: () => open('writes', nowhere),
    refused: () => open('of-nobody'),
    remove: (path) => rmSync(join(files, name, path)),
  }
}

const without = ['failing', 'readOnly', 'losingAnswers'] as const

describe('on nginx with MOVE, files keep what a repository promises', () => {
  const options = { formats: ['file'], without: [...without, 'copy', 'tags', 'referrers'], name: 'nginx' } as const
  for (const one of repositoryConformance(repositoryPlace, { ...options, formats: ['deb', 'rpm', 'file'] })) test(one.name, one.run)
})

describe('on nginx with MOVE, a folder keeps what a store promises', () => {
  for (const one of storeConformance(storePlace, { without: [...without, 'now'], name: 'nginx' })) test(one.name, one.run)
})

const at = { format: 'file', path: 'acme/1.2.3/acme.tar.gz' } as const
const itemOf = (data: Buffer) => ({
  coordinates: at,
  content: { sha256: sha256(createHash('sha256').update(data).digest('hex')), size: bytes(data.length) },
})
const sending = (data: Buffer) => [itemOf(data), { content: itemOf(data).content, stream: () => Readable.from([data]) }, soon()] as const

test('uploads that were finished leave nothing beside the files', async () => {
  const name = emptyFolder()
  const repository = httpFiles(`${servers.move?.url}/${name}`, { username: 'acme', password: { value: 'writes' } })
  expect(await repository.create(...sending(Buffer.from('bytes')))).toMatchObject({ outcome: 'accepted' })
  expect(await repository.create(...sending(Buffer.from('other')))).toEqual({ outcome: 'exists' })
  expect(readdirSync(join(files, name, '.stagegate'), { recursive: true }).sort()).toEqual(['probe', 'probe-move', 'uploads'])
  expect(readFileSync(join(files, name, at.path), 'utf8')).toBe('bytes')
})

describe('a server without MOVE, which overwrites,', () => {
  test('is refused by name before anything is uploaded', async () => {
    const name = emptyFolder()
    const repository = httpFiles(`${servers.plain?.url}/${name}`)
    await expect(repository.create(...sending(Buffer.from('bytes')))).rejects.toMatchObject({
      code: 'store/no-preconditions',
      where: `${servers.plain?.url}/${name}/.stagegate/probe`,
      next: expect.stringContaining("overwrites: 'checked'"),
    })
    expect(readdirSync(join(files, name))).toEqual(['.stagegate'])
  })

  test('is looked at before each write where the author takes that', async () => {
    const repository = httpFiles(`${servers.plain?.url}/${emptyFolder()}`, { overwrites: 'checked' })
    expect(await repository.create(...sending(Buffer.from('bytes')))).toMatchObject({ outcome: 'accepted' })
    expect(await repository.create(...sending(Buffer.from('other')))).toEqual({ outcome: 'exists' })
  })
})

test('nothing is staged where everybody reads', async () => {
  const repository = httpFiles(`${servers.move?.url}/${emptyFolder()}`, {
    role: 'staging',
    username: 'acme',
    password: { value: 'writes' },
  })
  await expect(repository.create(...sending(Buffer.from('bytes')))).rejects.toMatchObject({ code: 'repository/not-private' })
})
