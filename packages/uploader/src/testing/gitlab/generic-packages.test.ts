import { describe, expect, onTestFinished, test } from 'vitest'
import { tls } from '../authority.js'
import { asking, job } from './emulated.js'
import { GenericPackages, type GenericPackagesOptions } from './generic-packages.js'
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
})
