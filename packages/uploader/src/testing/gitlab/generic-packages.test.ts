import { once } from 'node:events'
import { request } from 'node:https'
import { describe, expect, onTestFinished, test } from 'vitest'
import { authority, tls } from '../authority.js'
import { asking, job } from './emulated.js'
import { GenericPackages } from './generic-packages.js'
import type { GenericPackagesOptions } from './generic-packages-options.js'
import { Jobs } from './jobs.js'
import { startGitlab } from './start.js'

const at = '/api/v4/projects/7/packages/generic'

/** With no projects but those that jobs run in. */
async function generic(options: Omit<GenericPackagesOptions, 'jobs'> = {}) {
  const jobs = new Jobs()
  const packages = new GenericPackages({ jobs, ...options })
  const server = await startGitlab([jobs, packages], { tls })
  onTestFinished(() => server.close())
  const token = jobs.start(job)
  const ask = asking(server, { 'job-token': token })
  const put = async (path: string, body: string | Uint8Array<ArrayBuffer>) => (await ask(`${at}/${path}`, { method: 'PUT', body })).status
  return { jobs, packages, server, token, ask, put }
}

describe('generic packages', () => {
  test('take a second file of one name, and give the newest', async () => {
    const { packages, ask, put } = await generic()
    expect([await put('acme/1.2.3/a.txt', 'one'), await put('acme/1.2.3/a.txt', 'two')]).toEqual([201, 201])
    expect(packages.all['acme/1.2.3']?.map(({ id, text }) => [id, text])).toEqual([
      [1, 'one'],
      [2, 'two'],
    ])
    const answer = await ask(`${at}/acme/1.2.3/a.txt`)
    expect([answer.status, await answer.text()]).toEqual([200, 'two'])
    expect((await ask(`${at}/acme/1.2.3/b.txt`)).status).toBe(404)
  })

  test('refuse it where they are set to', async () => {
    const { put } = await generic({ duplicates: 'refused' })
    expect([await put('acme/1/a', 'one'), await put('acme/1/a', 'one'), await put('acme/1/b', 'two')]).toEqual([201, 400, 201])
  })

  test.each(['a b/1/a', 'acme/1..2/a', 'acme/1/a~', 'acme/1/~a', 'ac%C3%A4me/1/a', 'acme/1:2/a'])('do not take %s', async (path) => {
    const { packages, put } = await generic()
    expect(await put(path, 'one')).toBe(400)
    expect(packages.all).toEqual({})
  })

  test('show a file that was just sent, and list in pages what there is', async () => {
    const { ask, put } = await generic({ maxPerPage: 2 })
    for (const version of ['1', '2', '3']) await put(`acme/${version}/a`, 'x')
    await put('other/1/a', 'x')
    const sent = await ask(`${at}/acme/1/b?select=package_file`, { method: 'PUT', body: 'y' })
    expect(await sent.json()).toMatchObject({
      id: 5,
      package_id: 1,
      file_name: 'b',
      size: 1,
      file_sha256: expect.stringMatching(/^a1fce4/),
    })
    const page = async (query: string) => {
      const answer = await ask(`/api/v4/projects/7/packages?${query}`)
      const listed: readonly { name: string; version: string }[] = JSON.parse(await answer.text())
      return [listed.map(({ name, version }) => `${name} ${version}`), answer.headers.get('x-next-page')]
    }
    expect(await page('package_name=ACM&per_page=100')).toEqual([['acme 1', 'acme 2'], '2'])
    expect(await page('package_name=acme&per_page=100&page=2')).toEqual([['acme 3'], ''])
    expect(await page('package_version=1')).toEqual([['acme 1', 'other 1'], ''])
    expect(await page('package_type=npm')).toEqual([[], ''])
    expect(await (await ask('/api/v4/projects/7/packages/1/package_files')).json()).toMatchObject([{ id: 1 }, { id: 5 }])
    expect((await ask('/api/v4/projects/7/packages?per_page=0')).status).toBe(400)
  })

  test('say which pipeline sent a file, and nothing of what came without a job', async () => {
    const { jobs, packages, ask } = await generic()
    const another = jobs.start({ ...job, ref: { branch: 'topic' }, pipeline: 200, user: 'mallory' })
    await ask(`${at}/acme/1/a`, { method: 'PUT', body: 'x' })
    await ask(`${at}/acme/1/b`, { method: 'PUT', body: 'x' }, { 'job-token': another })
    packages.add(7, ['acme', '1'], { name: 'c', text: 'x' })
    const files: readonly { pipelines?: unknown }[] = JSON.parse(await (await ask('/api/v4/projects/7/packages/1/package_files')).text())
    expect(files).toMatchObject([
      { file_name: 'a', pipelines: [{ id: 100, project_id: 7, ref: 'v1', sha: 'c'.repeat(40), user: { username: 'ada' } }] },
      { file_name: 'b', pipelines: [{ id: 200, ref: 'topic', user: { username: 'mallory' } }] },
      { file_name: 'c' },
    ])
    expect(files[2]).not.toHaveProperty('pipelines')
    expect(await (await ask('/api/v4/projects/7/packages')).json()).toMatchObject([{ pipeline: { id: 200 } }])
  })

  test('are hidden by any upload that asks for it, and shown again by another', async () => {
    const { ask, put } = await generic()
    await put('acme/1/a', 'x')
    const listed = async (query: string) => {
      const found: readonly { status: string }[] = JSON.parse(await (await ask(`/api/v4/projects/7/packages${query}`)).text())
      return found.map(({ status }) => status)
    }
    expect(await put('acme/1/b?status=hidden', 'x')).toBe(201)
    expect([await listed(''), await listed('?status=hidden')]).toEqual([[], ['hidden']])
    // By its number it is not found, by its name it is given.
    expect((await ask('/api/v4/projects/7/packages/1/package_files')).status).toBe(404)
    expect((await ask(`${at}/acme/1/a`)).status).toBe(200)
    // An upload that says nothing of a status changes none.
    expect(await put('acme/1/c', 'x')).toBe(201)
    expect(await listed('')).toEqual([])
    expect(await put('acme/1/d?status=default', 'x')).toBe(201)
    expect([await listed(''), await listed('?status=hidden')]).toEqual([['default'], []])
    expect([await put('acme/1/e?status=gone', 'x'), (await ask('/api/v4/projects/7/packages?status=gone')).status]).toEqual([400, 400])
  })

  test('take another file of one name from two that come at the same time, though duplicates are refused', async () => {
    const { packages, server, token, ask, put } = await generic({ duplicates: 'refused-unless-raced' })
    const late = request(`${server.url}${at}/acme/1/a`, { method: 'PUT', ca: authority.ca, headers: { 'job-token': token } })
    const answered = once(late, 'response')
    late.flushHeaders()
    await expect.poll(() => server.requests.length).toBe(1)
    expect(await put('acme/1/a', 'one')).toBe(201)
    late.end('two')
    const [{ statusCode }] = await answered
    expect(statusCode).toBe(201)
    expect(packages.all['acme/1']?.map(({ text }) => text)).toEqual(['one', 'two'])
    const answer = await ask(`${at}/acme/1/a`, { method: 'PUT', body: 'x' })
    expect([answer.status, await answer.json()]).toEqual([400, { message: '400 Bad request - Duplicate package is not allowed' }])
  })

  test('fail for all but one of those that create one package at the same time, where they are set to', async () => {
    const { packages, put } = await generic({ raceWith500: true })
    const statuses = await Promise.all(['a', 'b', 'c', 'd'].map((name) => put(`acme/1/${name}`, 'x'.repeat(100_000))))
    expect(statuses.filter((status) => status === 201)).toHaveLength(packages.all['acme/1']?.length ?? 0)
    expect(statuses.every((status) => status === 201 || status === 500)).toBe(true)
  })

  test('take no file that is too large', async () => {
    const { packages, ask, put } = await generic({ maxFileSize: 3 })
    const answer = await ask(`${at}/acme/1/a`, { method: 'PUT', body: 'abcd' })
    expect([answer.status, await answer.json()]).toEqual([400, { message: '400 Bad request - File is too large' }])
    expect(packages.all).toEqual({})
    expect(await put('acme/1/a', 'abc')).toBe(201)
  })

  // lib/api/generic_packages.rb: `encoded_file_name`
  test('keep a file in a folder under one name, %-encoded, and give it by its path', async () => {
    const { packages, ask, put } = await generic()
    expect(await put('acme/1/el%209/x86_64/a~1.rpm', 'x')).toBe(201)
    expect(packages.all['acme/1']?.map(({ name }) => name)).toEqual(['el%209%2Fx86_64%2Fa%7E1.rpm'])
    expect((await ask(`${at}/acme/1/el%209/x86_64/a~1.rpm`)).status).toBe(200)
    for (const path of ['acme/1/a~1.rpm', 'acme/1/x86_64/a~1.rpm']) expect((await ask(`${at}/${path}`)).status).toBe(404)
    for (const path of ['acme/1/..%2F..%2Fa', 'acme/1/x%2F..%2Fy/a', 'acme/1/a%2Fb', 'acme/1%2F2/a']) expect(await put(path, 'x')).toBe(400)
  })

  test('take + and ~ in file names unless the version is older', async () => {
    const { put } = await generic()
    expect([await put('a+b/1+2/c+d~1', 'x'), await put('acme/1~2/a', 'x')]).toEqual([201, 400])
    const older = await generic({ refusedCharacters: '~+' })
    expect([await older.put('acme/1+2/a~1', 'x'), await older.put('acme/1+2/a+1', 'x'), await older.put('acme/1+2/a', 'x')]).toEqual([
      400, 400, 201,
    ])
  })

  // app/models/packages/package.rb: DISPLAYABLE_STATUSES and INSTALLABLE_STATUSES
  test.each([
    ['default', true, true],
    ['hidden', false, true],
    ['processing', false, false],
    ['error', true, false],
    ['pending_destruction', false, false],
    ['deprecated', true, true],
  ] as const)('are listed and given as their state says: %s', async (status, isListed, isInstallable) => {
    for (const readable of ['all', 'installable'] as const) {
      const { packages, ask, put } = await generic({ readable })
      await put('acme/1/a', 'x')
      packages.mark('acme', '1', status)
      const listed = async (query: string) => JSON.parse(await (await ask(`/api/v4/projects/7/packages${query}`)).text()).length
      expect([await listed(''), await listed(`?status=${status}`)]).toEqual([isListed ? 1 : 0, 1])
      expect((await ask('/api/v4/projects/7/packages/1/package_files')).status).toBe(isListed ? 200 : 404)
      expect((await ask(`${at}/acme/1/a`)).status).toBe(readable === 'all' || isInstallable ? 200 : 404)
    }
  })

  test('that are about to be deleted take nothing more: another one of that name is made', async () => {
    const { packages, ask, put } = await generic()
    await put('acme/1/a', 'x')
    packages.mark('acme', '1', 'pending_destruction')
    expect(await put('acme/1/a', 'y')).toBe(201)
    expect(await (await ask('/api/v4/projects/7/packages')).json()).toMatchObject([{ id: 2, status: 'default' }])
  })

  test('can lose files and packages to others', async () => {
    const { packages, ask, put } = await generic()
    for (const body of ['one', 'two', 'three']) await put('acme/1/a', body)
    await put('acme/1/b', 'other')
    packages.cleanUp()
    expect(packages.all['acme/1']?.map(({ text }) => text)).toEqual(['three', 'other'])
    packages.delete('acme', '1', 3)
    expect((await ask(`${at}/acme/1/a`)).status).toBe(404)
    packages.delete('acme', '1', undefined, 8)
    expect(Object.keys(packages.of(7))).toEqual(['acme/1'])
    packages.delete('acme', '1')
    expect(packages.all).toEqual({})
  })

  test('name the pipeline that created them, where the version is older', async () => {
    const { jobs, ask, put } = await generic({ namedPipeline: 'first' })
    await put('acme/1/a', 'x')
    await ask(`${at}/acme/1/b`, { method: 'PUT', body: 'x' }, { 'job-token': jobs.start({ ...job, pipeline: 200 }) })
    expect(await (await ask('/api/v4/projects/7/packages')).json()).toMatchObject([{ pipeline: { id: 100 } }])
  })

  test('are listed in the order that is asked for', async () => {
    const { ask, put } = await generic()
    for (const path of ['b/1/a', 'a/2/a', 'c/0/a']) await put(path, 'x')
    const names = async (query: string) => {
      const listed: readonly { name: string }[] = JSON.parse(await (await ask(`/api/v4/projects/7/packages?${query}`)).text())
      return listed.map(({ name }) => name).join('')
    }
    expect(await names('')).toBe('bac')
    expect(await names('sort=desc')).toBe('cab')
    expect([await names('order_by=name'), await names('order_by=version&sort=desc')]).toEqual(['abc', 'abc'])
    for (const query of ['order_by=size', 'sort=up']) expect((await ask(`/api/v4/projects/7/packages?${query}`)).status).toBe(400)
  })
})
